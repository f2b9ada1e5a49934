package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.jspecify.annotations.Nullable;

/// Memory that is given to helpers, kernel functions and global functions.
final class HelperMemory {
  private static final long MAX_SIZE = 1 << 29;

  private final Walk walk;
  private final StackAccess stack;
  private final RegionAccess regions;
  private final ObjectAccess objects;
  private final ContextAccess contexts;

  HelperMemory(
      Walk walk,
      StackAccess stack,
      RegionAccess regions,
      ObjectAccess objects,
      ContextAccess contexts) {
    this.walk = walk;
    this.stack = stack;
    this.regions = regions;
    this.objects = objects;
    this.contexts = contexts;
  }

  /// Checks that `size` bytes at a pointer may be read or written.
  ///
  /// @param raw the call to note memory in that is written without being read first, or nothing
  void check(int register, int size, boolean write, boolean zeroAllowed, @Nullable Call raw) {
    Value pointer = walk.peek(register);
    if (size > 0) {
      walk.observed.reach(walk.slot, pointer, size);
    }
    switch (pointer.kind()) {
      case PACKET, PACKET_META ->
          regions.checkPacket(register, pointer, pointer.offset(), size, zeroAllowed);
      case MAP_KEY -> {
        refuseWrite(write, register, pointer);
        MapInfo map = regions.map(pointer);
        regions.checkRegion(register, pointer, pointer.offset(), size, map.keySize(), false);
      }
      case MAP_VALUE -> {
        regions.checkMapAccess(pointer, pointer.offset(), size, write);
        regions.checkMapValue(register, pointer, pointer.offset(), size, zeroAllowed, false);
      }
      case MEMORY -> {
        refuseWrite(write && pointer.has(Flags.READ_ONLY), register, pointer);
        int limit = pointer.target() instanceof Target.Sized sized ? sized.size() : 0;
        regions.checkRegion(register, pointer, pointer.offset(), size, limit, zeroAllowed);
      }
      case BUFFER -> {
        boolean readOnly = pointer.has(Flags.READ_ONLY);
        refuseWrite(write && readOnly, register, pointer);
        regions.checkBuffer(
            readOnly ? "rdonly" : "rdwr", register, pointer, pointer.offset(), size);
      }
      case STACK -> onStack(register, pointer, size, write, zeroAllowed, raw);
      case BTF_OBJECT -> {
        if (size > 0) {
          objects.check(register, pointer, pointer.offset(), size, false);
        }
      }
      case CONTEXT -> {
        if (!walk.rules.hasPlainContext()) {
          throw walk.refuse(Errno.EACCES, "R%d type=ctx expected=fp", register);
        }
        if (size > 0) {
          regions.checkUnmodified(register, pointer, walk.rules.context().allowsOffset());
          contexts.check(pointer.offset() + size - 1, 1, write, false);
        } else if (!zeroAllowed) {
          throw walk.refuse(Errno.EACCES, "invalid zero-sized read");
        }
      }
      case UNINITIALIZED,
          SCALAR,
          MAP,
          PACKET_END,
          FLOW_KEYS,
          SOCKET,
          SOCK_COMMON,
          TCP_SOCK,
          TRACE_BUFFER,
          XDP_SOCK,
          ARENA,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG -> {
        if (!(zeroAllowed && size == 0 && pointer.isZero())) {
          throw walk.refuse(Errno.EACCES, "R%d type=%s expected=fp", register, pointer.typeName());
        }
      }
    }
  }

  private void onStack(
      int register,
      Value pointer,
      int size,
      boolean write,
      boolean zeroAllowed,
      @Nullable Call raw) {
    if (size == 0 && !zeroAllowed) {
      throw walk.refuse(Errno.EACCES, "invalid zero-sized read");
    }
    if (raw != null && pointer.number().isConstant()) {
      stack.checkRaw(register, pointer, pointer.offset(), size);
      raw.rawRegister = register;
      raw.rawSize = size;
      return;
    }
    stack.checkInitialized(
        register,
        pointer,
        pointer.offset(),
        size,
        write ? StackAccess.By.HELPER_WRITE : StackAccess.By.HELPER_READ);
  }

  private void refuseWrite(boolean refused, int register, Value pointer) {
    if (refused) {
      throw walk.refuse(Errno.EACCES, "R%d cannot write into %s", register, pointer.typeName());
    }
  }

  /// Checks memory whose size is in the next register.
  ///
  /// @return the greatest size
  long checkSized(int sizeRegister, boolean write, boolean zeroAllowed, @Nullable Call raw) {
    Scalar size = walk.peek(sizeRegister).number();
    if (size.smin() < 0) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d min value is negative, either use unsigned or 'var &= const'",
          sizeRegister);
    }
    if (size.umin() == 0 && !zeroAllowed) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d invalid zero-sized read: u64=[%d,%d]",
          sizeRegister,
          size.umin(),
          size.umax());
    }
    if (size.umax() >= MAX_SIZE) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d unbounded memory access, use 'var &= const' or 'if (var < const)'",
          sizeRegister);
    }
    Call noted = size.isConstant() ? raw : null;
    check(sizeRegister - 1, (int) size.umax(), write, zeroAllowed, noted);
    walk.needPrecise(sizeRegister);
    return size.umax();
  }

  /// Checks that memory of a known size may be read and written; 0 will do.
  void checkWhole(int register, int size) {
    Value pointer = walk.peek(register);
    if (pointer.isZero()) {
      return;
    }
    walk.state.setRegister(register, notNull(pointer));
    check(register, size, false, true, null);
    check(register, size, true, true, null);
    walk.state.setRegister(register, pointer);
  }

  /// The pointer once it was found not to be 0.
  Value notNull(Value pointer) {
    return notNull(walk, pointer);
  }

  static Value notNull(Walk walk, Value pointer) {
    if (!pointer.maybeNull()) {
      return pointer;
    }
    if (pointer.kind() == Kind.MAP_VALUE
        && pointer.target() instanceof Target.InMap(MapInfo map, int instance)) {
      if (map.inner().isPresent()) {
        MapInfo inner = map.inner().get();
        // Two lookups may find two maps: where that matters, they are told apart by the id.
        boolean told =
            inner.has(SpecialField.Kind.TIMER) || inner.has(SpecialField.Kind.WORK_QUEUE);
        return Value.pointer(Kind.MAP, 0, new Target.InMap(inner, told ? pointer.id() : 0))
            .withId(pointer.id());
      }
      Kind socket =
          switch (map.type()) {
            case XSKMAP -> Kind.XDP_SOCK;
            case SOCKMAP, SOCKHASH -> Kind.SOCKET;
            default -> Kind.MAP_VALUE;
          };
      if (socket != Kind.MAP_VALUE) {
        return Value.pointer(socket, 0, Target.NONE)
            .withId(pointer.id())
            .withReference(pointer.reference());
      }
    }
    return pointer.withFlags(pointer.flags() & ~Flags.MAYBE_NULL);
  }
}
