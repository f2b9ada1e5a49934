package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// A reference to an object that a run holds. If the run ends before it gives it back or away, it
/// is released.
final class ObjectHold implements Held {
  private final KernelObject object;

  private ObjectHold(KernelObject object) {
    this.object = object;
  }

  /// Hands a reference that the caller has to the program; gives the object's address, or 0 for
  /// `null`.
  static long give(Run run, @Nullable KernelObject object) {
    if (object == null) {
      return 0;
    }
    run.resources().hold(new ObjectHold(object));
    run.resources().remember(object);
    return object.address();
  }

  /// Takes a reference back from the program.
  ///
  /// @param address anywhere in the object
  /// @throws Fault if the run has none to this object
  static KernelObject take(Run run, long address) {
    KernelObject object = run.objects().at(address);
    ObjectHold hold = object == null ? null : find(run, object);
    if (hold == null) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no object that this run holds a reference to".formatted(address));
    }
    run.resources().drop(hold);
    run.resources().forget(hold.object);
    return hold.object;
  }

  /// The object at an address, which the run holds or a map of the program keeps.
  ///
  /// @throws Fault if there is none
  static KernelObject see(Run run, long address) {
    KernelObject object = run.objects().at(address);
    if (object == null || (find(run, object) == null && !run.isKept(object))) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no object that this run may use".formatted(address));
    }
    return object;
  }

  /// As [#see(Run, long)], of one kind.
  static KernelObject see(Run run, long address, KernelObject.Kind kind) {
    KernelObject object = see(run, address);
    if (object.kind() != kind || object.address() != address) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no object of the kind that this function takes".formatted(address));
    }
    return object;
  }

  private static @Nullable ObjectHold find(Run run, KernelObject object) {
    return run.resources().find(object.address(), ObjectHold.class);
  }

  @Override
  public long address() {
    return object.address();
  }

  @Override
  public void release(Run run) {
    run.objects().release(object);
  }
}
