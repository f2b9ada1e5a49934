package org.ebpf4j.btf;

import java.util.HashMap;
import java.util.Map;

/// Names for C: where several types have the same one, all but the first get a suffix, `___2` and
/// so on, which CO-RE ignores.
final class CNames {
  private final Btf btf;
  private final Map<String, Integer> tags = new HashMap<>();
  private final Map<String, Integer> identifiers = new HashMap<>();
  private final Map<Integer, String> names = new HashMap<>();
  private final Map<String, Boolean> compositeKinds = new HashMap<>();

  CNames(Btf btf) {
    this.btf = btf;
    for (int id = 1; id < btf.endId(); id++) {
      switch (btf.type(id)) {
        case BtfType.Composite(String name, boolean union, var size, var members)
            when !name.isEmpty() -> {
          names.put(id, unique(tags, name));
          compositeKinds.putIfAbsent(name, union);
        }
        case BtfType.Enumeration type when !type.name().isEmpty() ->
            names.put(id, unique(tags, type.name()));
        case BtfType.Typedef type -> names.put(id, unique(identifiers, type.name()));
        default -> {}
      }
    }
    for (int id = 1; id < btf.endId(); id++) {
      if (btf.type(id) instanceof BtfType.Forward(String name, boolean union)) {
        boolean known = compositeKinds.getOrDefault(name, !union) == union;
        names.put(id, known ? name : unique(tags, name));
      }
    }
  }

  /// The name of a type, without `struct` and the like; "" for those without one.
  String of(int id) {
    return names.getOrDefault(id, btf.type(id).name());
  }

  /// A name for an enumerator that is about to be written.
  String enumerator(String name) {
    return unique(identifiers, name);
  }

  private static String unique(Map<String, Integer> used, String name) {
    int count = used.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + "___" + count;
  }
}
