package org.ebpf4j.verifier.internal.explore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.Tnum;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.jspecify.annotations.Nullable;

/// Loads, stores and atomic operations, by what the pointer points at.
final class MemoryAccess {
  private static final int NONE = StackAccess.NO_REGISTER;

  private final Walk walk;
  private final StackAccess stack;
  private final RegionAccess regions;
  private final ContextAccess contexts;
  private final ObjectAccess objects;
  private final KeptPointers pointers;

  MemoryAccess(
      Walk walk,
      StackAccess stack,
      RegionAccess regions,
      ContextAccess contexts,
      ObjectAccess objects,
      KeptPointers pointers) {
    this.pointers = pointers;
    this.walk = walk;
    this.stack = stack;
    this.regions = regions;
    this.contexts = contexts;
    this.objects = objects;
  }

  /// One access.
  ///
  /// @param register the pointer's
  /// @param pointer what it holds
  /// @param offset the instruction's
  /// @param size bytes
  /// @param write store or load
  /// @param other the register loaded or stored, [StackAccess#NO_REGISTER] for none
  /// @param constant for stores of no register, the number stored
  /// @param signed for loads, whether the sign is carried
  /// @param aligned whether it must be aligned even where others need not
  record Access(
      int register,
      Value pointer,
      int offset,
      int size,
      boolean write,
      int other,
      @Nullable Scalar constant,
      boolean signed,
      boolean aligned) {}

  void load(Instruction.Load load) {
    int src = load.src().number();
    Value pointer = walk.read(src);
    walk.checkWritable(load.dst().number());
    loadFrom(src, pointer, load.dst(), load.offset(), load.size(), load.signed(), false);
  }

  void loadAcquire(Instruction.LoadAcquire load) {
    int src = load.src().number();
    Value pointer = walk.read(src);
    walk.checkWritable(load.dst().number());
    loadFrom(src, pointer, load.dst(), load.offset(), load.size(), false, true);
    checkAtomicTarget(src, pointer, "loads from");
  }

  private void loadFrom(
      int src,
      Value pointer,
      Register dst,
      short offset,
      MemorySize size,
      boolean signed,
      boolean aligned) {
    check(
        new Access(src, pointer, offset, size.bytes(), false, dst.number(), null, signed, aligned));
    walk.usePointer(pointer, !aligned);
  }

  void store(Instruction.Store store) {
    int dst = store.dst().number();
    switch (store.src()) {
      case Operand.Reg(var register) -> {
        walk.read(register);
        Value pointer = walk.read(dst);
        check(
            new Access(
                dst,
                pointer,
                store.offset(),
                store.size().bytes(),
                true,
                register.number(),
                null,
                false,
                false));
        walk.usePointer(pointer, false);
      }
      case Operand.Imm(int value) -> {
        Value pointer = walk.read(dst);
        check(
            new Access(
                dst,
                pointer,
                store.offset(),
                store.size().bytes(),
                true,
                NONE,
                Scalar.constant(value),
                false,
                false));
        walk.usePointer(pointer, false);
      }
    }
  }

  void storeRelease(Instruction.StoreRelease store) {
    int dst = store.dst().number();
    walk.read(store.src());
    Value pointer = walk.read(dst);
    check(
        new Access(
            dst,
            pointer,
            store.offset(),
            store.size().bytes(),
            true,
            store.src().number(),
            null,
            false,
            true));
    walk.usePointer(pointer, false);
    checkAtomicTarget(dst, pointer, "stores into");
  }

