package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.SocketOption;
import org.ebpf4j.runtime.internal.context.Contexts;
import org.ebpf4j.runtime.internal.context.SocketOperationContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.Test;

/// Options of TCP headers, as programs of type `sock_ops` read, reserve and write them. Linux has
/// no test run for them: what is expected follows `bpf_sock_ops_load_hdr_opt` and its like in
/// `net/core/filter.c` of Linux 6.18.
class HeaderOptionHelpersTest {
  private static final int PARSE = 13;
  private static final int LENGTH = SocketOperationContext.LENGTH;
  private static final int WRITE = SocketOperationContext.WRITE;
  private static final long OF_SYN = 1;

  /// A header's length in bytes, as its data offset says.
  private static byte[] header(int declared, int... options) {
    byte[] header = new byte[20 + options.length];
    header[12] = (byte) (declared / 4 << 4);
    header[13] = 0x10;
    for (int i = 0; i < options.length; i++) {
      header[20 + i] = (byte) options[i];
    }
    return header;
  }

  private SocketOperationContext context = context(PARSE, new byte[0]);

  private static SocketOperationContext context(int operation, byte[] header) {
    SocketOperationContext made =
        (SocketOperationContext)
            Contexts.of(ProgramType.SOCK_OPS, Optional.empty(), Limits.defaults()).orElseThrow();
    byte[] struct = new byte[4];
    ByteBuffer.wrap(struct).order(ByteOrder.nativeOrder()).putInt(operation);
    made.accept("test", new RunInput(header, struct, 1));
    made.begin();
    return made;
  }

  private TestRun run(int operation, byte[] header) {
    context = context(operation, header);
    return new TestRun(FixedEnvironment.builder().build(), context);
  }

  private byte[] options() {
    byte[] header = context.packet().toArray(ValueLayout.JAVA_BYTE);
    return Arrays.copyOfRange(header, 20, header.length);
  }

