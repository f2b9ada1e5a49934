package org.ebpf4j.linux.internal.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.SystemCallException;
import org.jspecify.annotations.Nullable;

/// Runs one program through `BPF_PROG_TEST_RUN`, again and again with the same memory. For one
/// thread at a time.
///
/// Packet and context come out where they went in, the packet without metadata that a program put
/// before it, and with the Ethernet header it came with where programs do not see one. The kernel
/// does not tell where a program redirected a packet to, so that is always none.
final class TestRun implements AutoCloseable {
  private static final int FD = 0;
  private static final int RETURN_VALUE = 4;
  private static final int DATA_SIZE_IN = 8;
  private static final int DATA_SIZE_OUT = 12;
  private static final int DATA_IN = 16;
  private static final int DATA_OUT = 24;
  private static final int REPEAT = 32;
  private static final int DURATION = 36;
  private static final int CONTEXT_SIZE_IN = 40;
  private static final int CONTEXT_SIZE_OUT = 44;
  private static final int CONTEXT_IN = 48;
  private static final int CONTEXT_OUT = 56;

  /// Bytes of an Ethernet header.
  private static final int ETHERNET = 14;

  /// How much a packet may grow.
  private static final int GROWTH = 1 << 16;

  private static final int LARGEST_PACKET = 1 << 24;

  /// `data` and `data_end` of `struct xdp_md`.
  private static final int XDP_DATA = 0;

  private static final int XDP_DATA_END = 4;

  /// Fields of `struct __sk_buff` that the kernel fills in and wants to be 0: `len`, `protocol`,
  /// `data`, `data_end` and `data_meta`.
  private static final int[] SKB_FILLED = {0, 16, 76, 80, 140};

  /// `wire_len` of `struct __sk_buff`: the kernel gives it the packet's length, and does not take a
  /// smaller one for the next packet.
  private static final int SKB_WIRE_LENGTH = 160;

  private final KernelProgram program;
  private final TestRunShape shape;
  private final Supplier<Arena> arenas;
  private final BpfCall call;
  private final MemorySegment context;
  private final int contextLength;
  private @Nullable Arena packetArena;
  private MemorySegment buffer = MemorySegment.NULL;
  private final byte[] header = new byte[ETHERNET];
  private int lengthIn;
  private int startOut;
  private int lengthOut;

  /// What the kernel left in `wire_len`; what the caller writes there since is another number.
  private int wireLengthOut;

  /// @param arenas where its memory comes from
  TestRun(KernelProgram program, int contextBytes, Supplier<Arena> arenas) {
    this.program = program;
    this.arenas = arenas;
    this.call = new BpfCall(BpfCommand.PROG_TEST_RUN, arenas.get());
    this.shape = program.spec().kind().type().map(TestRunShape::of).orElse(TestRunShape.NONE);
    this.contextLength = Math.max(contextBytes, shape.contextBytes());
    this.context = call.allocate(contextLength);
  }

  /// One call as `input` has it.
  RunResult run(RunInput input) {
    if (input.data().length > 0) {
      MemorySegment.copy(
          input.data(), 0, packetBuffer(input.data().length), JAVA_BYTE, 0, input.data().length);
    }
    long nanoseconds = 0;
    int result = 0;
    int calls = shape.repeats() ? 1 : input.repeat();
    for (int i = 0; i < calls; i++) {
      MemorySegment.copy(input.context(), 0, context, JAVA_BYTE, 0, input.context().length);
      long start = System.nanoTime();
      result = invoke(shape.repeats() ? input.repeat() : 1);
      nanoseconds += shape.repeats() ? call.get32(DURATION) : System.nanoTime() - start;
    }
    return new RunResult(
        result,
        packet().toArray(JAVA_BYTE),
        context().toArray(JAVA_BYTE),
        new Redirect.None(),
        nanoseconds / calls);
  }

  /// See [org.ebpf4j.Runner#packetBuffer].
  MemorySegment packetBuffer(int length) {
    if (!shape.packet()) {
      throw new RunException(
          program.name(), Errno.EINVAL, "programs of this type take no packet, only a context");
    }
    if (length < 0 || length > LARGEST_PACKET) {
      throw new RunException(program.name(), Errno.E2BIG, "a packet of %d bytes".formatted(length));
    }
    if (buffer.byteSize() < length + (long) GROWTH) {
      packetArena = arenas.get();
      buffer = packetArena.allocate(length + (long) GROWTH, 8);
    }
    lengthIn = length;
    startOut = 0;
    lengthOut = length;
    if (shape.isSkb()) {
      context.fill((byte) 0); // a new packet has nothing of the one before
    }
    return buffer.asSlice(0, length);
  }

