package org.ebpf4j;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.value.Codec;

/// A global variable in an arena. Its pages come and go and need not lie together, so there is no
/// memory to hold on to: it is read and written through the arena.
///
/// @param arena where it lies
/// @param offset from the arena's start
public record ArenaVariable(String name, int size, ArenaMemory arena, long offset)
    implements GlobalVariable {

  /// The pointer to it that programs store.
  public long address() {
    return arena.address() + offset;
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  public MemorySegment memory() {
    throw new UnsupportedOperationException(
        "variable %s lies in an arena: use get and set, or the arena's memory".formatted(name));
  }

  @Override
  public <T> T get(Codec<T> codec) {
    check(codec);
    return arena.get(address(), codec);
  }

  @Override
  public <T> void set(Codec<T> codec, T value) {
    check(codec);
    arena.set(address(), codec, value);
  }

  private void check(Codec<?> codec) {
    if (codec.size() > size) {
      throw new IndexOutOfBoundsException(
          "variable %s has %d bytes, and the codec takes %d".formatted(name, size, codec.size()));
    }
  }
}
