package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.KernelFunction.NativeType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Open-coded iterators: objects on the stack that are made, asked for the next element until there
/// is none, and destroyed.
final class Iterators {
  private final Walk walk;
  private final StackAccess stack;
  private final StackObjects objects;
  private final References references;

  Iterators(Walk walk, StackAccess stack, StackObjects objects, References references) {
    this.walk = walk;
    this.stack = stack;
    this.objects = objects;
    this.references = references;
  }

  /// An iterator given as an argument: made, used or destroyed, as the function does.
  ///
  /// @return the reference that an iterator made before holds, 0 for one made here
  int argument(int register, KernelFunction call, NativeType type) {
    Value pointer = walk.peek(register);
    int argument = register - 1;
    if (pointer.kind() != Kind.STACK) {
      throw walk.refuse(Errno.EINVAL, "arg#%d expected pointer to an iterator on stack", argument);
    }
    int offset = pointer.offset() + (int) pointer.number().value();
    int slots = slotsOf(type);
    // At the frame pointer itself Linux looks at the slot below.
    int first = offset == 0 ? 0 : -offset / Frame.SLOT_BYTES - 1;
    if (!pointer.number().isConstant()
        || offset % Frame.SLOT_BYTES != 0
        || offset > 0
        || first + 1 < slots) {
      throw call.has(KernelFunction.Flag.ITER_NEW)
          ? notUninitialized(type, argument)
          : notInitialized(type, argument);
    }
    if (offset == 0 || offset < -Frame.STACK_BYTES) {
      throw outside(register, offset, call, type);
    }
    if (call.has(KernelFunction.Flag.ITER_NEW)) {
      create(register, pointer, first, call, type);
      return 0;
    }
    checkInitialized(pointer, first, argument, call, type);
    Frame frame = walk.state.frameOf(pointer);
    frame.markRead(mask(first, slots));
    int reference = frame.slot(first).reference();
    if (call.has(KernelFunction.Flag.ITER_DESTROY)) {
      references.release(reference);
      for (int i = 0; i < slots; i++) {
        frame.fill(first - i, StackByte.INVALID);
        frame.setSlot(first - i, Value.UNINITIALIZED);
      }
      frame.slotsWritten |= mask(first, slots);
    }
    return reference;
  }

  /// What Linux says of an iterator that does not lie on the stack. It goes on where one lies below
  /// the frame pointer that it is given, which lets programs write above their stack.
  private Refusal outside(int register, int offset, KernelFunction call, NativeType type) {
    if (!call.has(KernelFunction.Flag.ITER_NEW)) {
      return notInitialized(type, register - 1);
    }
    Frame frame = walk.state.frameOf(walk.peek(register));
    for (int i = 0; offset == 0 && i < Frame.SLOT_BYTES; i++) {
      if (frame.byteAt(i) == StackByte.ITERATOR) {
        return notUninitialized(type, register - 1);
      }
    }
    return walk.refuse(
        Errno.EACCES,
        "invalid write to stack R%d off=%d size=%d",
        register,
        offset,
        Frame.SLOT_BYTES);
  }

  private Refusal notInitialized(NativeType type, int argument) {
    return walk.refuse(
        Errno.EINVAL, "expected an initialized iter_%s as arg #%d", word(type), argument);
  }

  private Refusal notUninitialized(NativeType type, int argument) {
    return walk.refuse(
        Errno.EINVAL, "expected uninitialized iter_%s as arg #%d", word(type), argument);
  }

  private static int slotsOf(NativeType type) {
    return type.size() / Frame.SLOT_BYTES;
  }

  /// What the log calls an iterator: `num` for `struct bpf_iter_num`.
  private static String word(NativeType type) {
    return type.name().substring("bpf_iter_".length());
  }

  private static long mask(int first, int slots) {
    return ((1L << slots) - 1) << (first - slots + 1);
  }

  private void create(
      int register, Value pointer, int first, KernelFunction call, NativeType type) {
    int slots = slotsOf(type);
    Frame frame = walk.state.frameOf(pointer);
    for (int i = 0; i < slots * Frame.SLOT_BYTES; i++) {
      int index = (first + 1) * Frame.SLOT_BYTES - 1 - i;
      if (frame.byteAt(index) == StackByte.ITERATOR) {
        throw notUninitialized(type, register - 1);
      }
    }
    stack.checkBounds(
        register, pointer, pointer.offset(), slots * Frame.SLOT_BYTES, StackAccess.By.STORE);
    int id = walk.newId();
    walk.state.acquire(
        new Acquired(Acquired.Kind.REFERENCE, id, walk.slot, Acquired.Kind.REFERENCE));
    int flags = 0;
    if (call.has(KernelFunction.Flag.RCU_PROTECTED)) {
      flags = walk.rules.inRcu(walk.state) ? Flags.RCU : Flags.UNTRUSTED;
    }
    for (int i = 0; i < slots; i++) {
      objects.destroyDynptr(frame, first - i);
      Value object = Value.pointer(Kind.ITERATOR, flags, new Target.Iterating(word(type), true, 0));
      frame.setSlot(first - i, i == 0 ? object.withReference(id) : object);
      frame.fill(first - i, StackByte.ITERATOR);
    }
    frame.slotsWritten |= mask(first, slots);
  }

  private void checkInitialized(
      Value pointer, int first, int argument, KernelFunction call, NativeType type) {
    Frame frame = walk.state.frameOf(pointer);
    boolean there = frame.slot(first).reference() != 0;
    for (int i = 0; i < slotsOf(type); i++) {
      there &=
          frame.byteAt((first - i) * Frame.SLOT_BYTES) == StackByte.ITERATOR
              && frame.slot(first - i).target()
                  instanceof Target.Iterating(String over, boolean active, int depth)
              && over.equals(word(type))
              && (i == 0) == (frame.slot(first - i).reference() != 0);
    }
    if (!there) {
      throw notInitialized(type, argument);
    }
    if (frame.slot(first).has(Flags.UNTRUSTED)) {
      throw walk.refuse(Errno.EPROTO, "expected an RCU CS when using %s", call.name());
    }
  }

  /// What the elements of the iterator in a register are to be trusted for.
  int trustOfElements(Value pointer) {
    return iterator(walk.state, pointer).has(Flags.RCU) ? Flags.RCU : Flags.TRUSTED;
  }

  private static Value iterator(VerifierState state, Value pointer) {
    return state.frameOf(pointer).slot(slotOf(pointer));
  }

  private static int slotOf(Value pointer) {
    return -(pointer.offset() + (int) pointer.number().value()) / Frame.SLOT_BYTES - 1;
  }

  /// The call has an element on one path, and none on the other, on which the iterator is done.
  void next(Value pointer, Value element) {
    Value iterator = iterator(walk.state, pointer);
    if (iterator.target() instanceof Target.Iterating(String type, boolean active, int depth)
        && active) {
      VerifierState other = walk.fork(walk.slot + 1, Errno.ENOMEM);
      other
          .frameOf(pointer)
          .setSlot(
              slotOf(pointer), iterator.withTarget(new Target.Iterating(type, true, depth + 1)));
      walk.widen(walk.state.parent, walk.slot, other);
      other.setRegister(0, HelperMemory.notNull(walk, element));
      walk.state
          .frameOf(pointer)
          .setSlot(slotOf(pointer), iterator.withTarget(new Target.Iterating(type, false, depth)));
    }
    walk.state.setRegister(0, Value.ZERO);
  }
}
