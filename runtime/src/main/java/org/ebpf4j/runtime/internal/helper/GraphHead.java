package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields.Field;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.ObjectTree;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// The head of a list or the root of a tree in a map value or object, whose lock the run holds: the
/// verifier proves that of programs, and here it is asked once more, as links that two runs change
/// at once lead anywhere.
///
/// @param address where the head lies
/// @param keeper the map that keeps what is put in; `null` where none does
/// @param lock the lock of the value or object
record GraphHead(long address, @Nullable RuntimeMap keeper, SpinLockHold lock)
    implements AutoCloseable {

  /// @param kind [Kind#LIST_HEAD] or [Kind#RB_ROOT]
  /// @throws Fault if there is no such head, or its lock is not held
  static GraphHead of(Run run, long address, Kind kind) {
    FieldHolder holder = run.fieldHolder(address);
    if (holder == null || !holder.hasAt(address, kind)) {
      throw fault(address, "0x%x is no %s in a map value or object".formatted(address, kind));
    }
    long start = address - holder.offsetOf(address);
    for (Field field : holder.fields().fields()) {
      if (field.kind() == Kind.SPIN_LOCK || field.kind() == Kind.RES_SPIN_LOCK) {
        SpinLockHold lock = run.resources().find(start + field.offset(), SpinLockHold.class);
        if (lock != null) {
          lock.begin();
          return new GraphHead(address, keeper(holder), lock);
        }
      }
    }
    throw fault(address, "the lock beside the %s at 0x%x is not held".formatted(kind, address));
  }

  private static @Nullable RuntimeMap keeper(FieldHolder holder) {
    return holder instanceof RuntimeMap map ? map : ((KernelObject) holder).keeper();
  }

  /// Takes the object around a node over from the program.
  ///
  /// @throws Fault if the run has no reference to it, or has no such node there
  KernelObject take(Run run, long node, Kind kind) {
    KernelObject object = ObjectHold.take(run, node);
    if (!object.hasAt(node, kind)) {
      run.objects().release(object);
      throw fault(node, "0x%x is no %s of an object".formatted(node, kind));
    }
    object.keptBy(keeper);
    return object;
  }

  /// A node of this tree.
  ///
  /// @throws Fault if there is none at this address
  void checkNode(Run run, long node) {
    if (!ObjectHold.see(run, node).hasAt(node, Kind.RB_NODE)) {
      throw fault(node, "0x%x is no %s of an object".formatted(node, Kind.RB_NODE));
    }
  }

  /// Hands the object around a node that was taken out to the program; gives the node, or 0 for 0.
  static long giveBack(Run run, long node) {
    if (node != 0) {
      ObjectHold.give(run, run.objects().at(node));
    }
    return node;
  }

  /// Whether a node is in this tree.
  boolean has(long node) {
    return ObjectTree.isIn(address, node);
  }

  private static Fault fault(long address, String detail) {
    return new Fault(ProgramFault.Kind.CALL, address, detail);
  }

  /// Ends the use of the lock; the run still holds it.
  @Override
  public void close() {
    lock.end();
  }
}
