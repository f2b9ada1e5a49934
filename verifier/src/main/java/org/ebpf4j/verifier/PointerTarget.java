package org.ebpf4j.verifier;

/// Which thing a pointer points into, as far as it is the same one in every run.
public sealed interface PointerTarget {

  /// Not known, or there is but one thing of that kind.
  record Any() implements PointerTarget {}

  /// A map of the collection, or its keys and values.
  ///
  /// @param name as in the spec
  record OfMap(String name) implements PointerTarget {}

  /// Some map that is held by a map of maps, or its keys and values. All maps it can be have the
  /// geometry of the outer map's prototype.
  ///
  /// @param outer the outer map's name, as in the spec
  record OfInnerMap(String outer) implements PointerTarget {}

  /// The stack of the function that the instruction belongs to.
  record OwnFrame() implements PointerTarget {}

  /// The stack of one of the functions that called this one.
  record CallersFrame() implements PointerTarget {}

  /// A function of the program.
  ///
  /// @param slot its first instruction
  record OfFunction(int slot) implements PointerTarget {}

  /// A block of memory.
  ///
  /// @param size bytes that are there at least
  record Block(long size) implements PointerTarget {}
}
