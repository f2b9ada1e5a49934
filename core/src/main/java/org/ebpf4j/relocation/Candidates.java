package org.ebpf4j.relocation;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// The types of a target by their names without flavour.
final class Candidates {
  private final Btf target;

  Candidates(Btf target) {
    this.target = target;
  }

  /// Ids of the types of the same name and kind. A split BTF's own types count only where its base
  /// has none.
  List<Integer> of(BtfType local) {
    List<Integer> found = new ArrayList<>();
    for (int id : target.findFlavours(local.name())) {
      if (id >= target.firstId()
          && target.base().isPresent()
          && !found.isEmpty()
          && found.getFirst() < target.firstId()) {
        break;
      }
      if (Compatibility.sameKind(local, target.type(id))) {
        found.add(id);
      }
    }
    return found;
  }
}
