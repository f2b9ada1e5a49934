package org.ebpf4j.btf;

import java.util.ArrayList;
import java.util.List;

/// Finds out what must be written between the members of a struct or union so that a compiler lays
/// it out as BTF says: nothing where it does so on its own, else unnamed bit-fields or, over long
/// distances, arrays.
final class CMembers {
  private static final int LARGEST_BIT_FIELD_PADDING = 64 * Byte.SIZE;

  private final BtfType.Composite composite;
  private final BtfLayout layout;
  private final boolean packed;
  private long end;
  private long largest;

  CMembers(BtfType.Composite composite, BtfLayout layout) {
    this.composite = composite;
    this.layout = layout;
    this.packed = layout.isPacked(composite);
  }

  /// Whether the composite needs `__attribute__((packed))`.
  boolean packed() {
    return packed;
  }

  /// The lines to write before a member; members are asked for in their order.
  List<String> paddingBefore(BtfType.Member member) {
    long bits =
        member.bitFieldBits() > 0
            ? member.bitFieldBits()
            : 8L * layout.sizeOf(member.type()).orElse(0);
    largest = Math.max(largest, bits);
    if (composite.union()) {
      return List.of();
    }
    List<String> lines =
        natural(member, bits) == member.bitOffset() ? List.of() : padding(member.bitOffset());
    end = Math.max(end, member.bitOffset() + bits);
    return lines;
  }

  /// The lines to write after the last member.
  List<String> paddingAfter() {
    long size = 8L * composite.size();
    long alignment = 8L * (packed ? 1 : alignment());
    if (composite.union()) {
      return roundUp(largest, alignment) < size
          ? List.of("unsigned char __padding[%d];".formatted(composite.size()))
          : List.of();
    }
    return roundUp(end, alignment) < size ? padding(size) : List.of();
  }

  private int alignment() {
    return composite.members().stream()
        .mapToInt(member -> layout.alignmentOf(member.type()))
        .max()
        .orElse(1);
  }

  /// Where a compiler places a member that follows the ones before.
  private long natural(BtfType.Member member, long bits) {
    if (member.bitFieldBits() == 0) {
      return roundUp(end, 8L * (packed ? 1 : layout.alignmentOf(member.type())));
    }
    long unit = 8L * layout.sizeOf(member.type()).orElse(1);
    boolean crosses = end / unit != (end + bits - 1) / unit;
    return crosses && !packed ? roundUp(end, unit) : end;
  }

  private List<String> padding(long to) {
    List<String> lines = new ArrayList<>();
    while (end < to) {
      long left = to - end;
      if (end % Byte.SIZE != 0) {
        long bits = Math.min(left, Byte.SIZE - end % Byte.SIZE);
        lines.add("char: %d;".formatted(bits));
        end += bits;
      } else if (left > LARGEST_BIT_FIELD_PADDING) {
        lines.add("unsigned char __padding_%d[%d];".formatted(end / 8, left / 8));
        end += left / 8 * 8;
      } else if (end % 64 == 0 && left >= 64) {
        end = add(lines, "long", 64);
      } else if (end % 32 == 0 && left >= 32) {
        end = add(lines, "int", 32);
      } else if (end % 16 == 0 && left >= 16) {
        end = add(lines, "short", 16);
      } else {
        end = add(lines, "char", Math.min(left, 8));
      }
    }
    return lines;
  }

  private long add(List<String> lines, String type, long bits) {
    lines.add("%s: %d;".formatted(type, bits));
    return end + bits;
  }

  private static long roundUp(long bits, long to) {
    return (bits + to - 1) / to * to;
  }
}