  void atomic(Instruction.Atomic atomic) {
    int src = atomic.src().number();
    int dst = atomic.dst().number();
    walk.read(src);
    Value pointer = walk.read(dst);
    if (atomic.operation() == AtomicOperation.CMPXCHG) {
      walk.read(0);
      walk.secrecy.check(0, "leaks addr into mem");
    }
    walk.secrecy.check(src, "leaks addr into mem");
    checkAtomicTarget(dst, pointer, "stores into");
    int fetched =
        !atomic.operation().fetches()
            ? NONE
            : atomic.operation() == AtomicOperation.CMPXCHG ? 0 : src;
    if (fetched != NONE) {
      walk.checkWritable(fetched);
    }
    int size = atomic.size().bytes();
    // What is checked first must not change the pointer, which may be the register fetched into.
    check(new Access(dst, pointer, atomic.offset(), size, false, NONE, null, false, true));
    if (fetched != NONE) {
      check(new Access(dst, pointer, atomic.offset(), size, false, fetched, null, false, true));
    }
    walk.useAtomicPointer(pointer);
    // Linux looks at the register again, which may hold what was fetched by now.
    Value target = fetched == dst ? walk.read(dst) : pointer;
    check(new Access(dst, target, atomic.offset(), size, true, NONE, null, false, true));
  }

  private void checkAtomicTarget(int register, Value pointer, String verb) {
    boolean allowed =
        switch (pointer.kind()) {
          case CONTEXT, PACKET, PACKET_META, FLOW_KEYS, SOCKET, SOCK_COMMON, TCP_SOCK, XDP_SOCK ->
              false;
          case UNINITIALIZED,
              SCALAR,
              MAP,
              MAP_VALUE,
              MAP_KEY,
              STACK,
              PACKET_END,
              TRACE_BUFFER,
              BTF_OBJECT,
              MEMORY,
              ARENA,
              BUFFER,
              FUNCTION,
              DYNPTR,
              ITERATOR,
              IRQ_FLAG ->
              true;
        };
    if (!allowed) {
      throw walk.refuse(
          Errno.EACCES, "BPF_ATOMIC %s R%d %s is not allowed", verb, register, pointer.typeName());
    }
  }

  /// Checks one access, and gives a loaded register its value.
  void check(Access a) {
    Value pointer = a.pointer();
    checkAlignment(pointer, a.offset(), a.size(), a.aligned() || walk.rules.strictAlignment());
    int offset = pointer.offset() + a.offset();
    if (a.write() && a.other() != NONE) {
      checkLeak(a);
    }
    switch (pointer.kind()) {
      case MAP_KEY -> {
        if (a.write()) {
          throw walk.refuse(Errno.EACCES, "write to change key R%d not allowed", a.register());
        }
        regions.checkRegion(
            a.register(), pointer, offset, a.size(), regions.map(pointer).keySize(), false);
        loaded(a, Value.UNKNOWN);
      }
      case MAP_VALUE -> mapValue(a, offset);
      case MEMORY -> memory(a, offset);
      case CONTEXT -> {
        regions.checkUnmodified(a.register(), pointer, walk.rules.context().allowsOffset());
        Value loaded = contexts.check(offset, a.size(), a.write(), a.signed());
        if (!a.write() && a.other() != NONE) {
          loaded(a, loaded);
        }
      }
      case STACK -> {
        StackAccess.By by = a.write() ? StackAccess.By.STORE : StackAccess.By.LOAD;
        stack.checkBounds(a.register(), pointer, offset, a.size(), by);
        if (a.write()) {
          stack.store(pointer, offset, a.size(), a.other(), a.constant());
        } else {
          stack.load(a.register(), pointer, offset, a.size(), a.other());
          narrow(a);
        }
      }
      case PACKET, PACKET_META -> {
        if (a.write() && !walk.rules.writesPacket()) {
          throw walk.refuse(Errno.EACCES, "cannot write into packet");
        }
        regions.checkPacket(a.register(), pointer, offset, a.size(), false);
        loaded(a, Value.UNKNOWN);
      }
      case FLOW_KEYS -> {
        if (offset < 0 || offset + a.size() > ContextAccess.FLOW_KEYS_BYTES) {
          throw walk.refuse(
              Errno.EACCES, "invalid access to flow keys off=%d size=%d", offset, a.size());
        }
        loaded(a, Value.UNKNOWN);
      }
      case SOCKET, SOCK_COMMON, TCP_SOCK, XDP_SOCK -> socket(a, offset);
      case TRACE_BUFFER -> {
        regions.checkBuffer("tracepoint", a.register(), pointer, offset, a.size());
        loaded(a, Value.UNKNOWN);
      }
      case BTF_OBJECT -> {
        if (pointer.maybeNull()) {
          throw invalid(a);
        }
        Value loaded = objects.check(a.register(), pointer, offset, a.size(), a.write());
        loaded(a, loaded);
      }
      case MAP -> {
        String struct = objects.mapStruct(regions.map(pointer));
        if (walk.secrecy.isOn()) {
          throw walk.refuse(
              Errno.EPERM,
              "'struct %s' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN",
              struct);
        }
        if (a.write()) {
          throw walk.refuse(Errno.EACCES, "only read from %s is supported", struct);
        }
        loaded(a, objects.checkMap(a.register(), regions.map(pointer), offset, a.size()));
      }
      case BUFFER -> buffer(a, offset);
      case ARENA -> loaded(a, Value.UNKNOWN);
      case UNINITIALIZED, SCALAR, PACKET_END, FUNCTION, DYNPTR, ITERATOR, IRQ_FLAG ->
          throw invalid(a);
    }
  }

