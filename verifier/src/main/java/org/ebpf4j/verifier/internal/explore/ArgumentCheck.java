package org.ebpf4j.verifier.internal.explore;

import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.rules.HelperTraits;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.jspecify.annotations.Nullable;

/// The arguments of helpers against their prototypes.
final class ArgumentCheck {
  private final Walk walk;
  private final HelperMemory memory;
  private final MemoryAccess accesses;
  private final RegionAccess regions;
  private final StackObjects objects;
  private final Locks locks;
  private final KeptPointers pointers;
  private final ObjectGraph graph;
  private final ConstantKeys keys;

  ArgumentCheck(
      Walk walk,
      HelperMemory memory,
      MemoryAccess accesses,
      RegionAccess regions,
      StackObjects objects,
      Locks locks,
      KeptPointers pointers) {
    this.pointers = pointers;
    this.walk = walk;
    this.memory = memory;
    this.accesses = accesses;
    this.regions = regions;
    this.objects = objects;
    this.locks = locks;
    this.graph = new ObjectGraph(walk);
    this.keys = new ConstantKeys(walk);
  }

  void check(int register, Argument argument, Call call) {
    Value value = walk.read(register);
    if (argument.kind() == Argument.Kind.ANYTHING) {
      walk.secrecy.check(register, "leaks addr into helper function");
      return;
    }
    if (value.kind().isPacket() && !mayTakePacket(call.helper.name())) {
      throw walk.refuse(Errno.EACCES, "helper access to the packet is not allowed");
    }
    boolean maybeNull = argument.has(Argument.Flag.MAYBE_NULL);
    Argument.Kind kind = argument.kind();
    if (kind == Argument.Kind.MAP_VALUE && call.map != null) {
      kind = mapValueKind(argument, call.map);
    }
    if (value.isZero() && maybeNull) {
      walk.needPrecise(register);
    } else {
      checkType(register, value, argument, kind, call);
      checkOffset(register, value, argument);
    }
    checkReference(register, value, argument, kind, call);
    byKind(register, value, argument, kind, call);
  }

  /// Source: `may_access_direct_pkt_data`. What socket options are given as packets, all helpers
  /// take.
  private boolean mayTakePacket(String helper) {
    return walk.rules.type() == ProgramType.CGROUP_SOCKOPT
        || (walk.rules.readsPacket() && HelperTraits.takesPacket(helper));
  }

  /// What a map of sockets has for values are sockets. Source: `resolve_map_arg_type`.
  private Argument.Kind mapValueKind(Argument argument, MapInfo map) {
    return switch (map.type()) {
      case SOCKMAP, SOCKHASH -> {
        if (!argument.flags().isEmpty()) {
          throw walk.refuse(Errno.EINVAL, "invalid arg_type for sockmap/sockhash");
        }
        yield Argument.Kind.SOCKET_COMMON;
      }
      default -> Argument.Kind.MAP_VALUE;
    };
  }

  private void checkType(
      int register, Value value, Argument argument, Argument.Kind kind, Call call) {
    boolean socketsOnly = HelperTraits.takesSocketsOnly(call.helper.name());
    List<ArgumentTypes.Type> types = ArgumentTypes.of(kind, socketsOnly);
    int flags = value.flags();
    if (argument.has(Argument.Flag.READ_ONLY)) {
      flags &= ~Flags.READ_ONLY;
    }
    if (argument.has(Argument.Flag.MAYBE_NULL)) {
      flags &= ~Flags.MAYBE_NULL;
    }
    if (call.is("kptr_xchg") && register == 2) {
      flags &= ~(Flags.ALLOCATED | Flags.PER_CPU);
    }
    for (ArgumentTypes.Type type : types) {
      if (type.kind() == value.kind() && type.flags() == flags) {
        checkObject(register, value, argument, kind, call);
        return;
      }
    }
    StringJoiner expected = new StringJoiner(", ");
    for (ArgumentTypes.Type type : types) {
      expected.add(type.text());
    }
    throw walk.refuse(
        Errno.EACCES, "R%d type=%s expected=%s", register, value.typeName(), expected);
  }

