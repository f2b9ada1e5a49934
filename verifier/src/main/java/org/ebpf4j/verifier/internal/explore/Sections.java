package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Sections that kernel functions open and close: of RCU, without preemption, without interrupts.
final class Sections {
  private final Walk walk;
  private final StackAccess stack;
  private final StackObjects objects;
  private final ObjectGraph graph;

  Sections(Walk walk, StackAccess stack, StackObjects objects, ObjectGraph graph) {
    this.walk = walk;
    this.stack = stack;
    this.objects = objects;
    this.graph = graph;
  }

  /// Opens or closes the section that a function is for; others may not sleep in one.
  void apply(KernelFunction function) {
    VerifierState state = walk.state;
    String name = function.name();
    boolean sleeps = function.has(KernelFunction.Flag.SLEEPABLE);
    boolean locksRcu = name.equals("bpf_rcu_read_lock");
    boolean unlocksRcu = name.equals("bpf_rcu_read_unlock");
    if ((locksRcu || unlocksRcu) && graph.inOrderingCallback()) {
      throw walk.refuse(
          Errno.EACCES, "Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback");
    }
    if (locksRcu) {
      if (state.rcuDepth > 0) {
        throw walk.refuse(Errno.EINVAL, "nested rcu read lock (kernel function %s)", name);
      }
      state.rcuDepth++;
    } else if (unlocksRcu) {
      if (state.rcuDepth == 0) {
        throw walk.refuse(Errno.EINVAL, "unmatched rcu read unlock (kernel function %s)", name);
      }
      state.rcuDepth--;
      endRcu(state);
    } else if (sleeps && state.rcuDepth > 0) {
      throw walk.refuse(
          Errno.EACCES, "kernel func %s is sleepable within rcu_read_lock region", name);
    }
    if (name.equals("bpf_preempt_disable")) {
      state.preemptDepth++;
    } else if (name.equals("bpf_preempt_enable")) {
      if (state.preemptDepth == 0) {
        throw walk.refuse(
            Errno.EINVAL, "unmatched attempt to enable preemption (kernel function %s)", name);
      }
      state.preemptDepth--;
    } else if (sleeps && state.preemptDepth > 0) {
      throw walk.refuse(
          Errno.EACCES, "kernel func %s is sleepable within non-preemptible region", name);
    }
    if (sleeps && state.activeIrqId != 0) {
      throw walk.refuse(
          Errno.EACCES, "kernel func %s is sleepable within IRQ-disabled region", name);
    }
  }

  /// What was valid in the RCU section only may be stale from here on.
  private static void endRcu(VerifierState state) {
    state.mapValues(Sections::afterRcu);
    for (int f = 0; f <= state.depth(); f++) {
      Frame frame = state.frame(f);
      for (int i = 0; i < frame.slotCount(); i++) {
        if (frame.slot(i).kind() == Kind.ITERATOR) {
          frame.setSlot(i, afterRcu(frame.slot(i)));
        }
      }
    }
  }

  private static Value afterRcu(Value value) {
    return value.has(Flags.RCU)
        ? value.withFlags((value.flags() & ~(Flags.RCU | Flags.MAYBE_NULL)) | Flags.UNTRUSTED)
        : value;
  }

  /// A saved interrupt flag on the stack, given to be written or restored.
  void irqFlag(int register, Value pointer, KernelFunction function) {
    if (pointer.kind() != Kind.STACK) {
      throw walk.refuse(Errno.EINVAL, "arg#%d doesn't point to an irq flag on stack", register - 1);
    }
    boolean byLock = function.name().startsWith("bpf_res_spin_");
    if (function.name().endsWith("save")) {
      save(register, pointer, byLock);
    } else {
      restore(register, pointer, byLock);
    }
  }

  private int slotOf(Value pointer) {
    if (!pointer.number().isConstant()) {
      return -1;
    }
    int offset = pointer.offset() + (int) pointer.number().value();
    return offset % Frame.SLOT_BYTES != 0 || offset >= 0 || offset < -Frame.STACK_BYTES
        ? -1
        : -offset / Frame.SLOT_BYTES - 1;
  }

  private void save(int register, Value pointer, boolean byLock) {
    Frame frame = walk.state.frameOf(pointer);
    int slot = slotOf(pointer);
    if (slot < 0 || frame.byteAt(slot * Frame.SLOT_BYTES) == StackByte.IRQ_FLAG) {
      throw walk.refuse(Errno.EINVAL, "expected uninitialized irq flag as arg#%d", register - 1);
    }
    stack.checkBounds(register, pointer, pointer.offset(), Frame.SLOT_BYTES, StackAccess.By.STORE);
    objects.destroyDynptr(frame, slot);
    int id = walk.newId();
    walk.state.acquire(new Acquired(Acquired.Kind.IRQ, id, walk.slot, Acquired.Kind.IRQ));
    frame.setSlot(slot, Value.pointer(Kind.IRQ_FLAG, 0, flagOf(byLock)).withReference(id));
    frame.fill(slot, StackByte.IRQ_FLAG);
    frame.slotsWritten |= 1L << slot;
  }

  private static Target flagOf(boolean byLock) {
    return new Target.InterruptFlag(byLock ? "lock" : "native");
  }

  private void restore(int register, Value pointer, boolean byLock) {
    Frame frame = walk.state.frameOf(pointer);
    int slot = slotOf(pointer);
    if (slot < 0
        || frame.byteAt(slot * Frame.SLOT_BYTES) != StackByte.IRQ_FLAG
        || !(frame.slot(slot).target() instanceof Target.InterruptFlag(String by))) {
      throw walk.refuse(Errno.EINVAL, "expected an initialized irq flag as arg#%d", register - 1);
    }
    frame.markRead(1L << slot);
    String wanted = byLock ? "lock" : "native";
    if (!by.equals(wanted)) {
      throw walk.refuse(
          Errno.EINVAL,
          "irq flag acquired by %s kfuncs cannot be restored with %s kfuncs",
          by,
          wanted);
    }
    int id = frame.slot(slot).reference();
    if (id != walk.state.activeIrqId) {
      throw walk.refuse(
          Errno.EACCES,
          "cannot restore irq state out of order, expected id=%d acquired at insn_idx=%d",
          walk.state.activeIrqId,
          slotThatTook(walk.state.activeIrqId));
    }
    walk.state.release(Acquired.Kind.IRQ, id);
    frame.fill(slot, StackByte.INVALID);
    frame.setSlot(slot, Value.UNINITIALIZED);
    frame.slotsWritten |= 1L << slot;
  }

  private int slotThatTook(int id) {
    for (int i = 0; i < walk.state.acquiredCount(); i++) {
      Acquired thing = walk.state.acquired(i);
      if (thing.kind() == Acquired.Kind.IRQ && thing.id() == id) {
        return thing.slot();
      }
    }
    return 0;
  }
}
