package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.error.Errno;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Functions and variables of the kernel that an object declares otherwise than the kernel has
/// them.
class KernelFunctionsTest {
  private static LinuxHost host;

  @BeforeAll
  static void open() {
    host = Linux.host();
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  /// The program says by its result which of the weak functions it found.
  @Test
  void aWeakFunctionOfAnotherPrototypeIsMissing() {
    try (LoadedCollection loaded = host.load(Linux.object("prototypes.bpf.o"))) {
      assertThat(loaded.program("weak").run(RunInput.context(new byte[0])).returnValue()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "count | function bpf_task_release is not as the object declares it: it takes 1 arguments,"
            + " not 2",
        "result | function bpf_task_from_pid is not as the object declares it: its result is"
            + " struct task_struct *, not int",
        "argument | function bpf_task_acquire is not as the object declares it: argument 1 is"
            + " struct task_struct *, not int",
        "declared | function bpf_cgroup_release is not as the object declares it: argument 1 is"
            + " struct cgroup *, which the object declares but does not define",
        "variable | variable cpu_hw_events is struct cpu_hw_events, the object declares int"
      })
  void aNeededOneIsRefusedAndTheDifferenceNamed(String program, String difference) {
    assertThatThrownBy(() ->
            host.load(
                Linux.object("prototypes.bpf.o"), LoadOptions.defaults().withProgram(program)))
        .isInstanceOfSatisfying(
            LoadException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
        .hasMessageContaining("program " + program)
        .hasMessageContaining(difference);
  }
}
