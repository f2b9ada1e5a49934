package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Places for Java objects, by index, that count against the host's memory like everything in maps.
final class Slots<T> {
  /// What a reference is taken to weigh, whatever it really does.
  private static final int WEIGHT = 8;

  private final MapSite site;
  private final AtomicReferenceArray<@Nullable T> slots;

  /// @throws MapMemoryException when there is no room for so many
  Slots(MapSite site, int length) {
    this.site = site;
    long bytes = Integer.toUnsignedLong(length) * WEIGHT;
    if (length < 0 || !site.registry().budget().charge(bytes)) {
      throw new MapMemoryException(bytes);
    }
    try {
      this.slots = new AtomicReferenceArray<>(length);
    } catch (OutOfMemoryError exhausted) {
      site.registry().budget().discharge(bytes);
      throw new MapMemoryException(bytes);
    }
  }

  int length() {
    return slots.length();
  }

  /// What is at an index, `null` if nothing is or the index, unsigned, is out of range.
  @Nullable T get(int index) {
    return Integer.compareUnsigned(index, slots.length()) < 0 ? slots.get(index) : null;
  }

  /// Puts something, or nothing, at an index that is in range, and gives what was there.
  @Nullable T replace(int index, @Nullable T with) {
    return slots.getAndSet(index, with);
  }

  void free() {
    site.registry().budget().discharge((long) slots.length() * WEIGHT);
  }
}
