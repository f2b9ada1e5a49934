package org.ebpf4j.verifier.internal.types;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.types.SpecialField.Kind;

/// Finds the special fields of a type: structs by their names, pointers by their type tags. Only
/// structs and arrays are looked into; what a typedef, a qualifier or a union hides, is none.
///
/// Source of the rules: the kernel's `btf_find_field` and `btf_parse_fields`.
final class SpecialFields {
  private static final int MAX_DEPTH = 32;

  /// Source: `BTF_FIELDS_MAX`.
  private static final int MAX_FIELDS = 11;

  /// So many are enough to tell that there are too many.
  private static final int MOST_OF_WRONG = 256;

  private static final String CONTAINS = "contains:";

  private final Btf btf;
  private final DeclarationTags tags;
  private final Predicate<Kind> kinds;
  private final List<SpecialField> found = new ArrayList<>();
  private boolean wrong;

  private SpecialFields(Btf btf, DeclarationTags tags, Predicate<Kind> kinds) {
    this.btf = btf;
    this.tags = tags;
    this.kinds = kinds;
  }

  /// The special fields of a struct or data section, by offset; empty if Linux finds them wrong.
  ///
  /// @param tags the declaration tags of `btf`, which say what lists and trees contain
  /// @param kinds those that are looked for
  static Optional<List<SpecialField>> parse(
      Btf btf, DeclarationTags tags, int type, Predicate<Kind> kinds) {
    SpecialFields fields = new SpecialFields(btf, tags, kinds);
    fields.top(type);
    return fields.wrong || !fields.fitTogether()
        ? Optional.empty()
        : Optional.of(List.copyOf(fields.found));
  }

  /// All parts that would be special fields if nothing was wrong with them.
  static List<SpecialField> all(Btf btf, DeclarationTags tags, int type, Predicate<Kind> kinds) {
    SpecialFields fields = new SpecialFields(btf, tags, kinds);
    fields.top(type);
    return List.copyOf(fields.found);
  }

  private void top(int type) {
    int resolved = btf.resolve(type);
    switch (btf.type(resolved)) {
      case BtfType.Composite struct when !struct.union() -> struct(resolved, struct, 0, 0);
      case BtfType.DataSection section -> section(section);
      default -> {}
    }
    found.sort(Comparator.comparingInt(SpecialField::offset));
  }

  private boolean fitTogether() {
    boolean lock = has(Kind.SPIN_LOCK);
    boolean resilient = has(Kind.RES_SPIN_LOCK);
    boolean locked = lock || resilient;
    return found.size() <= MAX_FIELDS
        && !(lock && resilient)
        && (locked || !(has(Kind.LIST_HEAD) || has(Kind.TREE_ROOT)))
        && !(has(Kind.LIST_NODE) && has(Kind.TREE_NODE) && !has(Kind.REFERENCE_COUNT));
  }

  private boolean has(Kind kind) {
    return found.stream().anyMatch(field -> field.kind() == kind);
  }

  private void struct(int type, BtfType.Composite struct, int offset, int depth) {
    if (depth > MAX_DEPTH) {
      wrong = true;
      return;
    }
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    int index = 0;
    for (BtfType.Member member : struct.members()) {
      if (member.bitOffset() % Byte.SIZE == 0) {
        int at = offset + member.bitOffset() / Byte.SIZE;
        field(member.type(), at, depth, seen, type, index);
      }
      index++;
    }
  }

  private void section(BtfType.DataSection section) {
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    for (BtfType.SectionVariable place : section.variables()) {
      if (btf.type(place.type()) instanceof BtfType.Variable variable) {
        int type = variable.type();
        field(type, place.offset(), 0, seen, place.type(), DeclarationTags.WHOLE);
      }
    }
  }

  /// A member or variable, or an array of such.
  ///
  /// @param seen kinds of those beside it
  /// @param owner the type with its declaration tags, and `component` which part of it
  private void field(int type, int offset, int depth, Set<Kind> seen, int owner, int component) {
    int element = type;
    int count = 1;
    while (btf.type(element) instanceof BtfType.Array array) {
      count *= array.count();
      element = array.element();
    }
    if (count == 0) {
      return;
    }
    int before = found.size();
    int size = Long.BYTES;
    switch (btf.type(element)) {
      case BtfType.Composite struct when !struct.union() -> {
        Optional<Kind> kind = kindOf(struct.name()).filter(kinds);
        if (kind.isEmpty()) {
          struct(element, struct, offset, depth + 1);
        } else {
          wrong |= isUnique(kind.get()) && !seen.add(kind.get());
          if (offset % alignment(kind.get()) == 0) {
            special(kind.get(), struct, offset, owner, component);
          }
        }
        size = struct.size();
      }
      case BtfType.Pointer pointer ->
          pointer(btf, pointer, offset).filter(this::isWanted).ifPresent(found::add);
      default -> {}
    }
    repeat(before, count, size);
  }

  private boolean isWanted(SpecialField field) {
    return kinds.test(field.kind());
  }

