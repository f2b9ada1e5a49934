package org.ebpf4j.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/// A system call, by its number on this machine.
///
/// Source: Linux's `arch/x86/entry/syscalls/syscall_64.tbl` for x86-64 and
/// `include/uapi/asm-generic/unistd.h` for AArch64 and RISC-V.
public enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  MMAP(9, 222),
  MUNMAP(11, 215),
  IOCTL(16, 29),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  SOCKET(41, 198),
  BIND(49, 200),
  GETSOCKNAME(51, 204),
  SETSOCKOPT(54, 208),
  GETSOCKOPT(55, 209),
  GETPID(39, 172),
  FCNTL(72, 25),
  MOUNT(165, 40),
  EPOLL_CTL(233, 21),
  OPENAT(257, 56),
  EPOLL_PWAIT(281, 22),
  EPOLL_CREATE1(291, 20),
  PERF_EVENT_OPEN(298, 241),
  SETNS(308, 268),
  PROCESS_VM_READV(310, 270),
  PROCESS_VM_WRITEV(311, 271),
  BPF(321, 280);

  /// Bytes of the memory in which [#call] keeps `errno`.
  public static final long STATE_BYTES;

  private static final int NO_SUCH_CALL = 38;
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno")).withInvokeExactBehavior();
  private static final MethodHandle SYSCALL;

  static {
    STATE_BYTES = STATE.byteSize();
    ValueLayout.OfLong word = JAVA_LONG;
    Linker linker = Linker.nativeLinker();
    SYSCALL =
        linker
            .defaultLookup()
            .find("syscall")
            .map(address ->
                linker.downcallHandle(
                    address,
                    FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                    Linker.Option.firstVariadicArg(1),
                    Linker.Option.captureCallState("errno")))
            .orElseThrow(() -> new UnsupportedOperationException("no syscall(2) on this system"));
  }

  private final long number;

  SystemCall(int x86, int generic) {
    this.number =
        switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> x86;
          case "aarch64", "riscv64", "loongarch64" -> generic;
          default -> -1;
        };
  }

  /// Whether this system has `syscall(2)` with numbers that are known here: Linux on x86-64,
  /// AArch64, RISC-V or LoongArch, all with 64 bits.
  public static boolean supported() {
    return System.getProperty("os.name").equals("Linux") && BPF.number >= 0;
  }

  /// Makes the call.
  ///
  /// @param state [#STATE_BYTES] of native memory that no other thread uses meanwhile
  /// @return the result, or the error number negated
  public long call(MemorySegment state, long a, long b, long c, long d, long e, long f) {
    if (number < 0) {
      return -NO_SUCH_CALL;
    }
    long result;
    try {
      result = (long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
    } catch (Throwable failure) {
      throw new IllegalStateException("the downcall itself failed", failure);
    }
    return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
  }

  /// Makes the call with memory for `errno` of its own: for calls that are not made often.
  ///
  /// @return the result, or the error number negated
  public long call(long a, long b, long c, long d, long e, long f) {
    try (Arena arena = Arena.ofConfined()) {
      return call(arena.allocate(STATE), a, b, c, d, e, f);
    }
  }

  /// Makes the call as [#call(long, long, long, long, long, long)].
  ///
  /// @throws SystemCallException if it fails
  public long require(long a, long b, long c, long d, long e, long f) {
    long result = call(a, b, c, d, e, f);
    if (result < 0) {
      throw new SystemCallException(this, (int) -result);
    }
    return result;
  }
}
