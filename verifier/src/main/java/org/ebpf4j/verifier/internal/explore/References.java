package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// What the program has acquired and must give back.
final class References {
  private final Walk walk;

  References(Walk walk) {
    this.walk = walk;
  }

  /// A new reference, taken at the current instruction.
  int acquire() {
    int id = walk.newId();
    walk.state.acquire(
        new Acquired(Acquired.Kind.REFERENCE, id, walk.slot, Acquired.Kind.REFERENCE));
    return id;
  }

  /// Gives a reference back: every copy of the pointer is void.
  ///
  /// @return false if it is not held
  boolean release(int id) {
    if (!walk.state.release(Acquired.Kind.REFERENCE, id)) {
      return false;
    }
    walk.state.mapValues(value -> value.lifetime() == id ? voided(value) : value);
    return true;
  }

  /// Gives a reference to a map's value, in an RCU section: the program's own objects per CPU stay
  /// valid until the section ends, as nobody frees them before. Source: `check_helper_call`.
  ///
  /// @return false if it is not held
  boolean keep(int id) {
    if (!walk.state.release(Acquired.Kind.REFERENCE, id)) {
      return false;
    }
    walk.state.mapValues(value -> value.lifetime() == id ? kept(value) : value);
    return true;
  }

  private Value kept(Value value) {
    return value.has(Flags.ALLOCATED) && value.has(Flags.PER_CPU)
        ? value.withReference(0).withFlags((value.flags() & ~Flags.ALLOCATED) | Flags.RCU)
        : voided(value);
  }

  private Value voided(Value value) {
    return value.isPointer() ? walk.secrecy.voided() : value;
  }

  /// Pointers into the packet are void: it may have moved.
  void forgetPacket() {
    walk.state.mapValues(value ->
        value.kind().isPacketOrEnd() || isPacketSlice(value) ? walk.secrecy.voided() : value);
  }

  private static boolean isPacketSlice(Value value) {
    return value.target() instanceof Target.Sized sized && sized.end() == Target.End.PACKET;
  }

  /// Checks that nothing is held any more where the program, or the path it takes, ends.
  void checkNoneHeld(String where) {
    for (int i = 0; i < walk.state.acquiredCount(); i++) {
      if (walk.state.acquired(i).kind() == Acquired.Kind.REFERENCE) {
        throw walk.refuse(Errno.EINVAL, "%s would lead to reference leak", where);
      }
    }
  }

  /// Checks that no section is open where it has to be closed.
  void checkNoSections(String where) {
    if (walk.state.lockCount > 0) {
      throw walk.refuse(Errno.EINVAL, "%s cannot be used inside bpf_spin_lock-ed region", where);
    }
    checkNoneHeld(where);
    if (walk.state.activeIrqId != 0) {
      throw walk.refuse(
          Errno.EINVAL, "%s cannot be used inside bpf_local_irq_save-ed region", where);
    }
    if (walk.state.rcuDepth > 0) {
      throw walk.refuse(
          Errno.EINVAL, "%s cannot be used inside bpf_rcu_read_lock-ed region", where);
    }
    if (walk.state.preemptDepth > 0) {
      throw walk.refuse(
          Errno.EINVAL, "%s cannot be used inside bpf_preempt_disable-ed region", where);
    }
  }
}