  private void special(Kind kind, BtfType.Composite struct, int offset, int owner, int component) {
    SpecialField plain = new SpecialField(kind, offset, struct.size(), btf, 0, 0);
    if (kind != Kind.LIST_HEAD && kind != Kind.TREE_ROOT) {
      found.add(plain);
      return;
    }
    List<String> contents = tags.after(CONTAINS, owner, component);
    Optional<SpecialField> root =
        contents.size() == 1 ? containing(plain, contents.getFirst()) : Optional.empty();
    wrong |= root.isEmpty();
    found.add(root.orElse(plain));
  }

  /// The fields found last are those of the first element of an array.
  private void repeat(int before, int count, int size) {
    int each = found.size() - before;
    if (count == 1 || each == 0) {
      return;
    }
    List<SpecialField> first = List.copyOf(found.subList(before, found.size()));
    boolean may = first.stream().allMatch(field -> mayBeRepeated(field.kind()));
    wrong |= !may || (long) each * count > MAX_FIELDS;
    for (int i = 1; i < count && found.size() < MOST_OF_WRONG; i++) {
      for (SpecialField field : first) {
        int at = field.offset() + i * size;
        found.add(
            new SpecialField(
                field.kind(), at, field.size(), field.btf(), field.pointee(), field.node()));
      }
    }
  }

  /// A list or tree with what it contains: `struct:member`.
  private Optional<SpecialField> containing(SpecialField root, String text) {
    String[] parts = text.split(":", 2);
    Kind node = root.kind() == Kind.LIST_HEAD ? Kind.LIST_NODE : Kind.TREE_NODE;
    if (parts.length < 2) {
      return Optional.empty();
    }
    for (int id : btf.find(parts[0], BtfType.Composite.class)) {
      if (btf.type(id) instanceof BtfType.Composite struct && !struct.union()) {
        for (BtfType.Member member : struct.members()) {
          if (member.name().equals(parts[1])) {
            return btf.type(member.type()) instanceof BtfType.Composite inside
                    && inside.name().equals(node.typeName())
                ? Optional.of(
                    new SpecialField(
                        root.kind(), root.offset(), root.size(), btf, id, member.bitOffset() / 8))
                : Optional.empty();
          }
        }
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// A tagged pointer to a struct. One to anything else, such as a struct that is only declared, is
  /// no field to Linux (`btf_find_kptr`).
  static Optional<SpecialField> pointer(Btf btf, BtfType.Pointer pointer, int offset) {
    if (btf.type(pointer.target()) instanceof BtfType.TypeTag tag
        && offset % Long.BYTES == 0
        && btf.resolved(tag.target()) instanceof BtfType.Composite struct
        && !struct.union()) {
      return kindOfTag(tag.name())
          .map(kind ->
              new SpecialField(kind, offset, Long.BYTES, btf, btf.resolve(tag.target()), 0));
    }
    return Optional.empty();
  }

  private static Optional<Kind> kindOfTag(String tag) {
    return switch (tag) {
      case "kptr_untrusted" -> Optional.of(Kind.KPTR_UNTRUSTED);
      case "kptr" -> Optional.of(Kind.KPTR);
      case "percpu_kptr" -> Optional.of(Kind.KPTR_PER_CPU);
      case "uptr" -> Optional.of(Kind.USER_POINTER);
      default -> Optional.empty();
    };
  }

  static Optional<Kind> kindOf(String name) {
    return switch (name) {
      case "bpf_spin_lock" -> Optional.of(Kind.SPIN_LOCK);
      case "bpf_res_spin_lock" -> Optional.of(Kind.RES_SPIN_LOCK);
      case "bpf_timer" -> Optional.of(Kind.TIMER);
      case "bpf_wq" -> Optional.of(Kind.WORK_QUEUE);
      case "bpf_task_work" -> Optional.of(Kind.TASK_WORK);
      case "bpf_list_head" -> Optional.of(Kind.LIST_HEAD);
      case "bpf_list_node" -> Optional.of(Kind.LIST_NODE);
      case "bpf_rb_root" -> Optional.of(Kind.TREE_ROOT);
      case "bpf_rb_node" -> Optional.of(Kind.TREE_NODE);
      case "bpf_refcount" -> Optional.of(Kind.REFERENCE_COUNT);
      default -> Optional.empty();
    };
  }

  private static boolean isUnique(Kind kind) {
    return switch (kind) {
      case SPIN_LOCK, RES_SPIN_LOCK, TIMER, WORK_QUEUE, TASK_WORK -> true;
      case KPTR_UNTRUSTED,
          KPTR,
          KPTR_PER_CPU,
          LIST_HEAD,
          LIST_NODE,
          TREE_ROOT,
          TREE_NODE,
          REFERENCE_COUNT,
          USER_POINTER ->
          false;
    };
  }

  private static boolean mayBeRepeated(Kind kind) {
    return kind.isPointer() || kind == Kind.LIST_HEAD || kind == Kind.TREE_ROOT;
  }

  /// Bytes that a field's offset must be a multiple of; others are overlooked.
  private static int alignment(Kind kind) {
    return switch (kind) {
      case SPIN_LOCK, RES_SPIN_LOCK, REFERENCE_COUNT -> 4;
      case TIMER,
          WORK_QUEUE,
          TASK_WORK,
          KPTR_UNTRUSTED,
          KPTR,
          KPTR_PER_CPU,
          LIST_HEAD,
          LIST_NODE,
          TREE_ROOT,
          TREE_NODE,
          USER_POINTER ->
          8;
    };
  }
}
