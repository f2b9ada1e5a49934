package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.HelperTraits;
import org.ebpf4j.verifier.internal.rules.TracedFunction;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Calls of helpers.
final class HelperCalls {
  private static final int MAX_ERRNO = 4095;
  private static final Set<String> RETURNS_BYTES =
      Set.of(
          "get_stack",
          "get_task_stack",
          "probe_read_str",
          "probe_read_kernel_str",
          "probe_read_user_str");
  private static final Set<String> WRITES_MAP =
      Set.of("map_delete_elem", "map_update_elem", "map_push_elem", "map_pop_elem");

  private final Walk walk;
  private final ArgumentCheck arguments;
  private final StackAccess stack;
  private final StackObjects objects;
  private final References references;
  private final Callbacks callbacks;

  HelperCalls(
      Walk walk,
      ArgumentCheck arguments,
      StackAccess stack,
      StackObjects objects,
      References references,
      Callbacks callbacks) {
    this.walk = walk;
    this.arguments = arguments;
    this.stack = stack;
    this.objects = objects;
    this.references = references;
    this.callbacks = callbacks;
  }

  void call(int number) {
    call(walk.rules.helper(number).orElseThrow(() -> unknown(number)));
  }

  private Refusal unknown(int number) {
    // 0 is a number that is taken, for none.
    return number == 0
        ? walk.refuse(Errno.EINVAL, "program of this type cannot use helper bpf_unspec#0")
        : walk.refuse(Errno.EINVAL, "invalid func unknown#%d", number);
  }

  void call(HelperPrototype helper) {
    int number = helper.id();
    String name = helper.name();
    checkMayCall(helper, number);
    Call call = new Call(helper);
    int register = 1;
    for (Argument argument : helper.arguments()) {
      arguments.check(register++, argument, call);
    }
    checkMap(call);
    if (call.rawRegister != 0 && walk.peek(call.rawRegister).kind() == Kind.STACK) {
      stack.writeRaw(walk.peek(call.rawRegister), call.rawSize);
    }
    release(call);
    special(call);
    Value dynptr = call.dynptrRegister == 0 ? Value.UNINITIALIZED : dynptrOf(call);
    walk.clobber();
    Value result = result(call, dynptr);
    if (call.map != null && !MapHelperRules.allows(walk.rules, call.map.type(), name)) {
      throw walk.refuse(
          Errno.EINVAL,
          "cannot pass map_type %d into func bpf_%s#%d",
          call.map.type().number(),
          name,
          number);
    }
    if (number == Explorer.TAIL_CALL && call.map != null) {
      walk.secrecy.tailCall(call.map);
    }
    walk.state.setRegister(0, result);
    boolean writesPacketDynptr =
        name.equals("dynptr_write")
            && dynptr.target() instanceof Target.Dynamic(var type, boolean first)
            && (type == Target.DynptrType.SKB || type == Target.DynptrType.SKB_META);
    // A tail call that failed has changed nothing; where it does not, this function ends.
    boolean changesPacket = HelperTraits.changesPacket(name) && number != Explorer.TAIL_CALL;
    if (changesPacket || writesPacketDynptr) {
      references.forgetPacket();
    }
  }

  private void checkMayCall(HelperPrototype helper, int number) {
    String name = helper.name();
    if (walk.state.lockCount > 0 && !name.equals("spin_unlock") && !name.equals("kptr_xchg")) {
      throw walk.refuse(Errno.EINVAL, "function calls are not allowed while holding a lock");
    }
    if (!walk.rules.mayCall(helper)) {
      throw walk.refuse(
          Errno.EINVAL, "program of this type cannot use helper bpf_%s#%d", name, number);
    }
    if (helper.gplOnly() && !walk.rules.isGpl()) {
      throw walk.refuse(
          Errno.EINVAL, "cannot call GPL-restricted function from non-GPL compatible program");
    }
    if (!walk.rules.mayCallHere(helper)) {
      throw walk.refuse(Errno.EINVAL, "helper call is not allowed in probe");
    }
    boolean sleeps = HelperTraits.maySleep(name);
    if (sleeps && !walk.state.sleepable) {
      throw walk.refuse(Errno.EINVAL, "helper call might sleep in a non-sleepable prog");
    }
    if (sleeps && walk.state.rcuDepth > 0) {
      throw walk.refuse(
          Errno.EINVAL, "sleepable helper bpf_%s#%d in rcu_read_lock region", name, number);
    }
    if (sleeps && walk.state.activeIrqId != 0) {
      throw walk.refuse(
          Errno.EINVAL, "sleepable helper bpf_%s#%d in IRQ-disabled region", name, number);
    }
    if (sleeps && walk.state.preemptDepth > 0) {
      throw walk.refuse(
          Errno.EINVAL, "sleepable helper bpf_%s#%d in non-preemptible region", name, number);
    }
  }

