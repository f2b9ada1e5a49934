package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.rules.KernelCall;
import org.ebpf4j.verifier.internal.rules.KernelCall.Flag;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Calls of kernel functions. Source of the rules: `check_kfunc_call` and `check_kfunc_args` in
/// Linux's `kernel/bpf/verifier.c`.
final class KernelCalls {
  private final Walk walk;
  private final HelperMemory memory;
  private final RegionAccess regions;
  private final StackObjects objects;
  private final References references;
  private final Iterators iterators;

  KernelCalls(
      Walk walk,
      HelperMemory memory,
      RegionAccess regions,
      StackObjects objects,
      References references,
      Iterators iterators) {
    this.walk = walk;
    this.memory = memory;
    this.regions = regions;
    this.objects = objects;
    this.references = references;
    this.iterators = iterators;
  }

  /// What the arguments of one call have told so far.
  private static final class Facts {
    int reference;
    int releaseRegister;
    long constant;
    Value dynptr = Value.UNINITIALIZED;
  }

  /// The function that a call calls.
  static KernelCall function(Reference reference) {
    if (!(reference instanceof Reference.KernelFunction function)) {
      throw new NotJudged("the program calls a kernel function by number");
    }
    return KernelCall.byName(function.name())
        .orElseThrow(() -> new NotJudged("the program calls kernel function " + function.name()));
  }

  /// @return the slot to go on from
  int call(Instruction.CallKernel call) {
    Reference reference = walk.code.reference(walk.slot);
    if (reference == null) {
      throw new NotJudged("the program calls kernel function #" + call.btfId());
    }
    KernelCall function = function(reference);
    checkMayCall(function);
    Facts facts = new Facts();
    int register = 1;
    for (KernelCall.Slot slot : function.arguments()) {
      argument(register, slot, function, facts);
      register++;
    }
    if (function.has(Flag.RELEASE) && facts.releaseRegister == 0) {
      throw walk.refuse(
          "release kernel function %s expects refcounted PTR_TO_BTF_ID", function.name());
    }
    sections(function);
    if (facts.releaseRegister != 0) {
      references.release(walk.peek(facts.releaseRegister).reference());
    }
    Value first = walk.peek(1);
    Value result = result(function, facts, first);
    walk.clobber();
    if (function.has(Flag.ITER_NEXT)) {
      iterators.next(first, result);
    } else {
      walk.state.setRegister(0, result);
    }
    return walk.slot + 1;
  }

  private void checkMayCall(KernelCall function) {
    String name = function.name();
    if (walk.state.lockCount > 0 && !name.startsWith("bpf_iter_num_")) {
      throw walk.refuse("function calls are not allowed while holding a lock");
    }
    if (!function.allows(walk.rules.type())) {
      throw walk.refuse("calling kernel function %s is not allowed", name);
    }
    if (function.has(Flag.SLEEPABLE) && !walk.state.sleepable) {
      throw walk.refuse("program must be sleepable to call sleepable kfunc %s", name);
    }
  }

  private void argument(int register, KernelCall.Slot slot, KernelCall function, Facts facts) {
    Value value = walk.read(register);
    boolean pointer =
        switch (slot.kind()) {
          case NUMBER, CONSTANT, CONSTANT_SIZE, ANY, BUFFER -> false;
          default -> true;
        };
    boolean trusting = function.has(Flag.TRUSTED) || function.has(Flag.RCU);
    if (pointer && trusting && !slot.maybeNull() && (value.isZero() || value.maybeNull())) {
      throw walk.refuse("Possibly NULL pointer passed to trusted arg%d", register - 1);
    }
    if (value.reference() != 0) {
      facts.reference = value.reference();
      if (function.has(Flag.RELEASE)) {
        facts.releaseRegister = register;
      }
    }
    if (pointer && slot.maybeNull() && value.isZero()) {
      walk.needPrecise(register);
      return;
    }
    switch (slot.kind()) {
      case NUMBER -> requireNumber(register, value);
      case CONSTANT -> facts.constant = constant(register, value);
      case CONSTANT_SIZE -> {
        facts.constant = constant(register, value);
        buffer(register, function.arguments().get(register - 2));
      }
      case ANY, BUFFER -> {}
      case CONTEXT -> context(register, slot, value);
      case OBJECT -> object(register, slot, value, function);
      case MEMORY -> {
        checkOffset(register, value, function);
        memory.checkWhole(register, slot.count());
      }
      case MAP -> map(register, value, function);
      case DYNPTR -> {
        requireDynptr(register, value);
        facts.dynptr = objects.dynptr(value);
      }
      case DYNPTR_NEW -> newDynptr(register, slot, value, facts);
      case ITERATOR -> iterators.argument(register, function, slot);
      case VOID, SLICE, WRITABLE_SLICE, KERNEL_CONTEXT, CAST ->
          throw new IllegalStateException(slot.kind() + " is no argument");
    }
  }

