package org.ebpf4j.relocation;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.spec.CoreRelocation;

/// What a relocation refers to, in one particular BTF: a type, an enumerator of it, or a way from
/// it down to a field.
///
/// For `s->inner[3].x` the steps are the type itself (element 0 of the array that any pointer
/// points to), member `inner`, element 3 and member `x`. Members without a name are not steps of
/// their own, for another BTF may have them or not.
///
/// @param btf where it is
/// @param root id of the type
/// @param steps the way, empty where the relocation is about the type
/// @param bitOffset where the field is, in bits from the start of the type
record Access(Btf btf, int root, List<Step> steps, long bitOffset) {
  static final int MAX_LENGTH = 64;

  Access {
    steps = List.copyOf(steps);
  }

  /// A step on the way.
  ///
  /// @param type what holds it: the composite of a member, the type of an array's element
  /// @param index the number of the member, element or enumerator
  /// @param name the member's or enumerator's name, "" for elements
  record Step(int type, int index, String name) {
    boolean element() {
      return name.isEmpty();
    }
  }

  /// An access to a type as a whole.
  static Access type(Btf btf, int root) {
    return new Access(btf, root, List.of(), 0);
  }

  Step last() {
    return steps.getLast();
  }

  /// The access that a relocation describes, in the object's own BTF.
  static Access parse(Btf btf, CoreRelocation relocation) throws MalformedException {
    List<Integer> path = path(relocation.access());
    return switch (relocation.kind()) {
      case TYPE_ID_LOCAL, TYPE_ID_TARGET, TYPE_EXISTS, TYPE_SIZE, TYPE_MATCHES ->
          type(btf, relocation.type());
      case ENUM_VALUE, ENUM_VALUE_EXISTS -> enumerator(btf, relocation.type(), path);
      case FIELD_BYTE_OFFSET,
          FIELD_BYTE_SIZE,
          FIELD_EXISTS,
          FIELD_SIGNED,
          FIELD_LEFT_SHIFT,
          FIELD_RIGHT_SHIFT ->
          field(btf, relocation.type(), path);
    };
  }

  private static List<Integer> path(String text) throws MalformedException {
    List<Integer> path = new ArrayList<>();
    for (String part : text.split(":", MAX_LENGTH + 1)) {
      int number;
      try {
        number = Integer.parseInt(part);
      } catch (NumberFormatException e) {
        number = -1;
      }
      if (number < 0 || path.size() == MAX_LENGTH) {
        throw new MalformedException("access path '%s' cannot be read".formatted(text));
      }
      path.add(number);
    }
    return path;
  }

  private static Access enumerator(Btf btf, int root, List<Integer> path)
      throws MalformedException {
    int index = path.getFirst();
    int id = btf.resolve(root);
    if (path.size() != 1
        || !(btf.type(id) instanceof BtfType.Enumeration type)
        || index >= type.enumerators().size()) {
      throw new MalformedException("enumerator %s of type %d".formatted(path, root));
    }
    return new Access(
        btf, root, List.of(new Step(id, index, type.enumerators().get(index).name())), 0);
  }

  private static Access field(Btf btf, int root, List<Integer> path) throws MalformedException {
    BtfLayout layout = new BtfLayout(btf);
    int id = btf.resolve(root);
    List<Step> steps = new ArrayList<>();
    steps.add(new Step(id, path.getFirst(), ""));
    long bits = bits(layout, id, path.getFirst());
    for (int index : path.subList(1, path.size())) {
      switch (btf.type(id)) {
        case BtfType.Composite composite when index < composite.members().size() -> {
          BtfType.Member member = composite.members().get(index);
          bits += member.bitOffset();
          if (!member.name().isEmpty()) {
            steps.add(new Step(id, index, member.name()));
          }
          id = btf.resolve(member.type());
        }
        case BtfType.Array array when index < array.count() || isFlexible(btf, steps, array) -> {
          id = btf.resolve(array.element());
          steps.add(new Step(id, index, ""));
          bits += bits(layout, id, index);
        }
        default ->
            throw new MalformedException(
                "step %d of %s from type %d leads nowhere".formatted(index, path, root));
      }
    }
    return new Access(btf, root, steps, bits);
  }

  private static long bits(BtfLayout layout, int id, int elements) throws MalformedException {
    int size =
        layout
            .sizeOf(id)
            .orElseThrow(() -> new MalformedException("type %d has no size".formatted(id)));
    return 8L * size * elements;
  }

  /// Whether an array that was just reached is a struct's last member and has no length.
  static boolean isFlexible(Btf btf, List<Step> steps, BtfType.Array array) {
    return array.count() == 0
        && !steps.getLast().element()
        && btf.type(steps.getLast().type()) instanceof BtfType.Composite composite
        && steps.getLast().index() == composite.members().size() - 1;
  }

  /// In words, such as `struct sample.inner[3].x`.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(describe(btf.type(root)));
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (!step.element()) {
        text.append(btf.resolved(root) instanceof BtfType.Enumeration ? " " : ".");
        text.append(step.name());
      } else if (i > 0 || step.index() > 0) {
        text.append('[').append(step.index()).append(']');
      }
    }
    return text.toString();
  }

  private static String describe(BtfType type) {
    String name = type.name().isEmpty() ? "(anonymous)" : type.name();
    return switch (type) {
      case BtfType.Composite t -> (t.union() ? "union " : "struct ") + name;
      case BtfType.Enumeration t -> "enum " + name;
      default -> name;
    };
  }
}
