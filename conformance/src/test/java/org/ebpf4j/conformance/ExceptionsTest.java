package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Host;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Exceptions of programs, beyond what one program by itself shows.
class ExceptionsTest {
  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/exceptions.bpf.o"));

  static Stream<Named<Supplier<Host>>> hosts() {
    return Stream.of(
        Named.of("linux", LinuxHosts::open),
        Named.of("jvm, interpreter", () -> jvm(Engine.INTERPRETER)),
        Named.of("jvm, compiler", () -> jvm(Engine.JIT)));
  }

  private static Host jvm(Engine engine) {
    return JvmHost.builder().cpus(1).engine(engine).build();
  }

  private static long run(BpfProgram program) {
    return (int) program.run(RunInput.packet(Packets.udp())).returnValue();
  }

  /// Each program catches its own, also one that another went over to.
  @ParameterizedTest
  @MethodSource("hosts")
  void programAfterATailCallCatchesItsOwn(Supplier<Host> hosts) {
    LoadOptions options = LoadOptions.defaults().withProgram("second");
    try (Host host = hosts.get();
        LoadedCollection first = host.load(SPEC, options.withProgram("calls_second"));
        LoadedCollection both = host.load(SPEC, options.withProgram("calls_second_or_throws"));
        LoadedCollection alone =
            host.load(SPEC, LoadOptions.defaults().withProgram("calls_second_or_throws"))) {
      assertThat(run(first.program("second"))).isEqualTo(1042);
      assertThat(run(first.program("calls_second"))).isEqualTo(1042);
      assertThat(run(both.program("calls_second_or_throws"))).isEqualTo(1042);
      assertThat(run(alone.program("calls_second_or_throws"))).isEqualTo(2042);
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void callbacksOfHelpersMustNotThrow(Supplier<Host> hosts) {
    LoadOptions options = LoadOptions.defaults().withProgram("callback_of_a_loop_throws");
    try (Host host = hosts.get()) {
      assertThatThrownBy(() -> host.load(SPEC, options).close())
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("cannot be called from callback subprog");
    }
  }

  /// Unverified, it is a fault, after which the host goes on as before.
  @ParameterizedTest
  @EnumSource(
      value = Engine.class,
      names = {"INTERPRETER", "JIT"})
  void callbackThatThrowsUnverifiedIsAFault(Engine engine) {
    LoadOptions options =
        LoadOptions.defaults()
            .withUnverified(true)
            .withProgram("callback_of_a_loop_throws")
            .withProgram("second");
    try (Host host = jvm(engine);
        LoadedCollection loaded = host.load(SPEC, options)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> run(loaded.program("callback_of_a_loop_throws")))
            .isInstanceOf(ProgramFault.class)
            .hasMessageContaining("bpf_throw cannot be called from a callback");
        assertThat(run(loaded.program("second"))).isEqualTo(1042);
      }
    }
  }
}