  private void checkLeak(Access a) {
    switch (a.pointer().kind()) {
      case MAP_VALUE -> walk.secrecy.check(a.other(), "leaks addr into map");
      case MEMORY -> walk.secrecy.check(a.other(), "leaks addr into mem");
      case CONTEXT -> walk.secrecy.check(a.other(), "leaks addr into ctx");
      case PACKET, PACKET_META -> {
        if (walk.rules.writesPacket()) {
          walk.secrecy.check(a.other(), "leaks addr into packet");
        }
      }
      case FLOW_KEYS -> walk.secrecy.check(a.other(), "leaks addr into flow keys");
      case UNINITIALIZED,
          SCALAR,
          MAP,
          MAP_KEY,
          STACK,
          PACKET_END,
          SOCKET,
          SOCK_COMMON,
          TCP_SOCK,
          TRACE_BUFFER,
          XDP_SOCK,
          BTF_OBJECT,
          BUFFER,
          ARENA,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG -> {}
    }
  }

  private RuntimeException invalid(Access a) {
    return walk.refuse(
        Errno.EACCES, "R%d invalid mem access '%s'", a.register(), a.pointer().typeName());
  }

  private void mapValue(Access a, int offset) {
    Value pointer = a.pointer();
    if (pointer.maybeNull()) {
      throw invalid(a);
    }
    regions.checkMapAccess(pointer, offset, a.size(), a.write());
    regions.checkMapValue(a.register(), pointer, offset, a.size(), false, true);
    MapInfo map = regions.map(pointer);
    if (pointer.number().isConstant()) {
      int at = offset + (int) pointer.number().value();
      Optional<SpecialField> kept = pointers.at(map, at);
      if (kept.isPresent()) {
        loaded(a, pointers.access(kept.get(), a));
        return;
      }
      Optional<byte[]> constant = map.constantValue();
      if (!a.write()
          && a.other() != NONE
          && constant.isPresent()
          && at + a.size() <= constant.get().length) {
        walk.write(a.other(), Value.constant(read(constant.get(), at, a.size(), a.signed())));
        return;
      }
    }
    loaded(a, Value.UNKNOWN);
  }

