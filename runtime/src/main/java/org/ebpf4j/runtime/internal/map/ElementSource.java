package org.ebpf4j.runtime.internal.map;

/// Where a hash gets elements from and gives them back to. Each way answers with an index or a
/// negated errno. `cpu` is the CPU that the caller owns, or [SpareElements#NO_CPU].
sealed interface ElementSource permits PreallocatedElements, GrowingElements, EvictedElements {

  /// An element taken before the bucket is locked, or [ElementPool#NONE] where that is not the way.
  int takeAhead(int cpu);

  /// An element for a new key. The bucket is locked.
  int takeNew(int cpu);

  /// An element for the new value of a key that is there. The bucket is locked.
  int takeReplacement(int cpu);

  /// Takes back the element of a key that was deleted, or one that was taken ahead and not used.
  void give(int index, int cpu);

  /// Takes back the element that a replacement stood in for.
  void giveReplaced(int index, int cpu);
}