  private void checkMap(Call call) {
    MapInfo map = call.map;
    if (map != null && !map.isWritable() && WRITES_MAP.contains(call.helper.name())) {
      throw walk.refuse(Errno.EACCES, "write into map forbidden");
    }
    if (call.is("tail_call")) {
      if (map != null && map.type() != MapType.PROG_ARRAY) {
        throw walk.refuse(Errno.EINVAL, "expected prog array map for tail call");
      }
      Value index = walk.peek(3);
      if (map != null
          && index.number().isConstant()
          && Long.compareUnsigned(index.number().value(), map.maxEntries()) < 0) {
        walk.needPrecise(3);
      }
    }
  }

  private void release(Call call) {
    if (call.releaseRegister == 0) {
      return;
    }
    Value value = walk.peek(call.releaseRegister);
    Argument argument = call.helper.arguments().get(call.releaseRegister - 1);
    if (argument.kind() == Argument.Kind.DYNPTR) {
      objects.releaseDynptr(value);
    } else if (call.reference != 0) {
      boolean keptInRcu = call.is("kptr_xchg") && walk.rules.inRcu(walk.state);
      if (!(keptInRcu ? references.keep(call.reference) : references.release(call.reference))) {
        throw walk.refuse(
            Errno.EINVAL,
            "func bpf_%s#%d reference has not been acquired before",
            call.helper.name(),
            call.helper.id());
      }
    }
  }

  private Value dynptrOf(Call call) {
    Value pointer = walk.peek(call.dynptrRegister);
    boolean there = pointer.kind() == Kind.DYNPTR || pointer.kind() == Kind.STACK;
    return there
            && !call.helper.arguments().get(call.dynptrRegister - 1).has(Argument.Flag.RELEASES)
        ? objects.dynptr(pointer)
        : Value.UNINITIALIZED;
  }

  private void special(Call call) {
    switch (call.helper.name()) {
      case "tail_call" -> {
        references.checkNoSections("tail_call");
        walk.code.subprogramAt(walk.slot).hasTailCall = true;
      }
      case "get_local_storage" -> {
        if (!walk.peek(2).isZero()) {
          throw walk.refuse(Errno.EINVAL, "get_local_storage() doesn't support non-zero flags");
        }
        walk.needPrecise(2);
      }
      case "for_each_map_elem" -> callbacks.eachElement(call);
      case "timer_set_callback" -> callbacks.timer(call);
      case "find_vma" -> callbacks.virtualMemoryArea(call);
      case "user_ringbuf_drain" -> callbacks.ringDrain(call);
      case "loop" -> callbacks.loop(call);
      case "dynptr_from_mem" -> {
        if (walk.peek(1).kind() != Kind.MAP_VALUE) {
          throw walk.refuse(
              Errno.EACCES,
              "Unsupported reg type %s for bpf_dynptr_from_mem data",
              walk.peek(1).typeName());
        }
      }
      case "get_func_ip" -> {
        if (walk.rules.type() == ProgramType.TRACING && !hasTrampoline()) {
          throw walk.refuse(
              Errno.ENOTSUPP,
              "func bpf_get_func_ip#173 supported only for fentry/fexit/fmod_ret programs");
        }
        if (walk.rules.type() != ProgramType.KPROBE && walk.rules.type() != ProgramType.TRACING) {
          throw walk.refuse(
              Errno.ENOTSUPP,
              "func bpf_get_func_ip#173 not supported for program type %d",
              walk.rules.type().number());
        }
      }
      case "set_retval" -> {
        if (walk.rules.type() == ProgramType.LSM
            && walk.rules.tracedFunction().filter(TracedFunction::returnsNothing).isPresent()) {
          throw walk.refuse(
              Errno.EINVAL,
              "BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!");
        }
      }
      case "snprintf" -> format();
      default -> {}
    }
  }

  /// Whether the program is entered where a function begins or ends.
  private boolean hasTrampoline() {
    return walk.rules.isHook(AttachType.TRACE_FENTRY)
        || walk.rules.isHook(AttachType.TRACE_FEXIT)
        || walk.rules.isHook(AttachType.MODIFY_RETURN);
  }

  /// Checks the format of `bpf_snprintf` against the size of what it is to show. Source:
  /// `check_bpf_snprintf_call`.
  private void format() {
    Value format = walk.peek(3);
    long bytes = walk.peek(5).number().bits().value();
    byte[] text = RegionAccess.mapOf(format).constantValue().orElse(new byte[0]);
    int start = format.offset() + (int) format.number().value();
    if (bytes % Long.BYTES != 0 || !FormatCheck.isValid(text, start, bytes / Long.BYTES)) {
      throw walk.refuse(Errno.EINVAL, "Invalid format string");
    }
  }

