package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an unverified program hands over to `bpf_loop`.
class LoopArgumentsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 4096, -1})
  void flagsAreNoSizeOfWhatTheCallbackGets(int flags) {
    String text =
        """
        r1 = 3
        ld_pseudo r2, 4, 6
        r3 = r10
        r3 += -8
        r4 = %d
        call 181
        exit
        r0 = 0
        exit
        """
            .formatted(flags);
    ProgramSpec filter =
        ProgramSpec.of("test", ProgramType.SOCKET_FILTER, Assembler.assemble(text));
    try (JvmHost host = JvmHost.builder().cpus(1).build();
        LoadedCollection loaded =
            host.load(CollectionSpec.of(List.of(), List.of(filter)), Programs.UNVERIFIED)) {
      assertThat(loaded.program("test").run(RunInput.packet(new byte[64])).returnValue())
          .isEqualTo(Errno.EINVAL.negated());
    }
  }
}
