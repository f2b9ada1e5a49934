package org.ebpf4j;

import org.ebpf4j.value.Codec;

/// The memory of an arena (`BPF_MAP_TYPE_ARENA`), by the addresses that pointers in it hold: what a
/// C application sees after `mmap`. Programs may change it at any time.
///
/// Who touches a page that is not there makes it, unless the arena was made with
/// `BPF_F_SEGV_ON_FAULT`.
public interface ArenaMemory {

  /// Where it begins: the address of its first page.
  long address();

  /// Bytes in all, whether or not pages are there.
  long size();

  /// A copy of `size` bytes.
  ///
  /// @param address a pointer that a program has stored, or anything between [#address] and the end
  /// @throws MapException `EFAULT` outside of the arena, or for a page that is not there where the
  ///   arena's flags forbid to touch it
  byte[] read(long address, int size);

  /// Stores bytes; see [#read].
  void write(long address, byte[] bytes);

  /// The value at an address.
  default <T> T get(long address, Codec<T> codec) {
    return codec.fromBytes(read(address, codec.size()));
  }

  /// Stores a value at an address.
  default <T> void set(long address, Codec<T> codec, T value) {
    write(address, codec.toBytes(value));
  }
}
