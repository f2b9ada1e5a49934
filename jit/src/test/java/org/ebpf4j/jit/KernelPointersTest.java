package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Pointers to objects of the kernel that a context holds reach compiled programs whole: those that
/// the host cannot show stay what they are.
class KernelPointersTest {

  private static long run(Engine engine, String text) {
    ProgramSpec program = ProgramSpec.of("test", ProgramType.NETFILTER, Assembler.assemble(text));
    try (JvmHost host = JvmHost.builder().engine(engine).build();
        LoadedCollection loaded = host.load(CollectionSpec.of(program), LoadOptions.defaults())) {
      byte[] packet = new byte[64];
      packet[12] = 8;
      packet[14] = 0x45;
      return loaded.program("test").run(RunInput.packet(packet)).returnValue();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatTheHostCannotShowIsNotTakenForZero(Engine engine) {
    String length =
        """
        r1 = *(u64 *)(r1 + 8)
        r0 = *(u32 *)(r1 + 112)
        r0 &= 1
        exit
        """;
    assertThatThrownBy(() -> run(engine, length))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("in a struct sk_buff, whose fields this host does not have");
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatTheHostHasIsShown(Engine engine) {
    String family =
        """
        r1 = *(u64 *)(r1 + 0)
        r0 = *(u8 *)(r1 + 1)
        r0 >>= 1
        r0 &= 1
        exit
        """;
    assertThat(run(engine, family)).isEqualTo(1);
  }
}