  private void checkObject(
      int register, Value value, Argument argument, Argument.Kind kind, Call call) {
    if (value.kind() != Kind.BTF_OBJECT) {
      return;
    }
    if (value.maybeNull()
        && (!argument.has(Argument.Flag.MAYBE_NULL) || argument.has(Argument.Flag.RELEASES))) {
      throw walk.refuse(Errno.EACCES, "Possibly NULL pointer passed to helper arg%d", register);
    }
    switch (kind) {
      case MEMORY, MAP_KEY, MAP_VALUE -> {
        if (!argument.has(Argument.Flag.READ_ONLY)) {
          throw walk.refuse(
              Errno.EACCES,
              "bpf_%s() may write into memory pointed by R%d type=%s",
              call.helper.name(),
              register,
              value.typeName());
        }
      }
      case BTF_OBJECT -> {
        if (!call.is("kptr_xchg")) {
          checkStruct(register, value, argument.type());
        } else if (call.field != null) {
          pointers.checkFits(call.field, register, value);
        }
      }
      case SOCKET_COMMON -> checkStruct(register, value, "sock_common");
      case ANYTHING,
          CONTEXT,
          MAP,
          SIZE,
          SIZE_OR_ZERO,
          ALLOCATION_SIZE,
          STACK,
          SOCKET,
          PERCPU_BTF_OBJECT,
          SPIN_LOCK,
          TIMER,
          KPTR,
          RING_RECORD,
          FUNCTION,
          STRING,
          DYNPTR -> {}
    }
  }

