package org.ebpf4j.conformance.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.ebpf4j.conformance.LinuxHosts;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.verifier.VerifierOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The tables of `core` say what this kernel says: which helpers a program may call, which bytes of
/// its context it may touch, which maps it may pass.
class KernelTablesTest {
  private static final List<Caller> CALLERS = Caller.byHook(KernelTables.types());

  private static LinuxHost host;
  private static Judge tables;

  @BeforeAll
  static void open() {
    host = LinuxHosts.open();
    assumeTrue(
        System.getProperty("os.version").startsWith("6.18."),
        "the tables are those of Linux 6.18; this is " + System.getProperty("os.version"));
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

  @Test
  void contextsMayBeTouchedWhereTheTableSays() {
    assertThat(
            differences(
                ContextAccesses.of(CALLERS, new Judge.Kernel(host)),
                ContextAccesses.of(CALLERS, tables)))
        .isEmpty();
  }

  @Test
  void helpersMayBeCalledByHooksAsTheTablesSay() {
    assertThat(
            differences(
                KernelTables.helpersByHook(CALLERS, new Judge.Kernel(host)),
                KernelTables.helpersByHook(CALLERS, tables)))
        .isEmpty();
  }

  @Test
  void programsMayReturnWhatTheTablesSay() {
    assertThat(
            differences(
                KernelTables.results(CALLERS, new Judge.Kernel(host)),
                KernelTables.results(CALLERS, tables)))
        .isEmpty();
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
