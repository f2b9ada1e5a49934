package org.ebpf4j.runtime.internal.map;

/// A map whose values are maps.
interface MapOfMaps {

  /// Puts a map at a key; 0 or a negated errno: `EINVAL` for a map that is not as the inner ones
  /// must be.
  ///
  /// @param key address of the key
  /// @param scratch room for 8 bytes
  int putInner(long key, RuntimeMap inner, long scratch, long flags);
}