  private void checkStruct(int register, Value value, String expected) {
    Target.Typed wanted = walk.rules.kernel().struct(expected);
    if (!ObjectTypes.matches(value, wanted)) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d is of type %s but %s is expected",
          register,
          structName(value.target()),
          structName(wanted));
    }
  }

  private static String structName(Target target) {
    return target instanceof Target.Typed(Btf btf, int type) ? btf.type(type).name() : "";
  }

  private void checkOffset(int register, Value value, Argument argument) {
    boolean releases = argument.has(Argument.Flag.RELEASES);
    if (releases && argument.kind() == Argument.Kind.DYNPTR && value.kind() == Kind.STACK) {
      return;
    }
    regions.checkArgumentOffset(register, value, releases);
  }

  private void checkReference(
      int register, Value value, Argument argument, Argument.Kind kind, Call call) {
    if (argument.has(Argument.Flag.RELEASES)) {
      if (kind == Argument.Kind.DYNPTR) {
        if (value.kind() != Kind.STACK) {
          throw walk.refuse(Errno.EINVAL, "cannot release unowned const bpf_dynptr");
        }
        if (!objects.isDynptr(value) || objects.dynptr(value).reference() == 0) {
          throw walk.refuse(Errno.EINVAL, "arg %d is an unacquired reference", register);
        }
      } else if (value.reference() == 0 && !value.isZero()) {
        throw walk.refuse(
            Errno.EINVAL, "R%d must be referenced when passed to release function", register);
      }
      call.releaseRegister = register;
    }
    if (value.reference() != 0 && kind != Argument.Kind.KPTR) {
      if (call.reference != 0) {
        throw walk.refuse(
            Errno.EACCES,
            "more than one arg with ref_obj_id R%d %d %d",
            register,
            value.reference(),
            call.reference);
      }
      call.reference = value.reference();
    }
  }

  private void byKind(int register, Value value, Argument argument, Argument.Kind kind, Call call) {
    switch (kind) {
      case MAP -> {
        if (value.target() instanceof Target.InMap(MapInfo map, int instance)) {
          if (call.map != null && (call.map != map || call.mapInstance != instance)) {
            throw walk.refuse(
                Errno.EINVAL,
                "timer pointer in R1 map_uid=%d doesn't match map pointer in R2 map_uid=%d",
                call.mapInstance,
                instance);
          }
          call.map = map;
          call.mapInstance = instance;
          call.mapTarget = value.target();
        }
      }
      case MAP_KEY -> {
        MapInfo map = mapOf(call, "key");
        memory.check(register, map.keySize(), false, false, null);
        call.keyPresent = keys.isPresent(value, map);
      }
      case MAP_VALUE -> {
        if (!(argument.has(Argument.Flag.MAYBE_NULL) && value.isZero())) {
          memory.check(
              register,
              mapOf(call, "value").valueSize(),
              writes(argument),
              false,
              raw(argument, call));
        }
      }
      case MEMORY -> {
        if (argument.size() > 0) {
          memory.check(register, argument.size(), writes(argument), false, raw(argument, call));
          if (argument.has(Argument.Flag.ALIGNED)) {
            accesses.checkAlignment(value, 0, argument.size(), true);
          }
        }
      }
      case SIZE, SIZE_OR_ZERO -> {
        Argument of = call.helper.arguments().get(register - 2);
        boolean zeroAllowed = kind == Argument.Kind.SIZE_OR_ZERO;
        call.greatestSize = memory.checkSized(register, writes(of), zeroAllowed, raw(of, call));
      }
      case ALLOCATION_SIZE -> {
        Scalar size = value.number();
        if (!size.isConstant()) {
          throw walk.refuse(Errno.EACCES, "R%d is not a known constant'", register);
        }
        // A size of 32 bits; beyond 2 GiB no access is found to lie outside, nor does one succeed.
        call.memorySize = (int) Math.min(size.value() & 0xffff_ffffL, Integer.MAX_VALUE);
        walk.needPrecise(register);
      }
      case FUNCTION -> {
        if (value.target() instanceof Target.Code(int subprogram)) {
          call.subprogram = subprogram;
        }
      }
      case SPIN_LOCK -> {
        if (graph.inOrderingCallback()) {
          throw walk.refuse(Errno.EACCES, "can't spin_{lock,unlock} in rbtree cb");
        }
        locks.apply(register, value, call.is("spin_lock"));
      }
      case TIMER -> timer(register, value, call);
      case KPTR -> kptr(register, value, call);
      case STRING -> string(register, value);
      case DYNPTR -> dynptr(register, value, argument, call);
      case PERCPU_BTF_OBJECT -> {
        if (value.target() instanceof Target.Typed typed) {
          call.typed = typed;
          call.ownPerCpu = value.has(Flags.RCU);
        }
      }
      case ANYTHING, CONTEXT, STACK, SOCKET_COMMON, SOCKET, BTF_OBJECT, RING_RECORD -> {}
    }
  }

  private static boolean writes(Argument argument) {
    return !argument.has(Argument.Flag.READ_ONLY)
        && (argument.has(Argument.Flag.UNINITIALIZED) || argument.has(Argument.Flag.WRITABLE));
  }

  private static @Nullable Call raw(Argument argument, Call call) {
    return argument.has(Argument.Flag.UNINITIALIZED) ? call : null;
  }

  private MapInfo mapOf(Call call, String part) {
    if (call.map == null) {
      throw walk.refuse(Errno.EACCES, "invalid map_ptr to access map->%s", part);
    }
    return call.map;
  }

  private void timer(int register, Value value, Call call) {
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R%d doesn't have constant offset. bpf_timer has to be at the constant offset",
          register);
    }
    MapInfo map = regions.map(value);
    if (!map.hasValueType()) {
      throw walk.refuse(
          Errno.EINVAL, "map '%s' has to have BTF in order to use bpf_timer", map.kernelName());
    }
    Optional<SpecialField> timer = map.field(SpecialField.Kind.TIMER);
    if (timer.isEmpty()) {
      throw walk.refuse(Errno.EINVAL, "map '%s' has no valid bpf_timer", map.kernelName());
    }
    long at = value.number().value() + value.offset();
    if (timer.get().offset() != at) {
      throw walk.refuse(
          Errno.EINVAL,
          "off %d doesn't point to 'struct bpf_timer' that is at %d",
          at,
          timer.get().offset());
    }
    call.map = map;
    call.mapTarget = value.target();
    if (value.target() instanceof Target.InMap in) {
      call.mapInstance = in.instance();
    }
  }

  private void kptr(int register, Value value, Call call) {
    if (value.target() instanceof Target.InMap(MapInfo map, int uid) && !map.hasValueType()) {
      throw walk.refuse(
          Errno.EINVAL, "map '%s' has to have BTF in order to use bpf_kptr_xchg", map.kernelName());
    }
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R%d doesn't have constant offset. kptr has to be at the constant offset",
          register);
    }
    long at = value.number().value() + value.offset();
    List<SpecialField> fields =
        value.target() instanceof Target.InMap in
            ? in.map().fields()
            : value.target() instanceof Target.Typed(Btf btf, int type)
                ? walk.rules.fields(btf, type)
                : List.of();
    if (fields.stream().noneMatch(ArgumentCheck::isKept)) {
      throw walk.refuse(Errno.EINVAL, "R%d has no valid kptr", register);
    }
    for (SpecialField field : fields) {
      if (field.offset() == at && isKept(field)) {
        if (field.kind() == SpecialField.Kind.KPTR_UNTRUSTED) {
          throw walk.refuse(Errno.EACCES, "off=%d kptr isn't referenced kptr", at);
        }
        call.field = field;
        return;
      }
    }
    throw walk.refuse(Errno.EACCES, "off=%d doesn't point to kptr", at);
  }

  private static boolean isKept(SpecialField field) {
    return field.kind().isPointer() && field.kind() != SpecialField.Kind.USER_POINTER;
  }

  /// A string that nobody may change, in a map.
  void string(int register, Value value) {
    MapInfo map = regions.map(value);
    if (map.isWritable()) {
      throw walk.refuse(Errno.EACCES, "R%d does not point to a readonly map'", register);
    }
    if (!value.number().isConstant()) {
      throw walk.refuse(Errno.EACCES, "R%d is not a constant address'", register);
    }
    int start = value.offset() + (int) value.number().value();
    regions.checkMapValue(
        register, value, value.offset(), map.valueSize() - value.offset(), false, false);
    byte[] bytes = map.constantValue().orElse(null);
    if (bytes == null) {
      throw walk.refuse(Errno.EACCES, "R%d does not point to a readonly map'", register);
    }
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return;
      }
    }
    throw walk.refuse(Errno.EINVAL, "string is not zero-terminated");
  }

  private void dynptr(int register, Value value, Argument argument, Call call) {
    call.dynptrRegister = register;
    if (argument.has(Argument.Flag.UNINITIALIZED)) {
      if (!objects.mayHoldDynptr(value)) {
        throw walk.refuse(Errno.EINVAL, "Dynptr has to be an uninitialized dynptr");
      }
      DynptrType type =
          argument.has(Argument.Flag.DYNPTR_RING) ? DynptrType.RING : DynptrType.LOCAL;
      int reference = 0;
      if (type == DynptrType.RING) {
        reference = walk.newId();
        walk.state.acquire(
            new Acquired(Acquired.Kind.REFERENCE, reference, walk.slot, Acquired.Kind.REFERENCE));
      }
      objects.createDynptr(value, type, reference);
      return;
    }
    if (value.kind() == Kind.STACK && !objects.isDynptrAt(value)) {
      throw walk.refuse(Errno.EINVAL, "Expected an initialized dynptr as arg #%d", register - 1);
    }
    Value object = objects.dynptr(value);
    if (argument.has(Argument.Flag.DYNPTR_RING)
        && !(object.target() instanceof Target.Dynamic(DynptrType type, boolean first)
            && type == DynptrType.RING)) {
      throw walk.refuse(Errno.EINVAL, "Expected a dynptr of type ringbuf as arg #%d", register - 1);
    }
  }
}
