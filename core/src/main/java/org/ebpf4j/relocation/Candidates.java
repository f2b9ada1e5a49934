package org.ebpf4j.relocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// The types of a target by their names without flavour.
final class Candidates {
  private final Btf target;
  private final Map<String, List<Integer>> byName = new HashMap<>();

  Candidates(Btf target) {
    this.target = target;
    for (int id = 1; id < target.endId(); id++) {
      String name = target.type(id).name();
      if (!name.isEmpty()) {
        byName.computeIfAbsent(EssentialName.of(name), n -> new ArrayList<>(1)).add(id);
      }
    }
  }

  /// Ids of the types of the same name and kind. A split BTF's own types count only where its base
  /// has none.
  List<Integer> of(BtfType local) {
    List<Integer> found = new ArrayList<>();
    for (int id : byName.getOrDefault(EssentialName.of(local.name()), List.of())) {
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