  private static long read(byte[] bytes, int offset, int size, boolean signed) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    return switch (size) {
      case 1 -> signed ? buffer.get(offset) : buffer.get(offset) & 0xffL;
      case 2 -> signed ? buffer.getShort(offset) : buffer.getShort(offset) & 0xffffL;
      case 4 -> signed ? buffer.getInt(offset) : buffer.getInt(offset) & 0xffff_ffffL;
      default -> buffer.getLong(offset);
    };
  }

  private void memory(Access a, int offset) {
    Value pointer = a.pointer();
    if (pointer.maybeNull()) {
      throw invalid(a);
    }
    if (a.write() && pointer.has(Flags.READ_ONLY)) {
      throw walk.refuse(Errno.EACCES, "R%d cannot write into %s", a.register(), pointer.typeName());
    }
    if (!(pointer.target() instanceof Target.Sized sized)) {
      throw invalid(a);
    }
    if (!pointer.has(Flags.UNTRUSTED)) {
      regions.checkRegion(a.register(), pointer, offset, a.size(), sized.size(), false);
    } else if (a.write()) {
      throw walk.refuse(Errno.EACCES, "R%d cannot write into %s", a.register(), pointer.typeName());
    }
    loaded(a, Value.UNKNOWN);
  }

  private void socket(Access a, int offset) {
    Value pointer = a.pointer();
    if (pointer.maybeNull()) {
      throw invalid(a);
    }
    if (a.write()) {
      throw walk.refuse(Errno.EACCES, "R%d cannot write into %s", a.register(), pointer.typeName());
    }
    if (pointer.number().smin() < 0) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d min value is negative, either use unsigned index or do a if (index >=0) check.",
          a.register());
    }
    if (!contexts.isSocketField(pointer.kind(), offset, a.size())) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d invalid %s access off=%d size=%d",
          a.register(),
          pointer.typeName(),
          offset,
          a.size());
    }
    loaded(a, Value.UNKNOWN);
  }

  private void buffer(Access a, int offset) {
    Value pointer = a.pointer();
    if (pointer.maybeNull()) {
      throw invalid(a);
    }
    boolean readOnly = pointer.has(Flags.READ_ONLY);
    if (a.write() && readOnly) {
      throw walk.refuse(Errno.EACCES, "R%d cannot write into %s", a.register(), pointer.typeName());
    }
    regions.checkBuffer(readOnly ? "rdonly" : "rdwr", a.register(), pointer, offset, a.size());
    walk.observed.reach(walk.slot, pointer, offset - pointer.offset() + a.size());
    loaded(a, Value.UNKNOWN);
  }

  /// Gives the register its value, narrowed to what was loaded.
  private void loaded(Access a, Value value) {
    if (a.write() || a.other() == NONE) {
      return;
    }
    walk.write(a.other(), value);
    narrow(a);
  }

  private void narrow(Access a) {
    if (a.write() || a.other() == NONE || a.size() == 8) {
      return;
    }
    Value value = walk.peek(a.other());
    if (value.isScalar()) {
      Scalar number =
          a.signed() ? value.number().signExtend(a.size() * 8) : value.number().truncate(a.size());
      walk.write(a.other(), value.withNumber(number));
    }
  }

  /// Checks that an access is aligned: always on the stack, elsewhere where the program is loaded
  /// so.
  void checkAlignment(Value pointer, int offset, int size, boolean strict) {
    boolean checked = strict || pointer.kind() == Kind.STACK;
    if (!checked || size == 1) {
      return;
    }
    boolean packet = pointer.kind().isPacket();
    int base = packet ? 2 : 0;
    Tnum at = pointer.number().bits().add(Tnum.constant((long) base + pointer.offset() + offset));
    if (at.isAligned(size)) {
      return;
    }
    if (packet) {
      throw walk.refuse(
          Errno.EACCES,
          "misaligned packet access off %d+%s+%d+%d size %d",
          base,
          pointer.number().bits(),
          pointer.offset(),
          offset,
          size);
    }
    throw walk.refuse(
        Errno.EACCES,
        "misaligned %saccess off %s+%d+%d size %d",
        pointer.flags() == 0 ? alignmentName(pointer.kind()) : "",
        pointer.number().bits(),
        pointer.offset(),
        offset,
        size);
  }

  private static String alignmentName(Kind kind) {
    return switch (kind) {
      case FLOW_KEYS -> "flow keys ";
      case MAP_KEY -> "key ";
      case MAP_VALUE -> "value ";
      case CONTEXT -> "context ";
      case STACK -> "stack ";
      case SOCKET -> "sock ";
      case SOCK_COMMON -> "sock_common ";
      case TCP_SOCK -> "tcp_sock ";
      case XDP_SOCK -> "xdp_sock ";
      case UNINITIALIZED,
          SCALAR,
          MAP,
          PACKET_META,
          PACKET,
          PACKET_END,
          TRACE_BUFFER,
          BTF_OBJECT,
          MEMORY,
          ARENA,
          BUFFER,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          "";
    };
  }
}
