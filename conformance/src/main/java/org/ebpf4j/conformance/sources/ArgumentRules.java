package org.ebpf4j.conformance.sources;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.KernelFunction;

/// Which rules of `arguments.txt` give what a parameter takes.
final class ArgumentRules {
  private static final List<String> NUMBERS = List.of("number", "number", "bounded");
  private static final List<String> MEMORY =
      List.of(
          "stack",
          "stack",
          "unset_stack",
          "value",
          "value",
          "packet",
          "record",
          "value_of_bounded",
          "unset_dynptr");

  /// By what the name of a kernel function's parameter ends with.
  private static final Map<String, List<String>> BY_SUFFIX =
      new TreeMap<>(
          Map.of(
              "__ign", List.of("number", "stack", "value", "task", "text", "unknown"),
              "__prog", List.of("number", "stack", "value", "task", "text", "unknown"),
              "__str", List.of("text"),
              "__irq_flag", List.of("interrupt_flag", "interrupt_flag", "unset_stack"),
              "__map", List.of("map"),
              "__alloc", List.of("object"),
              "__refcounted_kptr", List.of("object", "exchanged")));

  /// By the struct that a kernel function's parameter points to.
  private static final Map<String, List<String>> BY_STRUCT =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("bpf_dynptr", List.of("dynptr")),
              Map.entry(
                  "task_struct",
                  List.of(
                      "task",
                      "task_held",
                      "task_field",
                      "task_of_context",
                      "task_in_rcu",
                      "exchanged",
                      "element")),
              Map.entry("cgroup", List.of("cgroup")),
              Map.entry("bpf_cpumask", List.of("mask")),
              Map.entry("cpumask", List.of("mask", "task_field", "task_in_rcu")),
              Map.entry("bpf_res_spin_lock", List.of("resilient")),
              Map.entry("bpf_list_head", List.of("locked")),
              Map.entry("bpf_rb_root", List.of("locked")),
              Map.entry("bpf_list_node", List.of("object")),
              Map.entry("bpf_rb_node", List.of("object")),
              Map.entry("__sk_buff", List.of("context")),
              Map.entry("xdp_md", List.of("context")),
              Map.entry("sock_common", List.of("socket", "socket_held")),
              Map.entry("sock", List.of("socket_held", "socket", "kernel_context"))));

  private ArgumentRules() {}

  /// The rules for a helper's argument.
  static List<String> of(Argument argument) {
    return switch (argument.kind()) {
      case ANYTHING -> List.of("number", "unknown", "bounded");
      case CONTEXT -> List.of("context");
      case MAP -> List.of("map");
      case MAP_KEY -> List.of("stack", "value", "packet", "record");
      case MAP_VALUE -> List.of("stack", "value", "record", "unset_stack");
      case MEMORY -> MEMORY;
      case SIZE, SIZE_OR_ZERO -> NUMBERS;
      case ALLOCATION_SIZE -> List.of("number");
      case STACK -> List.of("stack");
      case SOCKET_COMMON, SOCKET -> List.of("socket", "full_socket", "socket_held");
      case BTF_OBJECT -> List.of("task", "task_held", "cgroup", "task_field", "exchanged");
      case PERCPU_BTF_OBJECT -> List.of("kernel_variable");
      case SPIN_LOCK -> List.of("locked");
      case TIMER -> List.of("timer");
      case KPTR -> List.of("kept");
      case RING_RECORD -> List.of("record_taken");
      case FUNCTION -> List.of("function");
      case STRING -> List.of("text");
      case DYNPTR -> List.of("dynptr", "dynptr", "unset_dynptr");
    };
  }

  /// The rules for a kernel function's.
  static List<String> of(KernelFunction.Parameter parameter) {
    if (parameter.name().endsWith("__uninit")) {
      return List.of("unset_dynptr");
    }
    for (Map.Entry<String, List<String>> row : BY_SUFFIX.entrySet()) {
      if (parameter.endsWith(row.getKey())) {
        return row.getValue();
      }
    }
    KernelFunction.NativeType type = parameter.type();
    return switch (type.form()) {
      case VOID, NUMBER -> NUMBERS;
      case VOID_POINTER, NUMBER_POINTER -> List.of("stack", "unset_stack", "value", "unset_dynptr");
      case FUNCTION_POINTER -> List.of("function");
      case STRUCT_POINTER ->
          type.name().startsWith("bpf_iter_")
              ? List.of("iterator")
              : BY_STRUCT.getOrDefault(
                  type.name(), List.of("stack", "unset_stack", "value", "unset_dynptr"));
    };
  }
}
