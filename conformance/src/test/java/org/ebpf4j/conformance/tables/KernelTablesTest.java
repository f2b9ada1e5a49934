package org.ebpf4j.conformance.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.ebpf4j.linux.LinuxAvailability;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.verifier.VerifierOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The tables of `core` say what this kernel says: which helpers a program may call, which bytes of
/// its context it may touch, which maps it may pass.
class KernelTablesTest {
  private static LinuxHost host;
  private static Judge tables;

  @BeforeAll
  static void open() {
    assumeTrue(
        LinuxAvailability.probe() instanceof LinuxAvailability.Available,
        "programs cannot be loaded into Linux here");
    assumeTrue(
        System.getProperty("os.version").startsWith("6.18."),
        "the tables are those of Linux 6.18; this is " + System.getProperty("os.version"));
    host = LinuxHost.open();
    tables = new Judge.Tables(VerifierOptions.DEFAULT.withKernelTypes(host.kernelTypes()));
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  @Test
  void helpersMayBeCalledByTheTypesOfTheTable() {
    assertThat(
            differences(
                KernelTables.helpers(new Judge.Kernel(host)), KernelTables.helpersOfTables()))
        .isEmpty();
  }

  /// Where the tables are known to be wrong: what Linux allows and what they do, by program type,
  /// access and bytes. All of it is about accesses narrower than a field, but for the reply of
  /// socket operations and the destination port of sockets.
  private static final List<String> KNOWN =
      List.of(
          "CGROUP_SOCK load 1: Linux 4 8 12 48-49 52-72 76, here 0-23 48-49 52-79",
          "CGROUP_SOCK load 2: Linux 4 8 12 48 52-72 76, here 0-22 48 52-78",
          "CGROUP_SOCK load 4: Linux 0-20 48-76, here 0-20 52-76",
          "CGROUP_SOCK_ADDR load 1: Linux 4-7 24-27, here 0-7 24-39",
          "CGROUP_SOCK_ADDR load 2: Linux 4-6 24-26, here 0-6 24-38",
          "CGROUP_SYSCTL store 1: Linux , here 4-7",
          "CGROUP_SYSCTL store 2: Linux , here 4-6",
          "PERF_EVENT load 1: Linux 168-183, here 0-183",
          "PERF_EVENT load 2: Linux 168-182, here 0-182",
          "PERF_EVENT load 4: Linux 168-180, here 0-180",
          "RAW_TRACEPOINT_WRITABLE load 1: Linux 1-95, here 0-95",
          "RAW_TRACEPOINT_WRITABLE load 2: Linux 2-94, here 0-94",
          "RAW_TRACEPOINT_WRITABLE load 4: Linux 4-92, here 0-92",
          "SK_REUSEPORT load 1: Linux 16-19 24-31, here 16-31",
          "SOCK_OPS load 1: Linux 212, here ",
          "SOCK_OPS load 2: Linux 212, here ",
          "SOCK_OPS store 4: Linux 4 164, here 4-16 164");

  @Test
  void contextsMayBeTouchedWhereTheTableSays() {
    assertThat(
            differences(
                ContextAccesses.of(KernelTables.types(), new Judge.Kernel(host)),
                ContextAccesses.of(KernelTables.types(), tables)))
        .isEqualTo(KNOWN);
  }

  @Test
  void mapsMayBePassedWhereTheTableSays() {
    assertThat(
            differences(
                MapHelpers.of(KernelTables.types(), new Judge.Kernel(host)),
                MapHelpers.of(KernelTables.types(), tables)))
        .isEmpty();
  }

  private static List<String> differences(Map<String, String> kernel, Map<String, String> ours) {
    TreeSet<String> keys = new TreeSet<>(kernel.keySet());
    keys.addAll(ours.keySet());
    return keys.stream()
        .filter(key -> !kernel.getOrDefault(key, "").equals(ours.getOrDefault(key, "")))
        .map(key ->
            "%s: Linux %s, here %s"
                .formatted(
                    key.replace('\t', ' '),
                    kernel.getOrDefault(key, ""),
                    ours.getOrDefault(key, "")))
        .toList();
  }
}
