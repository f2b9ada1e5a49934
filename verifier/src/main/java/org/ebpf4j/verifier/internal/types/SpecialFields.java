package org.ebpf4j.verifier.internal.types;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.types.SpecialField.Kind;

/// Finds the special fields of a type: structs by their names, pointers by their type tags.
public final class SpecialFields {
  private static final int MAX_DEPTH = 32;

  private static final String CONTAINS = "contains:";

  private final Btf btf;
  private final DeclarationTags tags;
  private final List<SpecialField> found = new ArrayList<>();

  private SpecialFields(Btf btf, DeclarationTags tags) {
    this.btf = btf;
    this.tags = tags;
  }

  /// The special fields of a type, by offset.
  ///
  /// @param tags the declaration tags of `btf`, which say what lists and trees contain
  public static List<SpecialField> of(Btf btf, DeclarationTags tags, int type) {
    if (type == 0 || !btf.has(type)) {
      return List.of();
    }
    SpecialFields fields = new SpecialFields(btf, tags);
    fields.visit(type, 0, 0, Optional.empty());
    fields.found.sort(java.util.Comparator.comparingInt(SpecialField::offset));
    return List.copyOf(fields.found);
  }

  private void visit(int type, int offset, int depth, Optional<String> contains) {
    if (depth > MAX_DEPTH) {
      return;
    }
    switch (btf.resolved(type)) {
      case BtfType.Composite composite ->
          visitComposite(btf.resolve(type), composite, offset, depth, contains);
      case BtfType.DataSection section -> {
        for (BtfType.SectionVariable variable : section.variables()) {
          visit(variable.type(), offset + variable.offset(), depth + 1, Optional.empty());
        }
      }
      case BtfType.Variable variable -> {
        Optional<String> inside = tags.firstAfter(CONTAINS, type, DeclarationTags.WHOLE);
        visit(variable.type(), offset, depth + 1, inside);
      }
      case BtfType.Array(int element, int index, int count) ->
          visitArray(element, count, offset, depth, contains);
      case BtfType.Pointer pointer -> visitPointer(pointer, offset);
      case BtfType.VoidType t -> {}
      case BtfType.Int t -> {}
      case BtfType.Enumeration t -> {}
      case BtfType.Forward t -> {}
      case BtfType.Typedef t -> {}
      case BtfType.Qualifier t -> {}
      case BtfType.TypeTag t -> {}
      case BtfType.Function t -> {}
      case BtfType.Prototype t -> {}
      case BtfType.FloatType t -> {}
      case BtfType.DeclarationTag t -> {}
    }
  }

  private void visitArray(
      int element, int count, int offset, int depth, Optional<String> contains) {
    int before = found.size();
    visit(element, offset, depth + 1, contains);
    int size = new org.ebpf4j.btf.BtfLayout(btf).sizeOf(element).orElse(0);
    if (found.size() == before) {
      return;
    }
    for (int i = 1; i < count && found.size() < 64; i++) {
      visit(element, offset + i * size, depth + 1, contains);
    }
  }

  private void visitComposite(
      int type, BtfType.Composite composite, int offset, int depth, Optional<String> contains) {
    Optional<Kind> kind = kindOf(composite.name());
    if (kind.isPresent() && !composite.union()) {
      SpecialField plain = new SpecialField(kind.get(), offset, composite.size(), btf, 0, 0);
      found.add(contains.flatMap(text -> containing(plain, text)).orElse(plain));
      return;
    }
    int index = 0;
    for (BtfType.Member member : composite.members()) {
      if (member.bitFieldBits() == 0) {
        Optional<String> inside = tags.firstAfter(CONTAINS, type, index);
        visit(member.type(), offset + member.bitOffset() / 8, depth + 1, inside);
      }
      index++;
    }
  }

  /// A list or tree with what it contains: `struct:member`.
  private Optional<SpecialField> containing(SpecialField root, String text) {
    String[] parts = text.split(":", 2);
    if (parts.length < 2) {
      return Optional.empty();
    }
    for (int id : btf.find(parts[0], BtfType.Composite.class)) {
      if (btf.type(id) instanceof BtfType.Composite struct) {
        for (BtfType.Member member : struct.members()) {
          if (member.name().equals(parts[1])) {
            return Optional.of(
                new SpecialField(
                    root.kind(), root.offset(), root.size(), btf, id, member.bitOffset() / 8));
          }
        }
      }
    }
    return Optional.empty();
  }

  /// A tagged pointer to a struct. One to anything else, such as a struct that is only declared, is
  /// no field to Linux (`btf_find_kptr`).
  private void visitPointer(BtfType.Pointer pointer, int offset) {
    if (btf.type(pointer.target()) instanceof BtfType.TypeTag tag
        && btf.resolved(tag.target()) instanceof BtfType.Composite struct
        && !struct.union()) {
      kindOfTag(tag.name())
          .ifPresent(kind ->
              found.add(new SpecialField(kind, offset, 8, btf, btf.resolve(tag.target()), 0)));
    }
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

  private static Optional<Kind> kindOf(String name) {
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
}
