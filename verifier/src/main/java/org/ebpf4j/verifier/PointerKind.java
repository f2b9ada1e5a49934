package org.ebpf4j.verifier;

/// What sort of thing a pointer points at. Where an offset is given with it, that counts in bytes
/// from the thing's start, if nothing else is said here.
public enum PointerKind {
  /// The context that the program was given.
  CONTEXT,
  /// The stack of this function or of one that called it. Offsets count from the frame pointer and
  /// are negative.
  STACK,
  /// A map itself, as helpers take it.
  MAP,
  /// A value in a map. Whether the offset may be used is proven; which of the map's elements it is
  /// in is not known.
  MAP_VALUE,
  /// A key in a map, as callbacks are given it.
  MAP_KEY,
  /// The packet. Offsets count from its first byte, `data`.
  PACKET,
  /// The end of the packet, `data_end`.
  PACKET_END,
  /// The packet's metadata. Offsets count from `data_meta`.
  PACKET_META,
  /// A block of memory of its own: a ring buffer's record, a slice of a dynptr, an argument of a
  /// global function, a kernel function's result.
  MEMORY,
  /// A buffer whose size is checked when the program runs: an iterator's or tracepoint's.
  BUFFER,
  /// The flow keys of a flow dissector.
  FLOW_KEYS,
  /// A socket of the kernel, of any of the sorts whose fields programs read by offset.
  SOCKET,
  /// An object of the kernel or one that the program allocated, of a type known by BTF.
  BTF_OBJECT,
  /// A function of the program.
  FUNCTION,
  /// A dynptr that is not on the stack, as callbacks and global functions are given it.
  DYNPTR,
  /// A page of an arena.
  ARENA
}
