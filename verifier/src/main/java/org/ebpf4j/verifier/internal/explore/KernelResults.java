package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.KernelFunction.Flag;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.PlainStructs;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// What kernel functions return.
final class KernelResults {
  private static final long MAX_TYPE_ID = 0xffff_ffffL;
  private static final int MAX_PER_CPU_BYTES = 512;

  private final Walk walk;
  private final Iterators iterators;
  private final ObjectGraph graph;
  private final References references;

  KernelResults(Walk walk, Iterators iterators, ObjectGraph graph, References references) {
    this.walk = walk;
    this.iterators = iterators;
    this.graph = graph;
    this.references = references;
  }

  /// The result of a call, and the reference that comes with it.
  ///
  /// @param first the first argument
  Value of(KernelCallFacts facts, Value first) {
    KernelFunction function = facts.function;
    Value value =
        switch (function.result().form()) {
          case VOID -> Value.UNINITIALIZED;
          case NUMBER -> number(facts);
          case VOID_POINTER -> voidPointer(facts);
          case NUMBER_POINTER -> memory(facts, function.result().size());
          case STRUCT_POINTER -> object(facts, first);
          case FUNCTION_POINTER -> throw new NotJudged(function.name() + " returns a function");
        };
    if (!value.isPointer()) {
      return value;
    }
    boolean maybeNull = function.has(Flag.NULL) && !(isCount(facts) && facts.owning);
    if (maybeNull) {
      value = value.withFlags(value.flags() | Flags.MAYBE_NULL).withId(walk.newId());
    }
    if (function.has(Flag.ACQUIRE)) {
      int id = references.acquire();
      value = value.withReference(id);
      value = maybeNull ? value.withId(id) : value;
    } else if (isNode(function)) {
      value = graph.nonOwning(value);
    }
    return value.id() == 0 && hasLock(value) ? value.withId(walk.newId()) : value;
  }

  private static boolean isCount(KernelCallFacts facts) {
    return facts.is("bpf_refcount_acquire_impl");
  }

  private static boolean isNode(KernelFunction function) {
    return function.result().pointsTo("bpf_list_node") || function.result().pointsTo("bpf_rb_node");
  }

  private boolean hasLock(Value value) {
    for (SpecialField field : walk.rules.fields(value)) {
      if (field.kind() == SpecialField.Kind.SPIN_LOCK
          || field.kind() == SpecialField.Kind.RES_SPIN_LOCK) {
        return true;
      }
    }
    return false;
  }

  private static Value number(KernelCallFacts facts) {
    boolean taken = facts.is("bpf_res_spin_lock") || facts.is("bpf_res_spin_lock_irqsave");
    return taken ? Value.ZERO : Value.UNKNOWN;
  }

  private Value voidPointer(KernelCallFacts facts) {
    return switch (facts.name()) {
      case "bpf_obj_new_impl" -> allocated(facts, 0);
      case "bpf_percpu_obj_new_impl" -> allocated(facts, Flags.PER_CPU);
      case "bpf_refcount_acquire_impl" -> counted(facts);
      case "bpf_cast_to_kern_ctx" -> kernelContext();
      case "bpf_rdonly_cast" -> cast(facts);
      case "bpf_dynptr_slice" -> slice(facts, true);
      case "bpf_dynptr_slice_rdwr" -> slice(facts, false);
      default -> facts.resultSize > 0 ? memory(facts, facts.resultSize) : Value.UNKNOWN;
    };
  }

  private Value memory(KernelCallFacts facts, int size) {
    boolean writable =
        facts.is("bpf_session_cookie") || (facts.resultSize > 0 && !facts.resultReadOnly);
    int bytes = facts.resultSize > 0 ? facts.resultSize : size;
    return Value.pointer(Kind.MEMORY, writable ? 0 : Flags.READ_ONLY, Target.Sized.of(bytes))
        .withReference(facts.reference);
  }

  private Value object(KernelCallFacts facts, Value first) {
    KernelFunction function = facts.function;
    SpecialField root = facts.root;
    if (isNode(function) && root != null) {
      return ObjectGraph.nodeOf(root);
    }
    int flags = 0;
    if (facts.is("bpf_get_kmem_cache")) {
      flags = Flags.UNTRUSTED;
    } else if (function.has(Flag.ITER_NEXT)) {
      flags = iterators.trustOfElements(first);
    } else if (function.has(Flag.RCU_PROTECTED)) {
      flags = Flags.RCU;
    }
    return Value.pointer(
        Kind.BTF_OBJECT, flags, walk.rules.kernel().struct(function.result().name()));
  }

  private Value allocated(KernelCallFacts facts, int flags) {
    if (facts.constant < 0 || facts.constant > MAX_TYPE_ID) {
      throw walk.refuse(Errno.EINVAL, "local type ID argument must be in range [0, U32_MAX]");
    }
    if (!walk.rules.takesTypes()) {
      throw walk.refuse(Errno.EINVAL, "bpf_obj_new/bpf_percpu_obj_new requires prog BTF");
    }
    Btf btf = walk.rules.objectBtf();
    int type = (int) facts.constant;
    if (type <= 0
        || !btf.has(type)
        || !(btf.type(type) instanceof BtfType.Composite composite)
        || composite.union()) {
      throw walk.refuse(
          Errno.EINVAL, "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct");
    }
    if (flags == Flags.PER_CPU) {
      checkPerCpu(btf, type, composite.size());
    }
    return Value.pointer(Kind.BTF_OBJECT, Flags.ALLOCATED | flags, new Target.Typed(btf, type));
  }