  private Value result(Call call, Value dynptr) {
    return switch (call.helper.result()) {
      case INTEGER -> integer(call);
      case VOID -> Value.UNINITIALIZED;
      case MAP_VALUE -> mapValue(call, 0);
      case MAP_VALUE_OR_NULL -> {
        boolean found = call.keyPresent && call.is("map_lookup_elem");
        yield mapValue(call, found ? 0 : Flags.MAYBE_NULL);
      }
      case SOCKET_OR_NULL -> socket(call, Kind.SOCKET);
      case TCP_SOCKET_OR_NULL -> socket(call, Kind.TCP_SOCK);
      case SOCKET_COMMON_OR_NULL -> socket(call, Kind.SOCK_COMMON);
      case RING_RECORD_OR_NULL -> {
        int id = references.acquire();
        yield Value.pointer(
                Kind.MEMORY, Flags.RING | Flags.MAYBE_NULL, Target.Sized.of(call.memorySize))
            .withId(id)
            .withReference(id);
      }
      case DYNPTR_MEMORY_OR_NULL ->
          Value.pointer(
                  Kind.MEMORY,
                  Flags.MAYBE_NULL,
                  new Target.Sized(call.memorySize, dynptr.id(), Target.End.DYNPTR))
              .withId(walk.newId())
              .withReference(dynptr.reference());
      case MEMORY_OR_BTF_OBJECT -> perCpu(call, 0);
      case MEMORY_OR_BTF_OBJECT_OR_NULL -> perCpu(call, Flags.MAYBE_NULL);
      case BTF_OBJECT ->
          Value.pointer(
              Kind.BTF_OBJECT,
              HelperTraits.returnsTrusted(call.helper.name()) ? Flags.TRUSTED : 0,
              walk.rules.kernel().struct(call.helper.resultType()));
      case BTF_OBJECT_OR_NULL -> object(call);
    };
  }

  private Value integer(Call call) {
    String name = call.helper.name();
    if (RETURNS_BYTES.contains(name)) {
      return Value.scalar(
          Scalar.intRange(-MAX_ERRNO, (int) Math.min(call.greatestSize, Integer.MAX_VALUE)));
    }
    if (name.equals("get_smp_processor_id")) {
      return Value.scalar(Scalar.intRange(0, walk.rules.cpus() - 1));
    }
    return Value.UNKNOWN;
  }

  private Value mapValue(Call call, int flags) {
    Value value = Value.pointer(Kind.MAP_VALUE, flags, call.mapTarget);
    boolean socket =
        call.map != null
            && call.is("map_lookup_elem")
            && (call.map.type() == MapType.SOCKMAP || call.map.type() == MapType.SOCKHASH);
    if (socket) {
      int id = references.acquire();
      return value.withId(id).withReference(id);
    }
    if (flags != 0 || (call.map != null && call.map.hasLock())) {
      return value.withId(walk.newId());
    }
    return value;
  }

  private Value socket(Call call, Kind kind) {
    Value value = Value.pointer(kind, Flags.MAYBE_NULL, Target.NONE).withId(walk.newId());
    if (HelperTraits.acquires(call.helper.name())) {
      int id = references.acquire();
      return value.withId(id).withReference(id);
    }
    return HelperTraits.casts(call.helper.name()) ? value.withReference(call.reference) : value;
  }

  private Value object(Call call) {
    String name = call.helper.name();
    if (name.equals("kptr_xchg")) {
      var field = call.field;
      if (field == null) {
        throw new NotJudged("kptr_xchg of a field that is not known");
      }
      Target.Typed typed = walk.rules.pointee(field);
      boolean local = typed.btf() == walk.rules.objectBtf();
      boolean perCpu = field.kind() == SpecialField.Kind.KPTR_PER_CPU;
      int flags = (local ? Flags.ALLOCATED : 0) | (perCpu ? Flags.PER_CPU : 0);
      int id = references.acquire();
      return Value.pointer(Kind.BTF_OBJECT, Flags.MAYBE_NULL | flags, typed)
          .withId(id)
          .withReference(id);
    }
    Value value =
        Value.pointer(
                Kind.BTF_OBJECT,
                Flags.MAYBE_NULL,
                walk.rules.kernel().struct(call.helper.resultType()))
            .withId(walk.newId());
    return HelperTraits.casts(name) ? value.withReference(call.reference) : value;
  }

  private Value perCpu(Call call, int flags) {
    Target.Typed typed = call.typed;
    if (typed == null) {
      throw walk.refuse(Errno.EACCES, "Helper has invalid btf_id in R1");
    }
    if (call.ownPerCpu) {
      return withIdIfMaybeNull(
          Value.pointer(Kind.BTF_OBJECT, flags | Flags.ALLOCATED | Flags.RCU, typed));
    }
    if (typed.btf().resolved(typed.type()) instanceof BtfType.Composite) {
      return withIdIfMaybeNull(Value.pointer(Kind.BTF_OBJECT, flags, typed));
    }
    Optional<Integer> size =
        new BtfLayout(typed.btf()).sizeOf(typed.type()).stream().boxed().findFirst();
    if (size.isEmpty()) {
      throw walk.refuse(
          Errno.EINVAL,
          "unable to resolve the size of type '%s'",
          typed.btf().type(typed.type()).name());
    }
    return withIdIfMaybeNull(
        Value.pointer(Kind.MEMORY, flags | Flags.READ_ONLY, Target.Sized.of(size.get())));
  }

  private Value withIdIfMaybeNull(Value value) {
    return value.maybeNull() ? value.withId(walk.newId()) : value;
  }
}
