package org.ebpf4j.verifier.internal.types;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// Structs that hold numbers alone, through structs and arrays in them. Source:
/// `__btf_type_is_scalar_struct` in Linux's `kernel/bpf/verifier.c`.
public final class PlainStructs {
  private static final int MAX_DEPTH = 4;

  private PlainStructs() {}

  public static boolean isPlain(Btf btf, int type) {
    return isPlain(btf, type, 0);
  }

  private static boolean isPlain(Btf btf, int type, int depth) {
    if (!(btf.resolved(type) instanceof BtfType.Composite composite)) {
      return false;
    }
    for (BtfType.Member member : composite.members()) {
      int inner = btf.resolve(member.type());
      if (btf.type(inner) instanceof BtfType.Composite) {
        if (depth + 1 >= MAX_DEPTH || !isPlain(btf, inner, depth + 1)) {
          return false;
        }
        continue;
      }
      if (btf.type(inner) instanceof BtfType.Array(int element, int index, int count)) {
        inner = btf.resolve(element);
      }
      if (!(btf.type(inner) instanceof BtfType.Int)
          && !(btf.type(inner) instanceof BtfType.Enumeration)) {
        return false;
      }
    }
    return true;
  }
}
