package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Spin locks: one at a time, and the one that was taken is given back.
final class Locks {
  private final Walk walk;

  Locks(Walk walk) {
    this.walk = walk;
  }

  void apply(int register, Value value, boolean take) {
    if (!value.number().isConstant()) {
      throw walk.refuse(
          "R%d doesn't have constant offset. bpf_spin_lock has to be at the constant offset",
          register);
    }
    Object owner = checkField(value);
    if (take) {
      if (walk.state.lockCount > 0) {
        throw walk.refuse("Locking two bpf_spin_locks are not allowed");
      }
      walk.state.acquire(new Acquired(Acquired.Kind.LOCK, value.id(), walk.slot, owner));
      return;
    }
    if (walk.state.lockCount == 0) {
      throw walk.refuse("bpf_spin_unlock without taking a lock");
    }
    if (walk.state.activeLockOwner != owner || walk.state.activeLockId != value.id()) {
      throw walk.refuse("bpf_spin_unlock of different lock");
    }
    walk.state.release(Acquired.Kind.LOCK, value.id());
    walk.state.mapValues(v -> v.has(Flags.NON_OWNING) ? Value.UNKNOWN : v);
  }

  /// The map or BTF whose lock is at the pointer.
  private Object checkField(Value value) {
    long at = value.number().value() + value.offset();
    if (value.kind() == Kind.MAP_VALUE && value.target() instanceof Target.InMap in) {
      MapInfo map = in.map();
      if (!map.hasValueType()) {
        throw walk.refuse("map '%s' has to have BTF in order to use bpf_spin_lock", map.name());
      }
      check(map.field(SpecialField.Kind.SPIN_LOCK), "map '" + map.name() + "'", at);
      return map;
    }
    if (value.target() instanceof Target.Typed(Btf btf, int type)) {
      Optional<SpecialField> lock =
          walk.rules.fields(btf, type).stream()
              .filter(field -> field.kind() == SpecialField.Kind.SPIN_LOCK)
              .findFirst();
      check(lock, "local 'kptr'", at);
      return btf;
    }
    throw walk.refuse("local 'kptr' has no valid bpf_spin_lock");
  }

  private void check(Optional<SpecialField> lock, String owner, long at) {
    if (lock.isEmpty()) {
      throw walk.refuse("%s has no valid bpf_spin_lock", owner);
    }
    if (lock.get().offset() != at) {
      throw walk.refuse(
          "off %d doesn't point to 'struct bpf_spin_lock' that is at %d", at, lock.get().offset());
    }
  }
}
