package org.ebpf4j.linux.internal.object;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.DescriptorUse;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Descriptor;

/// `BPF_OBJ_GET_INFO_BY_FD`: a struct that the kernel fills in, as far as it knows it; what an
/// older kernel does not know stays 0. Arrays that it points to must be provided, with their room.
final class InfoCall implements AutoCloseable {
  private static final String OPERATION = "get information about a kernel object";
  private static final int FD = 0;
  private static final int LENGTH = 4;
  private static final int INFO = 8;
  private static final int INFO_BYTES = 256;

  private final BpfCall call = new BpfCall(BpfCommand.OBJ_GET_INFO_BY_FD);
  private final MemorySegment info = call.allocate(INFO_BYTES);
  private final int bytes;

  /// @param bytes size of the struct as it is known here
  InfoCall(int bytes) {
    this.bytes = bytes;
  }

  /// Provides an array for the kernel to fill in.
  MemorySegment array(int pointer, int count, int room, long arrayBytes) {
    MemorySegment array = call.allocate(arrayBytes);
    info.set(JAVA_LONG, pointer, array.address());
    info.set(JAVA_INT, count, room);
    return array;
  }

  /// Asks the kernel.
  ///
  /// @throws KernelException if it does not answer
  InfoCall ask(Descriptor descriptor) {
    int number = DescriptorUse.begin(descriptor, OPERATION, "it");
    int result;
    try {
      result = call.set32(FD, number).set32(LENGTH, bytes).setPointer(INFO, info).invoke();
    } finally {
      descriptor.release();
    }
    if (result < 0) {
      throw new KernelException(OPERATION, Errors.of(result), Errors.of(result).text());
    }
    return this;
  }

  void set32(int offset, int value) {
    info.set(JAVA_INT, offset, value);
  }

  int get32(int offset) {
    return info.get(JAVA_INT, offset);
  }

  long get64(int offset) {
    return info.get(JAVA_LONG, offset);
  }

  byte[] bytes(int offset, int length) {
    return info.asSlice(offset, length).toArray(JAVA_BYTE);
  }

  String string(int offset) {
    return info.getString(offset, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    call.close();
  }
}
