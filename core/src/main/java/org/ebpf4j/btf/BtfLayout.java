package org.ebpf4j.btf;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Sizes and alignments of the types of a [Btf], as the compiler laid them out for BPF: pointers
/// take 8 bytes. Not thread-safe: it remembers alignments.
public final class BtfLayout {
  /// Bytes of a pointer.
  public static final int POINTER_BYTES = 8;

  private static final long TOO_LARGE = 1L << 32;

  private final Btf btf;
  private final Map<Integer, Integer> alignments = new HashMap<>();

  public BtfLayout(Btf btf) {
    this.btf = btf;
  }

  /// Bytes of a type; empty for those without a size, such as `void`, functions and types that are
  /// declared only, and for arrays of 2^31 bytes or more: those are declared to say a number, as in
  /// `__uint(max_entries, 1 << 29)`, and nothing holds one.
  public OptionalInt sizeOf(int id) {
    long size = sizeOrNegative(btf, id);
    return size < 0 || size > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) size);
  }

  /// Bytes of a type, or -1 where it has no size. Not limited to 2^31, but 2^32 stands for more.
  static long sizeOrNegative(Btf btf, int id) {
    return switch (btf.resolved(id)) {
      case BtfType.Int type -> type.size();
      case BtfType.Pointer type -> POINTER_BYTES;
      case BtfType.Array(int element, int index, int count) -> {
        long size = sizeOrNegative(btf, element);
        yield size < 0 ? -1 : Math.min(size * count, TOO_LARGE);
      }
      case BtfType.Composite type -> type.size();
      case BtfType.Enumeration type -> type.declaredOnly() ? -1 : type.size();
      case BtfType.FloatType type -> type.size();
      case BtfType.DataSection type -> type.size();
      case BtfType.Variable type -> sizeOrNegative(btf, type.type());
      case BtfType.VoidType type -> -1;
      case BtfType.Forward type -> -1;
      case BtfType.Function type -> -1;
      case BtfType.Prototype type -> -1;
      case BtfType.DeclarationTag type -> -1;
      case BtfType.Typedef type -> throw unresolved(type);
      case BtfType.Qualifier type -> throw unresolved(type);
      case BtfType.TypeTag type -> throw unresolved(type);
    };
  }

  /// The multiple of bytes that a type's address should be of; 1 for those without a size.
  public int alignmentOf(int id) {
    Integer known = alignments.get(id);
    if (known == null) {
      known = computeAlignment(id);
      alignments.put(id, known);
    }
    return known;
  }

  private int computeAlignment(int id) {
    return switch (btf.resolved(id)) {
      case BtfType.Int type -> scalarAlignment(type.size());
      case BtfType.Pointer type -> POINTER_BYTES;
      case BtfType.Array type -> alignmentOf(type.element());
      case BtfType.Composite type -> compositeAlignment(type);
      case BtfType.Enumeration type -> scalarAlignment(type.size());
      case BtfType.FloatType type -> scalarAlignment(type.size());
      case BtfType.Variable type -> alignmentOf(type.type());
      case BtfType.DataSection type -> 1;
      case BtfType.VoidType type -> 1;
      case BtfType.Forward type -> 1;
      case BtfType.Function type -> 1;
      case BtfType.Prototype type -> 1;
      case BtfType.DeclarationTag type -> 1;
      case BtfType.Typedef type -> throw unresolved(type);
      case BtfType.Qualifier type -> throw unresolved(type);
      case BtfType.TypeTag type -> throw unresolved(type);
    };
  }

  /// Scalars are aligned to their size, up to 16 bytes for `__int128`.
  private static int scalarAlignment(int size) {
    return Math.max(1, Math.min(Integer.highestOneBit(size), 16));
  }

  private int compositeAlignment(BtfType.Composite type) {
    return isPacked(type) ? 1 : membersAlignment(type);
  }

  private int membersAlignment(BtfType.Composite type) {
    int alignment = 1;
    for (BtfType.Member member : type.members()) {
      alignment = Math.max(alignment, alignmentOf(member.type()));
    }
    return alignment;
  }

  /// Whether a struct or union must have been declared `packed`, which BTF does not tell: a member
  /// is off its alignment, a bit-field lies over two units of its type, or the size is no multiple
  /// of the alignment.
  boolean isPacked(BtfType.Composite type) {
    for (BtfType.Member member : type.members()) {
      if (member.bitFieldBits() == 0) {
        if (member.bitOffset() % (8L * alignmentOf(member.type())) != 0) {
          return true;
        }
      } else {
        long unit = 8L * sizeOf(member.type()).orElse(1);
        if (member.bitOffset() / unit != (member.bitOffset() + member.bitFieldBits() - 1L) / unit) {
          return true;
        }
      }
    }
    return type.size() % membersAlignment(type) != 0;
  }

  private static IllegalStateException unresolved(BtfType type) {
    return new IllegalStateException(type + " stands for another type and was not resolved");
  }
}
