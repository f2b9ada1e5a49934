package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The engines do the same: the examples, packet by packet, maps included.
class EnginesTest {
  /// The protocol's number, by which the dispatcher chooses.
  private static final int UDP = 17;

  private static JvmHost host(Engine engine) {
    return JvmHost.builder()
        .cpus(2)
        .environment(FixedEnvironment.builder().monotonicNanos(1_000_000_000).seed(1).build())
        .engine(engine)
        .build();
  }

  @ParameterizedTest
  @CsvSource({"firewall", "flowtable", "balancer", "dnslog", "dispatcher", "synguard"})
  void compiledExamplesDoWhatInterpretedOnesDo(String example) {
    CollectionSpec spec = ExampleRun.example(example);
    try (JvmHost interpreter = host(Engine.INTERPRETER);
        JvmHost compiler = host(Engine.JIT)) {
      for (String capture : ExampleRun.CAPTURES) {
        assertThat(ExampleRun.of(compiler, spec, example, ExampleRun.capture(capture)))
            .as("%s on %s", example, capture)
            .isEqualTo(ExampleRun.of(interpreter, spec, example, ExampleRun.capture(capture)));
      }
    }
  }

  /// Whoever runs meets the old program or the new one, and nothing in between.
  @Test
  void aTailCallsTargetIsReplacedUnderTraffic() throws InterruptedException {
    CollectionSpec spec = ExampleRun.example("dispatcher");
    try (JvmHost host = host(Engine.JIT);
        LoadedCollection loaded = host.load(spec);
        LoadedCollection other = host.load(spec, LoadOptions.defaults())) {
      BpfProgram program = loaded.program("dispatcher");
      BpfMap programs = loaded.map("handlers");
      List<BpfProgram> targets = List.of(loaded.program("on_udp"), other.program("on_udp"));
      byte[] packet = new byte[64];
      packet[12] = 8;
      packet[14] = 0x45;
      packet[23] = UDP;
      long expected = program.run(RunInput.packet(packet)).returnValue();
      Thread replacing =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 20_000 && !Thread.interrupted(); i++) {
                  programs.putProgram(UDP, targets.get(i & 1));
                }
              });
      while (replacing.isAlive()) {
        assertThat(program.run(RunInput.packet(packet)).returnValue()).isEqualTo(expected);
      }
      replacing.join();
    }
  }
}
