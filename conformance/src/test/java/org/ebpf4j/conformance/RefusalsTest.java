package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.conformance.twin.SingleLoads;
import org.ebpf4j.conformance.twin.Twin;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.spec.CollectionReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What is said when something is refused: one line with errno's name, what was tried and what to
/// do. Older kernels are played by a seccomp filter that makes bpf(2) fail.
class RefusalsTest {
  private static final int E2BIG = 7;
  private static final int EINVAL = 22;
  private static final int ENOSYS = 38;
  private static final int ALL = -1;
  private static final int PROG_LOAD = 5;
  private static final int BTF_LOAD = 18;

  private static Twin twin;

  @BeforeAll
  static void open() {
    LinuxHosts.open().close();
    twin =
        switch (Twin.build(Path.of("."))) {
          case Twin.Build.Built(Twin built) -> built;
          case Twin.Build.Missing(String reason) -> abort(reason);
        };
  }

  @Test
  void withoutPrivilegesItSaysWhatToRunAs() {
    List<String> command =
        new ArrayList<>(List.of("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"));
    command.addAll(SingleLoads.command(twin.wanting()));
    assertThat(messages(command).get(""))
        .contains("EPERM", "use Linux as a host", "run as root, or with CAP_BPF");
  }

  @Test
  void withoutBpfItSaysWhatTheKernelNeeds() {
    assertThat(messages(refusing(ENOSYS, ALL, 0)).get(""))
        .contains("ENOSYS", "use Linux as a host", "CONFIG_BPF_SYSCALL");
  }

  @Test
  void anOlderKernelWithoutNamesLoadsAllTheSame() {
    assertThat(messages(refusing(E2BIG, PROG_LOAD, 48)).get("fine")).isEmpty();
  }

  @Test
  void anOlderKernelThatKnowsFewerAttributesIsNamed() {
    assertThat(messages(refusing(E2BIG, PROG_LOAD, 40)).get("fine"))
        .contains("E2BIG", "program fine", "older", "section: xdp");
  }

  @Test
  void anOlderKernelWithoutBtfLoadsAllTheSame() {
    assertThat(messages(refusing(EINVAL, BTF_LOAD, 0)).get("fine")).isEmpty();
  }

  @Test
  void withoutKernelTypesItSaysWhereTheyAreMissed() {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"",
                "sh"));
    command.addAll(SingleLoads.command(twin.wanting()));
    Map<String, String> messages = messages(command);
    assertThat(messages.get("fine")).isEmpty();
    assertThat(messages.get("adjusted"))
        .contains("ENOENT", "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF");
  }

  @Test
  void programsSayWhatTheyMissAndWhereTheyAreWrong() {
    Map<String, String> messages = messages(SingleLoads.command(twin.wanting()));
    assertThat(messages.get("fine")).isEmpty();
    assertThat(messages.get("adjusted")).isEmpty();
    assertThat(messages.get("unresolved"))
        .contains("ENOENT", "program unresolved", "no_such_function", "declare it weak");
    assertThat(messages.get("refused"))
        .contains(
            "EACCES", "program refused", "map_value_or_null", "wanting.bpf.c", "return *value");
  }

  @Test
  void aFullMapSaysHowMuchItTakes() {
    try (LinuxHost host = LinuxHost.open();
        LoadedCollection loaded = host.load(CollectionReader.read(twin.wanting()))) {
      BpfMap map = loaded.map("small");
      map.update(key(1), new byte[8]);
      map.update(key(2), new byte[8]);
      assertThatThrownBy(() -> map.update(key(3), new byte[8]))
          .isInstanceOf(MapException.class)
          .hasMessageContainingAll("map small", "update", "E2BIG", "full", "2 elements");
    }
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  private static List<String> refusing(int errno, int call, int largest) {
    return twin.refusing(errno, call, largest, SingleLoads.command(twin.wanting()));
  }

  /// What is said about each program; "" for those that are loaded. Each message is one line.
  private static Map<String, String> messages(List<String> command) {
    List<String> lines = new ArrayList<>();
    int code = Twin.run(lines, command);
    assumeTrue(
        code == 0 || lines.stream().noneMatch(line -> line.contains("Operation not permitted")),
        () -> "this machine does not let a test run " + command.getFirst());
    Map<String, String> messages = new HashMap<>();
    for (String line : lines) {
      String[] words = line.split("\t", -1);
      assertThat(words).as(line).hasSizeBetween(3, 4);
      messages.put(words[1], words.length == 4 ? words[3] : "");
    }
    return messages;
  }
}
