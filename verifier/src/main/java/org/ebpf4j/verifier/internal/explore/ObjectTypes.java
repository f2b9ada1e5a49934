package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// Whether a pointer to one struct serves where a pointer to another is asked for.
///
/// Source: the kernel's `btf_struct_ids_match`, which looks at the first member that lies at the
/// offset, of unions too.
final class ObjectTypes {
  private final Btf btf;
  private final BtfLayout layout;

  private ObjectTypes(Btf btf) {
    this.btf = btf;
    this.layout = new BtfLayout(btf);
  }

  /// The pointer's own struct, or what lies at its offset, and whatever starts there, is `wanted`.
  static boolean matches(Value pointer, Target.Typed wanted) {
    if (!(pointer.target() instanceof Target.Typed(Btf btf, int type))) {
      return false;
    }
    if (pointer.offset() == 0 && btf == wanted.btf() && btf.resolve(type) == wanted.type()) {
      return true;
    }
    return btf == wanted.btf() && new ObjectTypes(btf).lies(type, pointer.offset(), wanted);
  }

  private boolean lies(int outer, int from, Target.Typed wanted) {
    int type = outer;
    int offset = from;
    while (btf.resolved(type) instanceof BtfType.Composite struct
        && offset >= 0
        && offset < struct.size()) {
      BtfType.Member member = memberAt(struct, offset);
      if (member == null) {
        return false;
      }
      int start = member.bitOffset() / 8;
      type = member.type();
      while (btf.resolved(type) instanceof BtfType.Array(int element, int index, int count)) {
        type = element;
      }
      int size = Math.max(1, layout.sizeOf(type).orElse(1));
      offset = (offset - start) % size;
      if (offset == 0 && btf.resolve(type) == wanted.type()) {
        return true;
      }
    }
    return false;
  }

  private BtfType.@Nullable Member memberAt(BtfType.Composite struct, int offset) {
    for (BtfType.Member member : struct.members()) {
      int start = member.bitOffset() / 8;
      if (member.bitFieldBits() != 0 && offset >= start) {
        continue;
      }
      if (offset < start) {
        return null;
      }
      if (offset < start + layout.sizeOf(member.type()).orElse(0)) {
        return member;
      }
    }
    return null;
  }
}
