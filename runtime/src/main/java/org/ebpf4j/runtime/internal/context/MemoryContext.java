package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.jspecify.annotations.Nullable;

/// Plain memory as a context: `R1` holds its address, or 0 when the run was given none, and `R2`
/// its length. That is what uBPF and the bpf_conformance suite give their programs.
public final class MemoryContext extends ProgramContext {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final Region region = new DataRegion();
  private int length;

  /// @param capacity the most bytes that a run may be given
  public MemoryContext(int capacity) {
    this.memory = arena.allocate(capacity, 16);
  }

  @Override
  public void accept(String program, RunInput input) {
    packetBuffer(program, input.data().length).copyFrom(MemorySegment.ofArray(input.data()));
  }

  @Override
  public MemorySegment packetBuffer(String program, int size) {
    if (size > memory.byteSize()) {
      throw new RunException(
          program,
          Errno.EMSGSIZE,
          "%d bytes of memory are over the host's limit of %d".formatted(size, memory.byteSize()));
    }
    length = size;
    give(size == 0 ? 0 : memory.address(), size);
    return packet();
  }

  @Override
  public MemorySegment packet() {
    return memory.asSlice(0, length);
  }

  @Override
  public MemorySegment struct() {
    return memory.asSlice(0, 0);
  }

  @Override
  public void begin() {
    // The memory is as the last run, or the caller, left it.
  }

  @Override
  public boolean isSteady() {
    return true;
  }

  @Override
  public @Nullable Region find(long address, int size, boolean write) {
    return region.readable(address, size) ? region : null;
  }

  @Override
  public long loadPacket(int offset, int size) {
    if (offset < 0 || offset > length - size) {
      return -1;
    }
    long loaded = 0;
    for (int i = 0; i < size; i++) {
      loaded = loaded << 8 | (Memory.getByte(memory.address() + offset + i) & 0xff);
    }
    return loaded;
  }

  @Override
  public Redirect redirect() {
    return new Redirect.None();
  }

  @Override
  public void close() {
    arena.close();
  }

  /// The bytes that the run was given.
  private final class DataRegion extends Region {
    @Override
    public String describe() {
      return "memory (%d bytes)".formatted(length);
    }

    @Override
    public boolean readable(long address, int size) {
      long offset = address - memory.address();
      return offset >= 0 && offset <= length - size;
    }

    @Override
    public boolean writable(long address, int size) {
      return readable(address, size);
    }
  }
}
