package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Locks: of plain ones one at a time, of resilient ones any number, given back in the order
/// opposite to that in which they were taken.
final class Locks {
  private final Walk walk;

  Locks(Walk walk) {
    this.walk = walk;
  }

  /// A plain lock, given to be taken or given back.
  void apply(int register, Value value, boolean take) {
    apply(register, value, take, Acquired.Kind.LOCK);
  }

  /// A lock of this kind, given to be taken or given back.
  void apply(int register, Value value, boolean take, Acquired.Kind kind) {
    boolean resilient = kind != Acquired.Kind.LOCK;
    String word = resilient ? "bpf_res_spin" : "bpf_spin";
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R%d doesn't have constant offset. %s_lock has to be at the constant offset",
          register,
          word);
    }
    Object owner =
        checkField(
            value, word, resilient ? SpecialField.Kind.RES_SPIN_LOCK : SpecialField.Kind.SPIN_LOCK);
    if (take) {
      take(value, owner, kind);
    } else {
      giveBack(value, owner, kind, word);
    }
  }

  private void take(Value value, Object owner, Acquired.Kind kind) {
    for (int i = 0; i < walk.state.acquiredCount(); i++) {
      Acquired held = walk.state.acquired(i);
      if (kind == Acquired.Kind.LOCK) {
        if (held.kind() == Acquired.Kind.LOCK) {
          throw walk.refuse(Errno.EINVAL, "Locking two bpf_spin_locks are not allowed");
        }
      } else if (held.kind().isResilientLock()
          && held.id() == value.id()
          && held.owner() == owner) {
        throw walk.refuse(Errno.EINVAL, "Acquiring the same lock again, AA deadlock detected");
      }
    }
    walk.state.acquire(new Acquired(kind, value.id(), walk.slot, owner));
  }

  private void giveBack(Value value, Object owner, Acquired.Kind kind, String word) {
    if (walk.state.lockCount == 0) {
      throw walk.refuse(Errno.EINVAL, "%s_unlock without taking a lock", word);
    }
    if (!walk.state.holdsLock(kind, value.id(), owner)) {
      throw walk.refuse(Errno.EINVAL, "%s_unlock of different lock", word);
    }
    if (walk.state.activeLockOwner != owner || walk.state.activeLockId != value.id()) {
      throw walk.refuse(Errno.EINVAL, "%s_unlock cannot be out of order", word);
    }
    walk.state.releaseLock(kind, value.id(), owner);
    walk.state.mapValues(v -> v.has(Flags.NON_OWNING) ? Value.UNKNOWN : v);
  }

  /// The map or BTF whose lock is at the pointer.
  private Object checkField(Value value, String word, SpecialField.Kind kind) {
    long at = value.number().value() + value.offset();
    Object owner;
    String name;
    if (value.kind() == Kind.MAP_VALUE && value.target() instanceof Target.InMap in) {
      MapInfo map = in.map();
      if (!map.hasValueType()) {
        throw walk.refuse(
            Errno.EINVAL,
            "map '%s' has to have BTF in order to use %s_lock",
            map.kernelName(),
            word);
      }
      owner = map;
      name = "map '" + map.kernelName() + "'";
    } else if (value.target() instanceof Target.Typed(Btf btf, int type)) {
      owner = btf;
      name = "local 'kptr'";
    } else {
      throw walk.refuse(Errno.EINVAL, "local 'kptr' has no valid %s_lock", word);
    }
    Optional<SpecialField> lock =
        walk.rules.record(value).stream().filter(field -> field.kind() == kind).findFirst();
    if (lock.isEmpty()) {
      throw walk.refuse(Errno.EINVAL, "%s has no valid %s_lock", name, word);
    }
    if (lock.get().offset() != at) {
      throw walk.refuse(
          Errno.EINVAL,
          "off %d doesn't point to 'struct %s_lock' that is at %d",
          at,
          word,
          lock.get().offset());
    }
    return owner;
  }
}
