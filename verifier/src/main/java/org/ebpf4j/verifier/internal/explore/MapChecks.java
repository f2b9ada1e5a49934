package org.ebpf4j.verifier.internal.explore;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.types.DeclarationTags;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// What can be refused before the walk: functions that are listed and not called, maps that
/// programs of the type may not use, and functions that end in ways that their type does not allow.
public final class MapChecks {
  /// Fields that programs which run anywhere in the kernel may not have in their maps.
  private record Untraceable(String word, Set<SpecialField.Kind> kinds) {}

  /// In the order in which Linux looks for them (`check_map_prog_compatibility`).
  private static final List<Untraceable> UNTRACEABLE =
      List.of(
          new Untraceable(
              "bpf_{list_head,rb_root}",
              EnumSet.of(SpecialField.Kind.LIST_HEAD, SpecialField.Kind.TREE_ROOT)),
          new Untraceable(
              "bpf_spin_lock",
              EnumSet.of(SpecialField.Kind.SPIN_LOCK, SpecialField.Kind.RES_SPIN_LOCK)),
          new Untraceable("bpf_timer", EnumSet.of(SpecialField.Kind.TIMER)),
          new Untraceable("bpf_wq", EnumSet.of(SpecialField.Kind.WORK_QUEUE)));

  private MapChecks() {}

  /// Checks all of that.
  public static void check(ProgramCode code, Rules rules) {
    KernelCalls.checkAll(code, rules);
    findExceptionCallback(code, rules);
    checkListedFunctions(code);
    for (int i = 1; i < code.subprogramCount(); i++) {
      checkReturnOfPacketLoads(code, code.subprogram(i), rules);
    }
    UsedMaps used = new UsedMaps(rules);
    for (int slot = 0; slot < code.size(); slot++) {
      switch (code.reference(slot)) {
        case Reference.MapHandle handle -> checkMap(slot, handle.map(), rules, used);
        case Reference.MapData data -> checkMap(slot, data.map(), rules, used);
        case Reference.KernelVariable variable -> checkVariable(slot, variable, rules);
        case null, default -> {}
      }
    }
    checkLicense(rules);
  }

  /// Linux takes no types of functions but those that the program has by its instructions
  /// (`check_btf_func`).
  private static void checkListedFunctions(ProgramCode code) {
    if (!code.hasFunctionTypes()) {
      return;
    }
    for (int i = 0; i < code.subprogramCount(); i++) {
      Subprogram subprogram = code.subprogram(i);
      if (!subprogram.isReferred && !subprogram.isExceptionCallback) {
        throw Refusal.at(
            Errno.EINVAL, 0, "number of funcs in func_info doesn't match number of subprogs");
      }
    }
  }

  private static void checkLicense(Rules rules) {
    if (rules.isGpl()) {
      return;
    }
    switch (rules.type()) {
      case STRUCT_OPS ->
          throw Refusal.at(
              Errno.EINVAL, 0, "struct ops programs must have a GPL compatible license");
      case LSM ->
          throw Refusal.at(Errno.EINVAL, 0, "LSM programs must have a GPL compatible license");
      default -> {}
    }
  }

  /// Finds the function that catches exceptions: the main function's tag names it.
  private static void findExceptionCallback(ProgramCode code, Rules rules) {
    int main = code.subprogram(0).type();
    List<String> names =
        main == 0
            ? List.of()
            : rules.tags().after("exception_callback:", main, DeclarationTags.WHOLE);
    if (names.isEmpty()) {
      return;
    }
    if (names.size() > 1) {
      throw Refusal.at(Errno.EEXIST, 0, "multiple exception callback tags for main subprog");
    }
    for (int i = 1; i < code.subprogramCount(); i++) {
      Subprogram subprogram = code.subprogram(i);
      if (subprogram.name().equals(names.getFirst())) {
        if (!subprogram.isGlobal()) {
          throw Refusal.at(
              Errno.EINVAL,
              0,
              "exception callback '%s' must have global linkage".formatted(names.getFirst()));
        }
        subprogram.isExceptionCallback = true;
        subprogram.isCallback = true;
        subprogram.isAsyncCallback = true;
        return;
      }
    }
    throw Refusal.at(Errno.EINVAL, 0, "exception callback type id not found in func_info");
  }

