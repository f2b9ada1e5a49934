package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Programs that Linux calls about a socket find one, for their proofs rely on that.
class ContextSocketTest {

  /// @param sk where the context holds the socket
  /// @param told where it says something of it, and `field` where the socket does
  @ParameterizedTest
  @CsvSource({
    "CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT, 64, 28, 4",
    "CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT, 64, 36, 12",
    "SK_MSG, SK_MSG_VERDICT, 72, 16, 4",
    "SK_MSG, SK_MSG_VERDICT, 72, 24, 24",
    "SK_REUSEPORT, SK_REUSEPORT_SELECT, 40, 24, 12",
    "CGROUP_SOCKOPT, CGROUP_SETSOCKOPT, 0, -1, 4"
  })
  void isAsTheContextSays(ProgramType type, AttachType hook, int sk, int told, int field) {
    // A socket that is not there would be told by R0; the proof takes that way for one never gone.
    String text =
        """
        r6 = *(u64 *)(r1 + %d)
        r0 = 1
        if r6 == 0 goto out
        r0 = *(u32 *)(r6 + %d)
        r0 &= 1
        out: exit
        """
            .formatted(sk, field);
    ByteBuffer context = ByteBuffer.allocate(sk == 0 ? 40 : sk).order(ByteOrder.nativeOrder());
    if (told >= 0) {
      context.putInt(told, 10);
    }
    ProgramSpec bare = Programs.program("test", "", text, List.of());
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "",
            new ProgramKind(Optional.of(type), Optional.of(hook), "", false, false),
            bare.bytecode(),
            bare.functions(),
            List.of(),
            List.of(),
            List.of(),
            true);
    for (boolean unverified : new boolean[] {false, true}) {
      try (JvmHost host = JvmHost.create();
          LoadedCollection loaded =
              host.load(
                  CollectionSpec.of(program), LoadOptions.defaults().withUnverified(unverified))) {
        assertThat(loaded.program("test").run(RunInput.context(context.array())).returnValue())
            .isZero();
        if (told >= 0) {
          byte[] odd = context.array().clone();
          odd[told] = 11;
          assertThat(loaded.program("test").run(RunInput.context(odd)).returnValue()).isEqualTo(1);
        }
      }
    }
  }
}