  private void requireNumber(int register, Value value) {
    if (!value.isScalar()) {
      throw walk.refuse("R%d is not a scalar", register);
    }
  }

  private long constant(int register, Value value) {
    requireNumber(register, value);
    if (!value.number().isConstant()) {
      throw walk.refuse("R%d must be a known constant", register);
    }
    walk.needPrecise(register);
    return value.number().value();
  }

  private void buffer(int sizeRegister, KernelCall.Slot slot) {
    Value pointer = walk.peek(sizeRegister - 1);
    if (slot.maybeNull() && pointer.isZero()) {
      return;
    }
    walk.state.setRegister(sizeRegister - 1, HelperMemory.notNull(walk, pointer));
    memory.checkSized(sizeRegister, false, true, null);
    memory.checkSized(sizeRegister, true, true, null);
    walk.state.setRegister(sizeRegister - 1, pointer);
  }

  private void context(int register, KernelCall.Slot slot, Value value) {
    boolean projection =
        !slot.detail().isEmpty()
            && value.kind() == Kind.BTF_OBJECT
            && value.has(Flags.TRUSTED)
            && ObjectTypes.matches(value, walk.rules.kernel().struct(slot.detail()));
    if (value.kind() == Kind.CONTEXT) {
      regions.checkUnmodified(register, value, false);
    } else if (!projection) {
      throw walk.refuse(
          "arg#%d expected pointer to ctx, but got %s", register - 1, value.typeName());
    }
  }

  private void checkTrust(int register, Value value, KernelCall function) {
    if (!function.has(Flag.TRUSTED) && !function.has(Flag.RCU)) {
      return;
    }
    boolean trusted =
        value.reference() != 0
            || value.kind().isSocket()
            || value.kind() == Kind.MAP
            || (value.has(Flags.TRUSTED | Flags.ALLOCATED | Flags.NON_OWNING)
                && !value.has(Flags.UNTRUSTED | Flags.MAYBE_NULL));
    if (trusted) {
      return;
    }
    if (!function.has(Flag.RCU)) {
      throw walk.refuse("R%d must be referenced or trusted", register);
    }
    if (!value.has(Flags.RCU)) {
      throw walk.refuse("R%d must be a rcu pointer", register);
    }
  }

  private void checkOffset(int register, Value value, KernelCall function) {
    if (function.has(Flag.RELEASE) && value.reference() != 0 && value.offset() != 0) {
      throw walk.refuse(
          "R%d must have zero offset when passed to release func or trusted arg to kfunc",
          register);
    }
    if (value.kind() == Kind.BTF_OBJECT) {
      regions.checkUnmodified(register, value, true);
    }
  }

  private void object(int register, KernelCall.Slot slot, Value value, KernelCall function) {
    if (value.kind() != Kind.BTF_OBJECT) {
      throw new NotJudged(
          "kernel function %s is given %s as argument %d"
              .formatted(function.name(), value.typeName(), register));
    }
    checkTrust(register, value, function);
    checkOffset(register, value, function);
    if (value.has(Flags.UNTRUSTED | Flags.USER | Flags.PER_CPU | Flags.MAYBE_NULL)) {
      throw walk.refuse(
          "arg#%d is %s expected %s or socket",
          register - 1,
          value.typeName(),
          Flags.name(Kind.BTF_OBJECT, value.flags() & (Flags.TRUSTED | Flags.ALLOCATED)));
    }
    requireStruct(register, slot.detail(), value, function);
  }