  @Test
  void anOptionIsFoundByItsKindAndCopied() {
    try (TestRun run = run(PARSE, header(32, 1, 2, 4, 5, 180, 1, 1, 3, 3, 7, 0, 0))) {
      long size = run.bytes(2, 0, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, size, 4, 0)).isEqualTo(4);
      assertThat(Memory.bytes(size, 4)).containsExactly(2, 4, 5, (byte) 180);
      long scale = run.bytes(3, 0);
      assertThat(run.call("load_hdr_opt", 0, scale, 2, 0))
          .as("cut")
          .isEqualTo(Errno.ENOSPC.negated());
      assertThat(Memory.bytes(scale, 2)).containsExactly(3, 3);
      assertThat(run.call("load_hdr_opt", 0, run.bytes(8, 0), 2, 0))
          .isEqualTo(Errno.ENOMSG.negated());
    }
  }

  @Test
  void optionsForExperimentsAreFoundByTheirMagicNumber() {
    try (TestRun run = run(PARSE, header(32, 254, 4, 1, 2, 254, 6, 0xeb, 0x9f, 7, 8, 1, 1))) {
      long wanted = run.bytes(254, 4, 0xeb, 0x9f, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, wanted, 6, 0)).isEqualTo(6);
      assertThat(Memory.bytes(wanted, 6)).endsWith(7, 8);
      long other = run.bytes(254, 4, 9, 9, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, other, 6, 0)).isEqualTo(Errno.ENOMSG.negated());
      long none = run.bytes(254, 0, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, none, 4, 0)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @Test
  void wrongArgumentsAndBrokenHeadersAreRefused() {
    try (TestRun run = run(PARSE, header(24, 5, 9, 0, 0))) {
      long kind = run.bytes(2, 0, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, kind, 4, 0))
          .as("an option beyond the header")
          .isEqualTo(Errno.EFAULT.negated());
      long refused = Errno.EINVAL.negated();
      assertThat(run.call("load_hdr_opt", 0, kind, 1, 0)).isEqualTo(refused);
      assertThat(run.call("load_hdr_opt", 0, kind, 4, 2)).isEqualTo(refused);
      assertThat(run.call("load_hdr_opt", 0, run.bytes(0, 0), 2, 0)).isEqualTo(refused);
      assertThat(run.call("load_hdr_opt", 0, run.bytes(1, 0), 2, 0)).isEqualTo(refused);
      assertThat(run.call("load_hdr_opt", 0, run.bytes(2, 2), 2, 0)).isEqualTo(refused);
    }
    try (TestRun run = run(PARSE, new byte[0])) {
      assertThat(run.call("load_hdr_opt", 0, run.bytes(2, 0), 2, 0))
          .as("no header")
          .isEqualTo(Errno.EPERM.negated());
    }
  }

  @Test
  void optionsOfASavedSynAreFound() {
    byte[] syn = header(24, 2, 4, 1, 2);
    context = context(PARSE, new byte[0]);
    try (TestRun run =
        new TestRun(
            FixedEnvironment.builder().socketOption(new SocketOption(6, 1005), syn).build(),
            context)) {
      long size = run.bytes(2, 0, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, size, 4, OF_SYN)).isEqualTo(4);
      assertThat(Memory.bytes(size, 4)).containsExactly(2, 4, 1, 2);
    }
    try (TestRun run = run(PARSE, syn)) {
      assertThat(run.call("load_hdr_opt", 0, run.bytes(2, 0), 2, OF_SYN))
          .isEqualTo(Errno.ENOENT.negated());
    }
  }

  @Test
  void roomIsReservedWhileThereIsSome() {
    try (TestRun run = run(LENGTH, header(32, 2, 4, 5, 180, 1, 1, 8, 10, 0, 0, 0, 0))) {
      assertThat(context.remaining()).isEqualTo(28);
      assertThat(run.call("reserve_hdr_opt", 0, 20, 0)).isZero();
      assertThat(run.call("reserve_hdr_opt", 0, 9, 0)).isEqualTo(Errno.ENOSPC.negated());
      assertThat(run.call("reserve_hdr_opt", 0, 8, 0)).isZero();
      assertThat(run.call("reserve_hdr_opt", 0, 1, 0)).isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("reserve_hdr_opt", 0, 4, 1)).isEqualTo(Errno.EINVAL.negated());
      assertThat(options()).as("with the room").hasSize(40);
      assertThat(run.call("load_hdr_opt", 0, run.bytes(2, 0, 0, 0), 4, 0))
          .isEqualTo(Errno.EPERM.negated());
      assertThat(run.call("store_hdr_opt", 0, run.bytes(9, 2), 2, 0))
          .isEqualTo(Errno.EPERM.negated());
    }
  }

  @Test
  void optionsAreWrittenOnceEachWhileThereIsRoom() {
    try (TestRun run = run(WRITE, header(36, 2, 4, 5, 180))) {
      assertThat(context.remaining()).isEqualTo(12);
      assertThat(run.call("store_hdr_opt", 0, run.bytes(254, 6, 0xeb, 0x9f, 1, 2), 6, 0)).isZero();
      assertThat(run.call("store_hdr_opt", 0, run.bytes(254, 4, 0xeb, 0x9f), 4, 0))
          .isEqualTo(Errno.EEXIST.negated());
      assertThat(run.call("store_hdr_opt", 0, run.bytes(2, 4, 0, 0), 4, 0))
          .isEqualTo(Errno.EEXIST.negated());
      assertThat(run.call("store_hdr_opt", 0, run.bytes(254, 8, 1, 1, 0, 0, 0, 0), 8, 0))
          .isEqualTo(Errno.ENOSPC.negated());
      assertThat(run.call("store_hdr_opt", 0, run.bytes(99, 6, 1, 2, 3, 4), 6, 0)).isZero();
      assertThat(options())
          .containsExactly(
              2,
              4,
              5,
              (byte) 180,
              (byte) 254,
              6,
              (byte) 0xeb,
              (byte) 0x9f,
              1,
              2,
              99,
              6,
              1,
              2,
              3,
              4);
      long written = run.bytes(99, 0, 0, 0, 0, 0);
      assertThat(run.call("load_hdr_opt", 0, written, 6, 0)).isEqualTo(6);
    }
  }

  @Test
  void wrongOptionsAreNotWritten() {
    try (TestRun run = run(WRITE, header(40, 2, 4, 5, 180, 0))) {
      long refused = Errno.EINVAL.negated();
      assertThat(run.call("store_hdr_opt", 0, run.bytes(9, 2), 1, 0)).isEqualTo(refused);
      assertThat(run.call("store_hdr_opt", 0, run.bytes(9, 2), 2, 1)).isEqualTo(refused);
      assertThat(run.call("store_hdr_opt", 0, run.bytes(9, 4), 2, 0)).isEqualTo(refused);
      assertThat(run.call("store_hdr_opt", 0, run.bytes(0, 2), 2, 0)).isEqualTo(refused);
      assertThat(run.call("store_hdr_opt", 0, run.bytes(254, 3, 0), 3, 0)).isEqualTo(refused);
      assertThat(run.call("store_hdr_opt", 0, run.bytes(9, 2), 2, 0))
          .as("after the end of the options")
          .isEqualTo(Errno.ENOSPC.negated());
      assertThat(run.call("reserve_hdr_opt", 0, 4, 0)).isEqualTo(Errno.EPERM.negated());
      assertThat(options()).hasSize(5);
    }
  }
}