  /// The packet as the last run left it.
  MemorySegment packet() {
    return buffer.asSlice(startOut, lengthOut);
  }

  /// The context, in and out.
  MemorySegment context() {
    return context.asSlice(0, contextLength);
  }

  /// One run with packet and context as they are; gives the result.
  long run() {
    return invoke(1);
  }

  private int invoke(int repeat) {
    setPacket();
    setContext();
    boolean hidden = shape.hidesHeader() && lengthIn >= ETHERNET;
    if (hidden) {
      MemorySegment.copy(buffer, JAVA_BYTE, 0, header, 0, ETHERNET);
    }
    call.set32(REPEAT, shape.repeats() ? repeat : 0);
    int number = acquire();
    int result;
    try {
      result = call.set32(FD, number).invoke();
    } finally {
      program.descriptor().release();
    }
    if (result < 0) {
      throw failure(Errors.of(result));
    }
    if (shape.packet()) {
      lengthOut = shape == TestRunShape.READ_PACKET ? lengthIn : call.get32(DATA_SIZE_OUT);
    }
    if (hidden && lengthOut >= ETHERNET) {
      MemorySegment.copy(header, 0, buffer, JAVA_BYTE, 0, ETHERNET);
    }
    if (shape == TestRunShape.XDP) {
      startOut = context.get(JAVA_INT_UNALIGNED, XDP_DATA);
      lengthOut -= startOut;
    }
    if (shape.isSkb()) {
      wireLengthOut = context.get(JAVA_INT_UNALIGNED, SKB_WIRE_LENGTH);
    }
    return call.get32(RETURN_VALUE);
  }

  private int acquire() {
    try {
      return program.descriptor().acquire();
    } catch (SystemCallException e) {
      if (program.descriptor().closed()) {
        throw new IllegalStateException("program " + program.name() + " is closed");
      }
      throw failure(Errors.of(e));
    }
  }

  private void setPacket() {
    if (shape.packet() && lengthIn > 0) {
      call.set32(DATA_SIZE_IN, lengthIn).setPointer(DATA_IN, buffer);
      call.set32(DATA_SIZE_OUT, (int) buffer.byteSize()).setPointer(DATA_OUT, buffer);
    }
  }

  private void setContext() {
    switch (shape) {
      case XDP -> {
        context.set(JAVA_INT_UNALIGNED, XDP_DATA, 0);
        context.set(JAVA_INT_UNALIGNED, XDP_DATA_END, lengthIn);
      }
      case SKB, NETWORK_SKB -> {
        for (int offset : SKB_FILLED) {
          context.set(JAVA_INT_UNALIGNED, offset, 0);
        }
        if (context.get(JAVA_INT_UNALIGNED, SKB_WIRE_LENGTH) == wireLengthOut) {
          context.set(JAVA_INT_UNALIGNED, SKB_WIRE_LENGTH, 0);
        }
      }
      case PACKET, READ_PACKET, CONTEXT, ARGUMENTS, NONE -> {
        // Nothing in them is the kernel's to fill in.
      }
    }
    if (contextLength > 0) {
      call.set32(CONTEXT_SIZE_IN, contextLength).setPointer(CONTEXT_IN, context);
      if (shape.contextOut()) {
        call.set32(CONTEXT_SIZE_OUT, contextLength).setPointer(CONTEXT_OUT, context);
      }
    }
  }

  private RunException failure(Errno errno) {
    String reason =
        switch (errno) {
          case ENOTSUPP, EOPNOTSUPP -> "this kernel cannot test-run programs of this type";
          case EINVAL ->
              shape.packet() && lengthIn < 14
                  ? "a packet of %d bytes; the kernel wants 14 at least".formatted(lengthIn)
                  : "the kernel does not take that packet or context for this type of program";
          case EFAULT ->
              "this kernel cannot test-run programs at this hook; of tracing programs it runs those"
                  + " of functions that are there for it, such as bpf_fentry_test1";
          case ENOSPC -> "the packet grew by more than %d bytes".formatted(GROWTH);
          case ENOMEM ->
              "no memory for a packet of %d bytes: give a shorter one".formatted(lengthIn);
          case E2BIG ->
              "a context of %d bytes is longer than this type of program has"
                  .formatted(contextLength);
          default -> errno.text();
        };
    return new RunException(program.name(), errno, reason);
  }

  /// Frees the memory, where its arenas can be closed.
  @Override
  public void close() {
    if (packetArena != null) {
      packetArena.close();
    }
    call.close();
  }
}