  private void requireStruct(int register, String struct, Value value, KernelCall function) {
    if (!ObjectTypes.matches(value, walk.rules.kernel().struct(struct))) {
      String given =
          value.target() instanceof Target.Typed(Btf btf, int type) ? btf.type(type).name() : "";
      throw walk.refuse(
          "kernel function %s args#%d expected pointer to STRUCT %s but R%d has a pointer to STRUCT %s",
          function.name(), register - 1, struct, register, given);
    }
  }

  private void map(int register, Value value, KernelCall function) {
    switch (value.kind()) {
      case MAP -> regions.checkUnmodified(register, value, false);
      case BTF_OBJECT -> {
        checkTrust(register, value, function);
        checkOffset(register, value, function);
        requireStruct(register, "bpf_map", value, function);
      }
      default -> throw walk.refuse("pointer in R%d isn't map pointer", register);
    }
  }

  private void requireDynptr(int register, Value value) {
    boolean there =
        value.kind() == Kind.DYNPTR || (value.kind() == Kind.STACK && objects.isDynptr(value));
    if (!there) {
      throw walk.refuse("Expected an initialized dynptr as arg #%d", register - 1);
    }
  }

  private void newDynptr(int register, KernelCall.Slot slot, Value value, Facts facts) {
    if (value.kind() != Kind.STACK) {
      throw walk.refuse(
          "arg#%d expected pointer to stack or const struct bpf_dynptr", register - 1);
    }
    int upper = objects.slotOf(value);
    Frame frame = walk.state.frameOf(value);
    for (int i = 0; i < 2; i++) {
      if (frame.byteAt((upper - i) * Frame.SLOT_BYTES) == StackByte.DYNPTR
          && slot.detail().equals("CLONE")
          && frame.slot(upper - i).id() == facts.dynptr.id()) {
        throw walk.refuse("Dynptr has to be an uninitialized dynptr");
      }
    }
    DynptrType type =
        switch (slot.detail()) {
          case "SKB" -> DynptrType.SKB;
          case "XDP" -> DynptrType.XDP;
          default ->
              facts.dynptr.target() instanceof Target.Dynamic(DynptrType parent, boolean f)
                  ? parent
                  : DynptrType.LOCAL;
        };
    boolean clone = slot.detail().equals("CLONE");
    objects.createDynptr(value, type, clone ? facts.dynptr.reference() : 0);
  }

  private void sections(KernelCall function) {
    VerifierState state = walk.state;
    String name = function.name();
    switch (name) {
      case "bpf_rcu_read_lock" -> {
        if (state.rcuDepth > 0) {
          throw walk.refuse("nested rcu read lock (kernel function %s)", name);
        }
        state.rcuDepth++;
      }
      case "bpf_rcu_read_unlock" -> {
        if (state.rcuDepth == 0) {
          throw walk.refuse("unmatched rcu read unlock (kernel function %s)", name);
        }
        state.rcuDepth--;
        endRcu(state);
      }
      case "bpf_preempt_disable" -> state.preemptDepth++;
      case "bpf_preempt_enable" -> {
        if (state.preemptDepth == 0) {
          throw walk.refuse("unmatched attempt to enable preemption (kernel function %s)", name);
        }
        state.preemptDepth--;
      }
      default -> {
        if (function.has(Flag.SLEEPABLE) && state.rcuDepth > 0) {
          throw walk.refuse("kernel func %s is sleepable within rcu_read_lock region", name);
        }
        if (function.has(Flag.SLEEPABLE) && state.preemptDepth > 0) {
          throw walk.refuse("kernel func %s is sleepable within non-preemptible region", name);
        }
      }
    }
  }

