package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// Whether a pointer to one struct serves where a pointer to another is asked for.
final class ObjectTypes {
  private ObjectTypes() {}

  /// The pointer's own struct, or what lies at its offset, and whatever starts there, is `wanted`.
  static boolean matches(Value pointer, Target.Typed wanted) {
    if (!(pointer.target() instanceof Target.Typed(Btf btf, int type))) {
      return false;
    }
    return lies(btf, type, pointer.offset(), wanted, 0);
  }

  private static boolean lies(Btf btf, int type, int offset, Target.Typed wanted, int depth) {
    if (offset == 0 && sameStruct(btf, btf.resolve(type), wanted)) {
      return true;
    }
    if (depth > 16 || !(btf.resolved(type) instanceof BtfType.Composite composite)) {
      return false;
    }
    for (BtfType.Member member : composite.members()) {
      int start = member.bitOffset() / 8;
      boolean here = member.bitFieldBits() == 0 && start <= offset;
      if (here
          && btf.resolved(member.type()) instanceof BtfType.Composite inner
          && offset - start < Math.max(1, inner.size())
          && lies(btf, member.type(), offset - start, wanted, depth + 1)) {
        return true;
      }
    }
    return false;
  }

  private static boolean sameStruct(Btf btf, int type, Target.Typed wanted) {
    return btf == wanted.btf() && type == wanted.type();
  }
}
