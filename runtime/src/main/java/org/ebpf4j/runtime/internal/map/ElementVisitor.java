package org.ebpf4j.runtime.internal.map;

/// Sees the elements of a map one by one.
@FunctionalInterface
public interface ElementVisitor {

  /// @param key address of the key, to be read during the call
  /// @param value address of the value
  /// @return whether to go on
  boolean visit(long key, long value);
}
