package org.ebpf4j.verifier.internal.types;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;

/// Finds what lies at an offset of a struct, through members, unions and arrays.
public final class StructWalk {
  private static final int MAX_DEPTH = 64;

  private StructWalk() {}

  /// What lies there.
  public sealed interface Member {
    /// Plain bytes.
    record PlainNumber() implements Member {}

    /// The pointer `field` to the struct with this BTF id, tagged `rcu`, `user`, `percpu` or not at
    /// all.
    record Pointer(int target, String tag, String field) implements Member {}

    /// Nothing that may be accessed so.
    record Outside(String reason) implements Member {}
  }

  private static final Member NUMBER = new Member.PlainNumber();

  /// What a load of `size` bytes at `offset` finds.
  public static Member find(Btf btf, int type, int offset, int size) {
    return find(btf, type, offset, size, 0);
  }

  private static Member find(Btf btf, int type, int offset, int size, int depth) {
    if (!(btf.resolved(type) instanceof BtfType.Composite composite)) {
      return new Member.Outside("Type '" + btf.type(type).name() + "' is not a struct");
    }
    if (offset + size > composite.size()) {
      return beyond(btf, composite, offset, size);
    }
    for (BtfType.Member member : composite.members()) {
      int start = member.bitOffset() / 8;
      if (member.bitFieldBits() != 0) {
        int end = (member.bitOffset() + member.bitFieldBits() + 7) / 8;
        if (offset <= start && offset + size >= end) {
          return NUMBER;
        }
        if (offset < end && start < offset + size) {
          return NUMBER;
        }
        continue;
      }
      int bytes = new BtfLayout(btf).sizeOf(member.type()).orElse(0);
      if (offset >= start + bytes || offset < start) {
        continue;
      }
      Member found = inMember(btf, member, offset - start, size, depth);
      if (!(found instanceof Member.Outside) || !composite.union()) {
        return found;
      }
    }
    return new Member.Outside(
        "struct %s doesn't have field at offset %d".formatted(composite.name(), offset));
  }

  private static Member beyond(Btf btf, BtfType.Composite composite, int offset, int size) {
    if (!composite.members().isEmpty()) {
      BtfType.Member last = composite.members().getLast();
      if (btf.resolved(last.type()) instanceof BtfType.Array(int element, int index, int count)
          && count == 0
          && offset >= last.bitOffset() / 8) {
        return NUMBER;
      }
    }
    return new Member.Outside(
        "access beyond struct %s at off %d size %d".formatted(composite.name(), offset, size));
  }

  private static Member inMember(Btf btf, BtfType.Member member, int offset, int size, int depth) {
    int type = member.type();
    int within = offset;
    while (btf.resolved(type) instanceof BtfType.Array(int element, int index, int count)) {
      int elementSize = new BtfLayout(btf).sizeOf(element).orElse(0);
      if (elementSize == 0) {
        return NUMBER;
      }
      within %= elementSize;
      type = element;
    }
    return switch (btf.resolved(type)) {
      case BtfType.Composite composite ->
          depth < MAX_DEPTH
              ? find(btf, type, within, size, depth + 1)
              : new Member.Outside("struct " + composite.name() + " is nested too deep");
      case BtfType.Pointer(int target) -> pointer(btf, target, member, within, size);
      case BtfType.Int t -> NUMBER;
      case BtfType.Enumeration t -> NUMBER;
      case BtfType.FloatType t -> NUMBER;
      case BtfType.VoidType t -> NUMBER;
      case BtfType.Array t -> NUMBER;
      case BtfType.Forward t -> NUMBER;
      case BtfType.Typedef t -> NUMBER;
      case BtfType.Qualifier t -> NUMBER;
      case BtfType.TypeTag t -> NUMBER;
      case BtfType.Function t -> NUMBER;
      case BtfType.Prototype t -> NUMBER;
      case BtfType.Variable t -> NUMBER;
      case BtfType.DataSection t -> NUMBER;
      case BtfType.DeclarationTag t -> NUMBER;
    };
  }

  private static Member pointer(Btf btf, int target, BtfType.Member member, int within, int size) {
    if (size != 8 || within != 0) {
      return within == 0
          ? NUMBER
          : new Member.Outside(
              "cannot access ptr member %s with moff %d in struct with off %d size %d"
                  .formatted(member.name(), member.bitOffset() / 8, within, size));
    }
    String tag = btf.type(target) instanceof BtfType.TypeTag under ? under.name() : "";
    int pointee = btf.resolve(target);
    return btf.type(pointee) instanceof BtfType.Composite
        ? new Member.Pointer(pointee, tag, member.name())
        : NUMBER;
  }
}
