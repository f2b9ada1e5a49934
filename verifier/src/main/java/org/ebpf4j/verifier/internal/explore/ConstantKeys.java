package org.ebpf4j.verifier.internal.explore;

import java.util.OptionalLong;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;

/// Keys on the stack that are known before the program runs. All elements of an array are there
/// from the start, so a lookup with such a key finds one.
///
/// Source: `get_constant_map_key` and `can_elide_value_nullness` in Linux 6.18's
/// `kernel/bpf/verifier.c`.
final class ConstantKeys {
  private final Walk walk;

  ConstantKeys(Walk walk) {
    this.walk = walk;
  }

  /// Whether a lookup with the key at a pointer finds an element of this map in any case. What the
  /// answer rests on is needed precisely from then on.
  boolean isPresent(Value pointer, MapInfo map) {
    boolean array = map.type() == MapType.ARRAY || map.type() == MapType.PERCPU_ARRAY;
    if (!array || hasOpenLength(map) || pointer.kind() != Kind.STACK) {
      return false;
    }
    OptionalLong key = find(pointer, map.keySize());
    return key.isPresent()
        && key.getAsLong() >= 0
        && key.getAsLong() < Integer.toUnsignedLong(map.maxEntries());
  }

  /// Whether a map of maps may hold one of fewer elements than its prototype has. It takes any
  /// per-CPU array, which Linux 6.18 forgets here.
  private static boolean hasOpenLength(MapInfo map) {
    return map.hasOpenSize() || (map.type() == MapType.PERCPU_ARRAY && map.outer().isPresent());
  }

  private OptionalLong find(Value pointer, int size) {
    if (!pointer.number().isConstant()) {
      return OptionalLong.empty();
    }
    Frame frame = walk.state.frameOf(pointer);
    int index = -(pointer.offset() + (int) pointer.number().value()) - 1;
    int slot = index / Frame.SLOT_BYTES;
    if (count(frame, index, StackByte.ZERO) >= size) {
      return OptionalLong.of(0);
    }
    if (!frame.isSpilledScalar(slot)
        || count(frame, index, StackByte.SPILL) != size
        || !frame.slot(slot).number().isConstant()) {
      return OptionalLong.empty();
    }
    walk.needPreciseSlot(frame, slot);
    return OptionalLong.of(frame.slot(slot).number().value());
  }

  /// How many bytes of a sort lie in a slot from an index on, towards higher addresses.
  private static int count(Frame frame, int index, byte sort) {
    int first = index - index % Frame.SLOT_BYTES;
    int count = 0;
    for (int i = index; i >= first && frame.byteAt(i) == sort; i--) {
      count++;
    }
    return count;
  }
}
