package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import java.util.Set;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Pointers that programs keep in map values, and those to user memory that a host puts there.
///
/// Source: the kernel's `check_map_kptr_access` and `map_kptr_match_type`.
final class KeptPointers {
  /// Structs whose objects live on until all RCU sections are left: `rcu_protected_types`.
  private static final Set<String> FREED_AFTER_RCU =
      Set.of("prog_test_ref_kfunc", "cgroup", "bpf_cpumask", "task_struct", "bpf_crypto_ctx");

  private final Walk walk;
  private final RegionAccess regions;

  KeptPointers(Walk walk, RegionAccess regions) {
    this.walk = walk;
    this.regions = regions;
  }

  /// The pointer kept at an offset in a map's value.
  Optional<SpecialField> at(MapInfo map, int offset) {
    for (SpecialField field : map.fields()) {
      if (field.offset() == offset && field.kind().isPointer()) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  /// A load or store of 8 bytes, which is what [RegionAccess] lets pass.
  ///
  /// @return what a load gives
  Value access(SpecialField field, MemoryAccess.Access access) {
    if (access.aligned()) {
      throw walk.refuse(
          Errno.EACCES, "kptr in map can only be accessed using BPF_MEM instruction mode");
    }
    if (access.write()) {
      store(field, access);
      return Value.UNKNOWN;
    }
    return load(field).withId(walk.newId());
  }

  private void store(SpecialField field, MemoryAccess.Access access) {
    if (field.kind() == SpecialField.Kind.USER_POINTER) {
      throw walk.refuse(Errno.EACCES, "store to uptr disallowed");
    }
    if (field.kind() != SpecialField.Kind.KPTR_UNTRUSTED) {
      throw walk.refuse(Errno.EACCES, "store to referenced kptr disallowed");
    }
    if (access.constant() != null) {
      if (!access.constant().isZero()) {
        throw walk.refuse(
            Errno.EACCES, "BPF_ST imm must be 0 when storing to kptr at off=%d", field.offset());
      }
    } else if (walk.peek(access.other()).isZero()) {
      walk.needPrecise(access.other());
    } else {
      checkFits(field, access.other(), walk.peek(access.other()));
    }
  }

  /// Checks that a pointer may be put into a field.
  void checkFits(SpecialField field, int register, Value value) {
    Target.Typed wanted = walk.rules.pointee(field);
    if (!(value.target() instanceof Target.Typed given)
        || value.kind() != Kind.BTF_OBJECT
        || (value.flags() & ~allowed(field, given)) != 0
        || (field.kind() == SpecialField.Kind.KPTR_PER_CPU) != value.has(Flags.PER_CPU)) {
      throw unfit(field, register, value, "", wanted);
    }
    String name = given.btf().type(given.type()).name();
    regions.checkUnmodified(register, value, true);
    boolean same =
        field.kind() == SpecialField.Kind.KPTR_UNTRUSTED
            ? ObjectTypes.matches(value, wanted)
            : value.offset() == 0 && wanted.equals(given);
    if (!same) {
      throw unfit(field, register, value, name, wanted);
    }
  }

  private int allowed(SpecialField field, Target.Typed given) {
    if (given.btf() == walk.rules.objectBtf()) {
      boolean perCpu = field.kind() == SpecialField.Kind.KPTR_PER_CPU;
      return Flags.MAYBE_NULL | Flags.ALLOCATED | (perCpu ? Flags.PER_CPU : 0);
    }
    boolean untrusted = field.kind() == SpecialField.Kind.KPTR_UNTRUSTED;
    return Flags.MAYBE_NULL | Flags.TRUSTED | Flags.RCU | (untrusted ? Flags.UNTRUSTED : 0);
  }

  private RuntimeException unfit(
      SpecialField field, int register, Value value, String name, Target.Typed wanted) {
    String struct = wanted.btf().type(wanted.type()).name();
    return walk.refuse(
        Errno.EACCES,
        "invalid kptr access, R%d type=%s%s expected=ptr_%s%s",
        register,
        value.typeName(),
        name,
        struct,
        field.kind() == SpecialField.Kind.KPTR_UNTRUSTED ? " or untrusted_ptr_" + struct : "");
  }

  /// Source: `btf_ld_kptr_type`, `mark_uptr_ld_reg`.
  private Value load(SpecialField field) {
    if (field.kind() == SpecialField.Kind.USER_POINTER) {
      int size =
          field.btf().resolved(field.pointee()) instanceof BtfType.Composite struct
              ? struct.size()
              : 0;
      return Value.pointer(Kind.MEMORY, Flags.MAYBE_NULL, Target.Sized.of(size));
    }
    Target.Typed pointee = walk.rules.pointee(field);
    boolean local = pointee.btf() == walk.rules.objectBtf();
    int flags = Flags.UNTRUSTED;
    if (walk.rules.inRcu(walk.state)) {
      if (field.kind() == SpecialField.Kind.KPTR_PER_CPU) {
        flags = Flags.RCU | Flags.PER_CPU;
      } else if (field.kind() == SpecialField.Kind.KPTR && local) {
        flags = Flags.RCU | Flags.ALLOCATED | (isNode(pointee) ? Flags.NON_OWNING : 0);
      } else if (field.kind() == SpecialField.Kind.KPTR
          && FREED_AFTER_RCU.contains(pointee.btf().type(pointee.type()).name())) {
        flags = Flags.RCU;
      }
    }
    return Value.pointer(Kind.BTF_OBJECT, flags | Flags.MAYBE_NULL, pointee);
  }

  private boolean isNode(Target.Typed type) {
    for (SpecialField field : walk.rules.fields(type.btf(), type.type())) {
      if (field.kind() == SpecialField.Kind.LIST_NODE
          || field.kind() == SpecialField.Kind.TREE_NODE) {
        return true;
      }
    }
    return false;
  }
}