  /// What was valid in the RCU section only may be stale from here on.
  private static void endRcu(VerifierState state) {
    state.mapValues(KernelCalls::afterRcu);
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

  private Value result(KernelCall function, Facts facts, Value first) {
    Value value =
        switch (function.result().kind()) {
          case VOID -> Value.UNINITIALIZED;
          case NUMBER, ANY -> Value.UNKNOWN;
          case OBJECT -> {
            int flags = function.has(Flag.ITER_NEXT) ? iterators.trustOfElements(first) : 0;
            yield Value.pointer(
                Kind.BTF_OBJECT, flags, walk.rules.kernel().struct(function.result().detail()));
          }
          case MEMORY ->
              Value.pointer(
                      Kind.MEMORY, Flags.READ_ONLY, Target.Sized.of(function.result().count()))
                  .withReference(facts.reference);
          case SLICE, WRITABLE_SLICE -> slice(function, facts);
          case KERNEL_CONTEXT -> kernelContext();
          case CAST -> cast(facts);
          case CONSTANT, CONSTANT_SIZE, CONTEXT, BUFFER, MAP, DYNPTR, DYNPTR_NEW, ITERATOR ->
              throw new IllegalStateException(function.result().kind() + " is no result");
        };
    if (function.has(Flag.NULL)) {
      value = value.withFlags(value.flags() | Flags.MAYBE_NULL).withId(walk.newId());
    }
    if (function.has(Flag.ACQUIRE)) {
      int id = walk.newId();
      walk.state.acquire(
          new Acquired(Acquired.Kind.REFERENCE, id, walk.slot, Acquired.Kind.REFERENCE));
      value = value.withReference(id);
      return function.has(Flag.NULL) ? value.withId(id) : value;
    }
    return value;
  }

  private Value slice(KernelCall function, Facts facts) {
    boolean readOnly = function.result().kind() == KernelCall.Kind.SLICE;
    if (!(facts.dynptr.target() instanceof Target.Dynamic(DynptrType type, boolean f))) {
      throw new NotJudged("a slice of a dynptr that is not known");
    }
    boolean packet = type == DynptrType.SKB || type == DynptrType.XDP;
    if (!readOnly && packet && !walk.rules.writesPacket()) {
      throw walk.refuse("the prog does not allow writes to packet data");
    }
    return Value.pointer(
        Kind.MEMORY,
        readOnly ? Flags.READ_ONLY : 0,
        new Target.Sized((int) facts.constant, facts.dynptr.id(), packet));
  }

  /// The kernel's own struct behind the context. Source: `find_kern_ctx_type_id` in Linux's
  /// `kernel/bpf/btf.c`.
  private Value kernelContext() {
    String struct =
        switch (walk.rules.context().layout().struct()) {
          case "__sk_buff" -> "sk_buff";
          case "xdp_md" -> "xdp_buff";
          case "bpf_sock_addr" -> "bpf_sock_addr_kern";
          case "bpf_sock_ops" -> "bpf_sock_ops_kern";
          case "sk_msg_md" -> "sk_msg";
          case "bpf_sysctl" -> "bpf_sysctl_kern";
          case "bpf_sockopt" -> "bpf_sockopt_kern";
          case "sk_reuseport_md" -> "sk_reuseport_kern";
          case "bpf_sk_lookup" -> "bpf_sk_lookup_kern";
          case "bpf_perf_event_data" -> "bpf_perf_event_data_kern";
          default ->
              throw new NotJudged(
                  "the kernel's context of " + walk.rules.context().layout().struct());
        };
    return walk.rules.kernelObject(struct);
  }

  private Value cast(Facts facts) {
    Btf btf = walk.rules.kernel().btf();
    int type = (int) facts.constant;
    if (facts.constant <= 0
        || facts.constant != type
        || !btf.has(type)
        || !(btf.type(type) instanceof BtfType.Composite)) {
      throw walk.refuse("kfunc bpf_rdonly_cast type ID argument must be of a struct");
    }
    return Value.pointer(Kind.BTF_OBJECT, Flags.UNTRUSTED, new Target.Typed(btf, type));
  }
}
