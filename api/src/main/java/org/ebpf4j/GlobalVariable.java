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

  /// Its first bytes, as many as the codec takes.
  ///
  /// @throws IndexOutOfBoundsException if it has fewer
  default <T> T get(Codec<T> codec) {
    check(codec);
    return codec.decode(memory());
  }

  /// Sets its first bytes, as many as the codec gives.
  ///
  /// @throws IndexOutOfBoundsException if it has fewer
  /// @throws UnsupportedOperationException if it is not [#writable()]
  default <T> void set(Codec<T> codec, T value) {
    check(codec);
    if (!writable()) {
      throw new UnsupportedOperationException(
          "variable %s is fixed by loading: give it to LoadOptions.withGlobal".formatted(name()));
    }
    codec.encode(value, memory());
  }

  private void check(Codec<?> codec) {
    if (codec.size() > size()) {
      throw new IndexOutOfBoundsException(
          "variable %s has %d bytes, and the codec takes %d"
              .formatted(name(), size(), codec.size()));
    }
  }
}
