package org.ebpf4j.relocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// The types of a target by their names without flavour.
final class Candidates {
  private final Btf target;

  /// Made when it is first asked for: a kernel has many types, and most programs ask for none.
  private Optional<Map<String, List<Integer>>> byName = Optional.empty();

  Candidates(Btf target) {
    this.target = target;
  }

  private Map<String, List<Integer>> byName() {
    if (byName.isEmpty()) {
      byName = Optional.of(index(target));
    }
    return byName.get();
  }

  private static Map<String, List<Integer>> index(Btf target) {
    Map<String, List<Integer>> index = new HashMap<>();
    for (int id = 1; id < target.endId(); id++) {
      String name = target.type(id).name();
      if (!name.isEmpty()) {
        index.computeIfAbsent(EssentialName.of(name), n -> new ArrayList<>(1)).add(id);
      }
    }
    return index;
  }

  /// Ids of the types of the same name and kind. A split BTF's own types count only where its base
  /// has none.
  List<Integer> of(BtfType local) {
    List<Integer> found = new ArrayList<>();
    for (int id : byName().getOrDefault(EssentialName.of(local.name()), List.of())) {
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
