package org.ebpf4j.verifier.internal.types;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;

/// Finds what lies at an offset of a struct, through members, unions and arrays. Source:
/// `btf_struct_walk` in Linux's `kernel/bpf/btf.c`.
public final class StructWalk {
  private static final int MAX_DEPTH = 64;

  private final Btf btf;
  private final BtfLayout layout;
  private final int size;
  private boolean throughUnion;

  private StructWalk(Btf btf, int size) {
    this.btf = btf;
    this.layout = new BtfLayout(btf);
    this.size = size;
  }

  /// What lies there.
  public sealed interface Member {
    /// Plain bytes.
    record PlainNumber() implements Member {}

    /// A pointer to the struct with this BTF id, the member `field`.
    ///
    /// @param tag `rcu`, `user`, `percpu` or another tag, or ""
    /// @param shared whether it lies in a union with other members, so that it may be none
    record Pointer(int target, String tag, String field, boolean shared) implements Member {}

    /// A pointer to anything but a struct.
    record PlainPointer() implements Member {}

    /// Nothing that may be accessed so.
    ///
    /// @param errno what Linux gives with the reason
    record Outside(Errno errno, String reason) implements Member {}
  }

  private static final Member NUMBER = new Member.PlainNumber();

  /// What a load of `size` bytes at `offset` finds.
  public static Member find(Btf btf, int type, int offset, int size) {
    return new StructWalk(btf, size).find(type, offset, 0);
  }

  private Member find(int type, int offset, int depth) {
    if (!(btf.resolved(type) instanceof BtfType.Composite struct)) {
      return new Member.Outside(
          Errno.EINVAL, "Type '" + btf.type(type).name() + "' is not a struct");
    }
    if (depth > MAX_DEPTH) {
      return new Member.Outside(Errno.EINVAL, "struct " + name(struct) + " is nested too deep");
    }
    throughUnion |= struct.union() && struct.members().size() > 1;
    if (offset + size > struct.size()) {
      return beyond(struct, offset, depth);
    }
    for (BtfType.Member member : struct.members()) {
      int start = member.bitOffset() / 8;
      if (offset + size <= start) {
        break;
      }
      if (member.bitFieldBits() != 0) {
        int end = (member.bitOffset() + member.bitFieldBits() + 7) / 8;
        if (offset <= start && end <= offset + size) {
          return NUMBER;
        }
        continue; // part of it alone may not be read, but what follows may
      }
      if (offset < start) {
        break; // a hole
      }
      int bytes = layout.sizeOf(member.type()).orElse(0);
      if (offset < start + bytes) {
        return inMember(struct, member, start, bytes, offset, depth);
      }
    }
    return new Member.Outside(
        Errno.EINVAL, "struct %s doesn't have field at offset %d".formatted(name(struct), offset));
  }

  /// Behind its end a struct may go on as an array of a length that nobody says.
  private Member beyond(BtfType.Composite struct, int offset, int depth) {
    if (!struct.members().isEmpty()) {
      BtfType.Member last = struct.members().getLast();
      int start = last.bitOffset() / 8;
      if (btf.resolved(last.type()) instanceof BtfType.Array(int element, int index, int count)
          && count == 0
          && offset >= start) {
        if (btf.resolved(element) instanceof BtfType.Int) {
          return NUMBER;
        }
        if (btf.resolved(element) instanceof BtfType.Composite inner && inner.size() > 0) {
          return find(element, (offset - start) % inner.size(), depth + 1);
        }
      }
    }
    return new Member.Outside(
        Errno.EACCES,
        "access beyond struct %s at off %d size %d".formatted(name(struct), offset, size));
  }

  private Member inMember(
      BtfType.Composite struct,
      BtfType.Member member,
      int start,
      int bytes,
      int offset,
      int depth) {
    int type = member.type();
    int end = start + bytes;
    int from = start;
    int elementBytes = bytes;
    while (btf.resolved(type) instanceof BtfType.Array(int element, int index, int count)) {
      type = element;
      elementBytes = layout.sizeOf(element).orElse(0);
    }
    if (elementBytes > 0) {
      from += (offset - start) / elementBytes * elementBytes;
    }
    switch (btf.resolved(type)) {
      case BtfType.Composite inner -> {
        return find(type, offset - from, depth + 1);
      }
      case BtfType.Pointer(int target) -> {
        if (size != elementBytes || offset != from) {
          return new Member.Outside(
              Errno.EACCES,
              "cannot access ptr member %s with moff %d in struct %s with off %d size %d"
                  .formatted(member.name(), from, name(struct), offset, size));
        }
        String tag = btf.type(target) instanceof BtfType.TypeTag under ? under.name() : "";
        int pointee = btf.resolve(target);
        if (btf.type(pointee) instanceof BtfType.Composite) {
          return new Member.Pointer(pointee, tag, member.name(), throughUnion);
        }
        return new Member.PlainPointer();
      }
      default -> {}
    }
    // Whatever is found on the way through a union is trusted so little that Linux lets it pass.
    if (offset + size > end && !throughUnion) {
      return new Member.Outside(
          Errno.EACCES,
          "access beyond the end of member %s (mend:%d) in struct %s with off %d size %d"
              .formatted(member.name(), end, name(struct), offset, size));
    }
    return NUMBER;
  }

  /// A struct's name as Linux prints it.
  private static String name(BtfType.Composite struct) {
    return struct.name().isEmpty() ? "(anon)" : struct.name();
  }
}