  private void checkPerCpu(Btf btf, int type, int size) {
    if (size > MAX_PER_CPU_BYTES) {
      throw walk.refuse(
          Errno.EINVAL,
          "bpf_percpu_obj_new type size (%d) is greater than %d",
          size,
          MAX_PER_CPU_BYTES);
    }
    if (!PlainStructs.isPlain(btf, type)) {
      throw walk.refuse(
          Errno.EINVAL, "bpf_percpu_obj_new type ID argument must be of a struct of scalars");
    }
    if (!walk.rules.fields(btf, type).isEmpty()) {
      throw walk.refuse(
          Errno.EINVAL, "bpf_percpu_obj_new type ID argument must not contain special fields");
    }
  }

  private static Value counted(KernelCallFacts facts) {
    Target.Typed object = facts.object;
    if (object == null) {
      throw new IllegalStateException("a counted object without its type");
    }
    return Value.pointer(Kind.BTF_OBJECT, Flags.ALLOCATED, object);
  }

  private Value slice(KernelCallFacts facts, boolean readOnly) {
    if (!(facts.dynptr.target() instanceof Target.Dynamic(DynptrType type, boolean first))) {
      throw new NotJudged("a slice of a dynptr that is not known");
    }
    if (!readOnly && !walk.rules.writesPacket()) {
      throw walk.refuse(Errno.EINVAL, "the prog does not allow writes to packet data");
    }
    int size = (int) Math.min(facts.constant & 0xffff_ffffL, Integer.MAX_VALUE);
    Target.End end =
        type.isPacket()
            ? Target.End.PACKET
            : type.isCounted() ? Target.End.DYNPTR : Target.End.REFERENCE;
    return Value.pointer(
        Kind.MEMORY,
        readOnly ? Flags.READ_ONLY : 0,
        new Target.Sized(size, facts.dynptr.id(), end));
  }

  /// The kernel's own struct behind the context, which its types tell, where they are not reduced.
  /// Source: `find_kern_ctx_type_id` in Linux's `kernel/bpf/btf.c`.
  private Value kernelContext() {
    Btf btf = walk.rules.kernel().btf();
    String name = "BPF_PROG_TYPE_" + walk.rules.type().name() + "_kern";
    for (int id : btf.find("bpf_ctx_convert", BtfType.Composite.class)) {
      for (BtfType.Member member : ((BtfType.Composite) btf.type(id)).members()) {
        if (member.name().equals(name)) {
          return kernelContext(btf, member.type());
        }
      }
    }
    return walk.rules.kernelObject(kernelContextName());
  }

  private Value kernelContext(Btf btf, int type) {
    if (!(btf.type(type) instanceof BtfType.Composite)) {
      throw walk.refuse(Errno.EINVAL, "kern ctx type id %d is not a struct", type);
    }
    return Value.pointer(Kind.BTF_OBJECT, Flags.TRUSTED, new Target.Typed(btf, type));
  }

  private String kernelContextName() {
    return switch (walk.rules.context().layout().struct()) {
      case "__sk_buff" -> "sk_buff";
      case "xdp_md" -> "xdp_buff";
      case "bpf_sock" -> "sock";
      case "bpf_sock_addr" -> "bpf_sock_addr_kern";
      case "bpf_sock_ops" -> "bpf_sock_ops_kern";
      case "sk_msg_md" -> "sk_msg";
      case "bpf_sysctl" -> "bpf_sysctl_kern";
      case "bpf_sockopt" -> "bpf_sockopt_kern";
      case "sk_reuseport_md" -> "sk_reuseport_kern";
      case "bpf_sk_lookup" -> "bpf_sk_lookup_kern";
      case "bpf_perf_event_data" -> "bpf_perf_event_data_kern";
      default ->
          throw new NotJudged("the kernel's context of " + walk.rules.context().layout().struct());
    };
  }

  private Value cast(KernelCallFacts facts) {
    Btf btf = walk.rules.kernel().btf();
    int type = (int) facts.constant;
    if (facts.constant != type || type < 0 || !btf.has(type)) {
      throw walk.refuse(
          Errno.EINVAL, "Unknown type ID %d passed to kfunc bpf_rdonly_cast", facts.constant);
    }
    return switch (btf.type(type)) {
      case BtfType.Composite composite ->
          Value.pointer(Kind.BTF_OBJECT, Flags.UNTRUSTED, new Target.Typed(btf, type));
      case BtfType.VoidType v ->
          Value.pointer(Kind.MEMORY, Flags.READ_ONLY | Flags.UNTRUSTED, Target.Sized.of(0));
      default ->
          throw walk.refuse(
              Errno.EINVAL, "kfunc bpf_rdonly_cast type ID argument must be of a struct or void");
    };
  }
}
