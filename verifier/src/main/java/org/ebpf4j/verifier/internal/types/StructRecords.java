package org.ebpf4j.verifier.internal.types;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.types.SpecialField.Kind;

/// What Linux asks of an object's structs before it takes the object's types: those with special
/// fields must be right. Loaders go on without types that it does not take, and no map has a value
/// of a known type then.
///
/// Source: the kernel's `btf_parse_struct_metas` and `btf_check_and_fixup_fields`.
public final class StructRecords {
  /// The kernel's structs that a map can give back when it goes. Source: calls of
  /// `register_btf_id_dtor_kfuncs`.
  private static final Set<String> GIVEN_BACK =
      Set.of(
          "task_struct",
          "cgroup",
          "bpf_cpumask",
          "bpf_crypto_ctx",
          "prog_test_ref_kfunc",
          "prog_test_member");

  private StructRecords() {}

  /// The special fields of objects of a type. Those of structs that Linux does not take count as
  /// well: hosts that take the type keep more than bytes there.
  ///
  /// @param tags those of `btf`
  public static List<SpecialField> fields(Btf btf, DeclarationTags tags, int type) {
    return SpecialFields.all(btf, tags, type, Kind::mayBeInObject);
  }

  /// Whether Linux notes the special fields of a type: a member of it is one itself.
  public static boolean isNoted(Btf btf, int type) {
    return btf.type(type) instanceof BtfType.Composite struct && hasSpecialMember(btf, struct);
  }

  /// Whether Linux takes the types.
  ///
  /// @param tags those of `btf`
  /// @param ofKernel whether the kernel has a struct of a name
  public static boolean areRight(Btf btf, DeclarationTags tags, Predicate<String> ofKernel) {
    Map<Integer, List<SpecialField>> records = new HashMap<>();
    for (int id = btf.firstId(); id < btf.endId(); id++) {
      if (btf.type(id) instanceof BtfType.Composite struct
          && !struct.union()
          && hasSpecialMember(btf, struct)) {
        Optional<List<SpecialField>> fields =
            SpecialFields.parse(btf, tags, id, Kind::mayBeInObject);
        if (fields.isEmpty() || fields.get().isEmpty()) {
          return false;
        }
        records.put(id, fields.get());
      }
    }
    return records.values().stream()
        .allMatch(fields -> canBeGivenBack(btf, fields, ofKernel) && ownRightly(fields, records));
  }

  private static boolean hasSpecialMember(Btf btf, BtfType.Composite struct) {
    for (BtfType.Member member : struct.members()) {
      boolean special =
          switch (btf.type(member.type())) {
            case BtfType.Composite inside ->
                SpecialFields.kindOf(inside.name()).filter(StructRecords::isLookedFor).isPresent();
            case BtfType.Pointer pointer ->
                SpecialFields.pointer(btf, pointer, 0)
                    .filter(field -> field.kind() != Kind.USER_POINTER)
                    .isPresent();
            default -> false;
          };
      if (special) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLookedFor(Kind kind) {
    return kind.mayBeInObject() && kind != Kind.RES_SPIN_LOCK;
  }

  private static boolean canBeGivenBack(
      Btf btf, List<SpecialField> fields, Predicate<String> ofKernel) {
    for (SpecialField field : fields) {
      String name = field.kind() == Kind.KPTR ? btf.type(field.pointee()).name() : "";
      if (!name.isEmpty() && !GIVEN_BACK.contains(name) && ofKernel.test(name)) {
        return false;
      }
    }
    return true;
  }

  /// What lies in lists and trees itself, may not own what does so, too.
  private static boolean ownRightly(
      List<SpecialField> fields, Map<Integer, List<SpecialField>> records) {
    boolean owned = fields.stream().anyMatch(field -> isNode(field.kind()));
    for (SpecialField field : fields) {
      if (isRoot(field.kind())) {
        List<SpecialField> contents = records.get(field.pointee());
        if (contents == null
            || (owned && contents.stream().anyMatch(content -> isRoot(content.kind())))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isNode(Kind kind) {
    return kind == Kind.LIST_NODE || kind == Kind.TREE_NODE;
  }

  private static boolean isRoot(Kind kind) {
    return kind == Kind.LIST_HEAD || kind == Kind.TREE_ROOT;
  }
}
