package org.ebpf4j.cli.feature;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// A setting of the running kernel that bears on eBPF, and the options of its build that do.
enum KernelSetting {
  UNPRIVILEGED(
      "unprivileged_bpf_disabled",
      "kernel/unprivileged_bpf_disabled",
      "bpf() syscall for unprivileged users is enabled",
      "bpf() syscall restricted to privileged users (without recovery)",
      "bpf() syscall restricted to privileged users (admin can change)"),
  JIT(
      "bpf_jit_enable",
      "net/core/bpf_jit_enable",
      "JIT compiler is disabled",
      "JIT compiler is enabled",
      "JIT compiler is enabled with debugging traces in kernel logs"),
  HARDENING(
      "bpf_jit_harden",
      "net/core/bpf_jit_harden",
      "JIT compiler hardening is disabled",
      "JIT compiler hardening is enabled for unprivileged users",
      "JIT compiler hardening is enabled for all users"),
  KALLSYMS(
      "bpf_jit_kallsyms",
      "net/core/bpf_jit_kallsyms",
      "JIT compiler kallsyms exports are disabled",
      "JIT compiler kallsyms exports are enabled for root"),
  LIMIT("bpf_jit_limit", "net/core/bpf_jit_limit");

  /// Options of the kernel's build, in bpftool's order.
  static final List<String> CONFIGURATION =
      List.of(
          "CONFIG_BPF",
          "CONFIG_BPF_SYSCALL",
          "CONFIG_HAVE_EBPF_JIT",
          "CONFIG_BPF_JIT",
          "CONFIG_BPF_JIT_ALWAYS_ON",
          "CONFIG_DEBUG_INFO_BTF",
          "CONFIG_DEBUG_INFO_BTF_MODULES",
          "CONFIG_CGROUPS",
          "CONFIG_CGROUP_BPF",
          "CONFIG_CGROUP_NET_CLASSID",
          "CONFIG_SOCK_CGROUP_DATA",
          "CONFIG_BPF_EVENTS",
          "CONFIG_KPROBE_EVENTS",
          "CONFIG_UPROBE_EVENTS",
          "CONFIG_TRACING",
          "CONFIG_FTRACE_SYSCALLS",
          "CONFIG_FUNCTION_ERROR_INJECTION",
          "CONFIG_BPF_KPROBE_OVERRIDE",
          "CONFIG_NET",
          "CONFIG_XDP_SOCKETS",
          "CONFIG_LWTUNNEL_BPF",
          "CONFIG_NET_ACT_BPF",
          "CONFIG_NET_CLS_BPF",
          "CONFIG_NET_CLS_ACT",
          "CONFIG_NET_SCH_INGRESS",
          "CONFIG_XFRM",
          "CONFIG_IP_ROUTE_CLASSID",
          "CONFIG_IPV6_SEG6_BPF",
          "CONFIG_BPF_LIRC_MODE2",
          "CONFIG_BPF_STREAM_PARSER",
          "CONFIG_NETFILTER_XT_MATCH_BPF",
          "CONFIG_BPFILTER",
          "CONFIG_BPFILTER_UMH",
          "CONFIG_TEST_BPF",
          "CONFIG_HZ");

  private static final int LONGEST = 64;

  private final String field;
  private final Path file;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> meanings;

  /// @param meanings what the values 0, 1 … mean
  KernelSetting(String field, String file, String... meanings) {
    this.field = field;
    this.file = Path.of("/proc/sys").resolve(file);
    this.meanings = List.of(meanings);
  }

  String field() {
    return field;
  }

  /// Its value; empty if it cannot be read.
  OptionalLong value() {
    try (InputStream stream = Files.newInputStream(file)) {
      // In one read: some of these files have nothing more for a second one.
      String text = new String(stream.readNBytes(LONGEST), StandardCharsets.US_ASCII);
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /// A line for people.
  String text(long value) {
    if (value >= 0 && value < meanings.size()) {
      return meanings.get((int) value);
    }
    return this == LIMIT
        ? "Global memory limit for JIT compiler for unprivileged users is %d bytes".formatted(value)
        : "%s has unknown value %d".formatted(field, value);
  }
}