  /// Source: `check_pseudo_btf_id` in Linux's `kernel/bpf/verifier.c`.
  private static void checkVariable(int slot, Reference.KernelVariable variable, Rules rules) {
    if (variable.type() != 0
        && !rules.hasVariableAddresses()
        && rules.kernel().variable(variable.name()).isPresent()) {
      throw Refusal.at(
          Errno.ENOENT,
          slot,
          "ldimm64 failed to find the address for kernel symbol '%s'.".formatted(variable.name()));
    }
  }

  private static void checkMap(int slot, String name, Rules rules, UsedMaps used) {
    if (!used.add(slot, name)) {
      return;
    }
    MapInfo map = rules.map(name).orElse(null);
    if (map == null) {
      return;
    }
    if (rules.type() == ProgramType.SOCKET_FILTER && map.hasLock()) {
      throw Refusal.at(Errno.EINVAL, slot, "socket filter progs cannot use bpf_spin_lock yet");
    }
    if (traces(rules.type())) {
      for (Untraceable field : UNTRACEABLE) {
        if (map.fields().stream().anyMatch(f -> field.kinds().contains(f.kind()))) {
          throw Refusal.at(Errno.EINVAL, slot, "tracing progs cannot use " + field.word() + " yet");
        }
      }
    }
    if (rules.isSleepable() && !allowsSleep(map)) {
      throw Refusal.at(
          Errno.EINVAL,
          slot,
          "Sleepable programs can only use array, hash, ringbuf and local storage maps");
    }
    used.check(slot, map);
  }

  /// Source: `is_tracing_prog_type` in Linux's `kernel/bpf/verifier.c`.
  private static boolean traces(ProgramType type) {
    return switch (type) {
      case KPROBE, TRACEPOINT, PERF_EVENT, RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE -> true;
      default -> false;
    };
  }

  private static boolean allowsSleep(MapInfo map) {
    return switch (map.type()) {
      case HASH,
          LRU_HASH,
          ARRAY,
          PERCPU_HASH,
          PERCPU_ARRAY,
          LRU_PERCPU_HASH,
          ARRAY_OF_MAPS,
          HASH_OF_MAPS,
          RINGBUF,
          USER_RINGBUF,
          INODE_STORAGE,
          SK_STORAGE,
          TASK_STORAGE,
          CGRP_STORAGE,
          QUEUE,
          STACK,
          ARENA ->
          true;
      case PROG_ARRAY,
          PERF_EVENT_ARRAY,
          STACK_TRACE,
          CGROUP_ARRAY,
          LPM_TRIE,
          DEVMAP,
          SOCKMAP,
          CPUMAP,
          XSKMAP,
          SOCKHASH,
          CGROUP_STORAGE,
          REUSEPORT_SOCKARRAY,
          PERCPU_CGROUP_STORAGE,
          DEVMAP_HASH,
          STRUCT_OPS,
          BLOOM_FILTER ->
          false;
    };
  }

  /// A packet load beyond the packet ends its function with 0, so the function must return a
  /// number.
  private static void checkReturnOfPacketLoads(
      ProgramCode code, Subprogram subprogram, Rules rules) {
    boolean loads = false;
    for (int slot = subprogram.start(); slot < subprogram.end(); slot++) {
      loads |= code.at(slot) instanceof Instruction.LoadPacket;
    }
    if (!loads) {
      return;
    }
    Btf btf = rules.objectBtf();
    if (subprogram.type() == 0) {
      throw Refusal.at(
          Errno.EINVAL, subprogram.start(), "LD_ABS is not allowed in subprogs without BTF");
    }
    boolean number =
        btf.type(subprogram.type()) instanceof BtfType.Function function
            && btf.type(function.prototype()) instanceof BtfType.Prototype prototype
            && (btf.resolved(prototype.result()) instanceof BtfType.Int
                || btf.resolved(prototype.result()) instanceof BtfType.Enumeration);
    if (!number) {
      throw Refusal.at(
          Errno.EINVAL,
          subprogram.start(),
          "LD_ABS is only allowed in functions that return 'int'.");
    }
  }
}
