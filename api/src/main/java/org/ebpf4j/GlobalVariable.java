package org.ebpf4j;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.value.Codec;

/// A global variable of a loaded collection, shared with its programs.
///
/// Single reads and writes of up to eight aligned bytes are atomic; longer ones may mix with what
/// programs do at the same time.
public interface GlobalVariable {

  String name();

  /// Its size in bytes.
  int size();

  /// Whether programs and callers may change it; `const` ones are fixed by loading.
  boolean writable();

  /// The memory itself, read-only if the variable is. Valid until the collection closes.
  ///
  /// @throws UnsupportedOperationException for a variable in an arena, see [ArenaVariable]
  MemorySegment memory();

  default <T> T get(Codec<T> codec) {
    return codec.decode(memory());
  }

  default <T> void set(Codec<T> codec, T value) {
    codec.encode(value, memory());
  }
}
