package org.ebpf4j.verifier.internal.types;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// The declaration tags of an object's types, by what they are attached to.
public final class DeclarationTags {
  /// The component of tags that belong to a declaration as a whole.
  public static final int WHOLE = -1;

  private record Place(int type, int component) {}

  private final Map<Place, List<String>> tags = new HashMap<>();

  public DeclarationTags(Btf btf) {
    for (BtfType type : btf.ownTypes()) {
      if (type instanceof BtfType.DeclarationTag tag) {
        tags.computeIfAbsent(new Place(tag.target(), tag.component()), p -> new ArrayList<>())
            .add(tag.name());
      }
    }
  }

  /// What follows `prefix` in the tags of a type, or of a member or parameter of it.
  ///
  /// @param component the index of the member or parameter, or [#WHOLE]
  public List<String> after(String prefix, int type, int component) {
    List<String> found = new ArrayList<>();
    for (String tag : tags.getOrDefault(new Place(type, component), List.of())) {
      if (tag.startsWith(prefix)) {
        found.add(tag.substring(prefix.length()));
      }
    }
    return found;
  }

  /// The first of those.
  public Optional<String> firstAfter(String prefix, int type, int component) {
    return after(prefix, type, component).stream().findFirst();
  }
}
