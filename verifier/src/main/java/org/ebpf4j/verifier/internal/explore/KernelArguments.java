package org.ebpf4j.verifier.internal.explore;

import java.util.List;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.KernelFunction.Flag;
import org.ebpf4j.abi.KernelFunction.Form;
import org.ebpf4j.abi.KernelFunction.Parameter;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// The arguments of kernel functions against their prototypes. Source of the rules:
/// `check_kfunc_args` in Linux's `kernel/bpf/verifier.c`.
final class KernelArguments {
  private final Walk walk;
  private final HelperMemory memory;
  private final StackObjects objects;
  private final Iterators iterators;
  private final ArgumentCheck helpers;
  private final ObjectGraph graph;
  private final Sections sections;
  private final TypedArguments typed;
  private final FieldArguments fields;

  KernelArguments(
      Walk walk,
      HelperMemory memory,
      StackObjects objects,
      Iterators iterators,
      ArgumentCheck helpers,
      ObjectGraph graph,
      Sections sections,
      TypedArguments typed,
      FieldArguments fields) {
    this.walk = walk;
    this.memory = memory;
    this.objects = objects;
    this.iterators = iterators;
    this.helpers = helpers;
    this.graph = graph;
    this.sections = sections;
    this.typed = typed;
    this.fields = fields;
  }

  /// Checks all arguments and notes what they tell.
  void check(KernelCallFacts facts) {
    List<Parameter> parameters = facts.function.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      if (parameter.endsWith("__ign") || parameter.endsWith("__prog")) {
        Value ignored = walk.peek(i + 1);
        if (ignored.kind() == Kind.STACK) {
          objects.mayBeLoadedAnywhere(ignored);
        }
        continue;
      }
      int register = i + 1;
      if (parameter.type().form() == Form.NUMBER) {
        number(register, parameter, facts);
        continue;
      }
      Value value = walk.peek(register);
      boolean sized = pointer(register, parameter, value, facts);
      if (!value.isInitialized()) {
        walk.read(
            register); // refuses, where no rule for what the function takes did in its own words
      }
      if (sized) {
        i++;
      }
    }
    if (facts.function.has(Flag.RELEASE) && facts.releaseRegister == 0) {
      throw walk.refuse(
          Errno.EINVAL,
          "release kernel function %s expects refcounted PTR_TO_BTF_ID",
          facts.name());
    }
  }

  private void number(int register, Parameter parameter, KernelCallFacts facts) {
    Value value = walk.peek(register);
    if (!value.isScalar()) {
      throw walk.refuse(Errno.EINVAL, "R%d is not a scalar", register);
    }
    boolean readOnlySize = parameter.name().equals("rdonly_buf_size");
    if (parameter.endsWith("__k")) {
      facts.constant = constant(register, "R%d must be a known constant");
      facts.hasConstant = true;
    } else if (readOnlySize || parameter.name().equals("rdwr_buf_size")) {
      facts.resultSize = (int) constant(register, "R%d is not a const");
      facts.resultReadOnly = readOnlySize;
    }
  }

  private long constant(int register, String otherwise) {
    Value value = walk.peek(register);
    if (!value.isScalar() || !value.number().isConstant()) {
      throw walk.refuse(Errno.EINVAL, otherwise, register);
    }
    walk.needPrecise(register);
    return value.number().value();
  }

  /// Checks a pointer, and the size that follows it.
  ///
  /// @return whether the next argument was the size
  private boolean pointer(int register, Parameter parameter, Value value, KernelCallFacts facts) {
    KernelFunction function = facts.function;
    boolean nullable = parameter.endsWith("__nullable");
    boolean trusting = function.takesTrustedOnly() || function.has(Flag.RCU);
    if (trusting && !nullable && (value.isZero() || value.maybeNull())) {
      throw walk.refuse(
          Errno.EACCES, "Possibly NULL pointer passed to trusted arg%d", register - 1);
    }
    if (value.reference() != 0) {
      if (function.has(Flag.RELEASE) && facts.reference != 0) {
        throw walk.refuse(
            Errno.EFAULT,
            "more than one arg with ref_obj_id R%d %d %d",
            register,
            value.reference(),
            facts.reference);
      }
      facts.reference = value.reference();
      if (function.has(Flag.RELEASE)) {
        facts.releaseRegister = register;
      }
    }
    if (isContext(parameter, facts)) {
      typed.checkOffset(register, value, function);
      context(register, value);
      return false;
    }
    if (nullable && value.isZero()) {
      walk.needPrecise(register);
      return false;
    }
    if (parameter.endsWith("__alloc")) {
      typed.checkTrust(register, value, function);
      typed.checkOffset(register, value, function);
      allocated(register, value, facts);
    } else if (parameter.endsWith("__refcounted_kptr")) {
      typed.checkOffset(register, value, function);
      graph.counted(register, value, facts);
    } else if (parameter.type().pointsTo("bpf_dynptr")) {
      typed.checkOffset(register, value, function);
      dynptr(register, parameter, value, facts);
    } else if (isIterator(register, parameter, function)) {
      typed.checkOffset(register, value, function);
      iterator(register, parameter, facts);
    } else if (!special(register, parameter, value, facts)) {
      return objectOrMemory(register, parameter, value, facts);
    }
    return false;
  }

  private boolean isContext(Parameter parameter, KernelCallFacts facts) {
    if (facts.is("bpf_cast_to_kern_ctx")) {
      return true;
    }
    if (parameter.type().form() != Form.STRUCT_POINTER || walk.rules.tracedFunction().isPresent()) {
      return false;
    }
    String own = walk.rules.context().layout().struct();
    String name = parameter.type().name();
    return !own.isEmpty() && (name.equals(own) || KernelStructs.isProjection(own, name));
  }

  private void context(int register, Value value) {
    if (value.kind() != Kind.CONTEXT) {
      throw walk.refuse(
          Errno.EINVAL,
          "arg#%d expected pointer to ctx, but got %s",
          register - 1,
          value.typeName());
    }
  }

  private void allocated(int register, Value value, KernelCallFacts facts) {
    if (value.is(Kind.BTF_OBJECT, Flags.ALLOCATED)) {
      if (!facts.is("bpf_obj_drop_impl")) {
        throw walk.refuse(Errno.EINVAL, "arg#%d expected for bpf_obj_drop_impl()", register - 1);
      }
    } else if (value.is(Kind.BTF_OBJECT, Flags.ALLOCATED | Flags.PER_CPU)) {
      if (!facts.is("bpf_percpu_obj_drop_impl")) {
        throw walk.refuse(
            Errno.EINVAL, "arg#%d expected for bpf_percpu_obj_drop_impl()", register - 1);
      }
    } else {
      throw walk.refuse(Errno.EINVAL, "arg#%d expected pointer to allocated object", register - 1);
    }
    if (value.reference() == 0) {
      throw walk.refuse(Errno.EINVAL, "allocated object must be referenced");
    }
  }

  private void dynptr(int register, Parameter parameter, Value value, KernelCallFacts facts) {
    if (value.kind() != Kind.STACK && value.kind() != Kind.DYNPTR) {
      throw walk.refuse(
          Errno.EINVAL,
          "arg#%d expected pointer to stack or const struct bpf_dynptr",
          register - 1);
    }
    if (!parameter.endsWith("__uninit")) {
      if (value.kind() == Kind.STACK && !objects.isDynptrAt(value)) {
        throw walk.refuse(Errno.EINVAL, "Expected an initialized dynptr as arg #%d", register - 1);
      }
      facts.dynptr = objects.dynptr(value);
      return;
    }
    boolean clones = facts.is("bpf_dynptr_clone");
    requirePlaceForDynptr(value, clones ? facts.dynptr : Value.UNINITIALIZED);
    DynptrType type =
        switch (facts.name()) {
          case "bpf_dynptr_from_skb" -> DynptrType.SKB;
          case "bpf_dynptr_from_xdp" -> DynptrType.XDP;
          case "bpf_dynptr_from_skb_meta" -> DynptrType.SKB_META;
          default ->
              facts.dynptr.target() instanceof Target.Dynamic(DynptrType parent, boolean first)
                  ? parent
                  : DynptrType.LOCAL;
        };
    objects.createDynptr(value, type, clones ? facts.dynptr.reference() : 0);
  }

  /// Linux takes a place that overlaps what is cloned by half, and copies in whatever order its
  /// compiler chose.
  private void requirePlaceForDynptr(Value value, Value cloned) {
    if (!objects.mayHoldDynptr(value) || objects.overlapsHalf(value, cloned)) {
      throw walk.refuse(Errno.EINVAL, "Dynptr has to be an uninitialized dynptr");
    }
  }

  private static boolean isIterator(int register, Parameter parameter, KernelFunction function) {
    boolean method =
        function.has(Flag.ITER_NEW)
            || function.has(Flag.ITER_NEXT)
            || function.has(Flag.ITER_DESTROY);
    return (method && register == 1) || parameter.endsWith("__iter");
  }

  private void iterator(int register, Parameter parameter, KernelCallFacts facts) {
    KernelFunction function = facts.function;
    if (function.name().equals("bpf_iter_css_task_new") && !mayWalkTasksOfGroup()) {
      throw walk.refuse(
          Errno.EINVAL, "css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs");
    }
    int reference = iterators.argument(register, function, parameter.type());
    if (reference != 0) {
      facts.reference = reference;
    }
  }

  private boolean mayWalkTasksOfGroup() {
    return walk.rules.type() == ProgramType.LSM
        || (walk.rules.type() == ProgramType.TRACING && walk.rules.isHook(AttachType.TRACE_ITER))
        || walk.state.sleepable;
  }

  /// Arguments that are known by the struct they point to, or by what their name says.
  ///
  /// @return whether it was one
  private boolean special(int register, Parameter parameter, Value value, KernelCallFacts facts) {
    KernelFunction function = facts.function;
    String struct = parameter.type().form() == Form.STRUCT_POINTER ? parameter.type().name() : "";
    switch (struct) {
      case "bpf_list_head" -> {
        typed.checkOffset(register, value, function);
        graph.root(register, value, SpecialField.Kind.LIST_HEAD, facts);
      }
      case "bpf_rb_root" -> {
        typed.checkOffset(register, value, function);
        graph.root(register, value, SpecialField.Kind.TREE_ROOT, facts);
      }
      case "bpf_list_node" -> {
        typed.checkOffset(register, value, function);
        graph.listNode(register, value, facts);
      }
      case "bpf_rb_node" -> {
        typed.checkOffset(register, value, function);
        graph.treeNode(register, value, facts);
      }
      case "bpf_wq" -> fields.workQueue(register, value, facts);
      case "bpf_task_work" -> fields.taskWork(register, value, facts);
      case "bpf_res_spin_lock" -> fields.resilientLock(register, value, facts);
      default -> {
        return named(register, parameter, value, facts);
      }
    }
    return true;
  }

  private boolean named(int register, Parameter parameter, Value value, KernelCallFacts facts) {
    if (parameter.endsWith("__str")) {
      typed.checkOffset(register, value, facts.function);
      if (value.kind() != Kind.MAP_VALUE) {
        throw walk.refuse(Errno.EINVAL, "arg#%d doesn't point to a const string", register - 1);
      }
      helpers.string(register, value);
    } else if (parameter.endsWith("__map")) {
      fields.map(register, value, facts);
    } else if (parameter.endsWith("__irq_flag")) {
      typed.checkOffset(register, value, facts.function);
      sections.irqFlag(register, value, facts.function);
    } else {
      return false;
    }
    return true;
  }

  /// @return whether the next argument was the size of this one
  private boolean objectOrMemory(
      int register, Parameter parameter, Value value, KernelCallFacts facts) {
    KernelFunction function = facts.function;
    Form form = parameter.type().form();
    if (value.kind() == Kind.BTF_OBJECT || KernelStructs.hasKernelStruct(value.kind())) {
      if (form != Form.STRUCT_POINTER) {
        throw walk.refuse(
            Errno.EINVAL,
            "kernel function %s args#%d pointer type %s %s is not supported",
            function.name(),
            register - 1,
            word(form),
            parameter.type().name());
      }
      typed.checkTrust(register, value, function);
      typed.checkOffset(register, value, function);
      typed.check(register, parameter.type().name(), value, facts);
      return false;
    }
    if (form == Form.FUNCTION_POINTER) {
      typed.checkOffset(register, value, function);
      if (!(value.target() instanceof Target.Code(int subprogram))) {
        throw walk.refuse(Errno.EINVAL, "arg%d expected pointer to func", register - 1);
      }
      facts.subprogram = subprogram;
      return false;
    }
    Parameter next =
        register < function.parameters().size() ? function.parameters().get(register) : null;
    boolean constantSize = next != null && next.endsWith("__szk");
    boolean sized =
        next != null
            && (constantSize || next.endsWith("__sz"))
            && walk.peek(register + 1).isScalar();
    boolean plain = parameter.type().size() > 0 || (sized && form == Form.VOID_POINTER);
    if (!plain) {
      throw walk.refuse(
          Errno.EINVAL,
          "arg#%d pointer type %s %s must point to %sscalar, or struct with scalar",
          register - 1,
          word(form),
          parameter.type().name(),
          sized ? "void, " : "");
    }
    typed.checkOffset(register, value, function);
    if (!sized) {
      memory.checkWhole(register, parameter.type().size());
      return false;
    }
    if (!(value.isZero() && parameter.endsWith("__opt"))) {
      sized(register, value);
    }
    if (constantSize) {
      facts.constant = constant(register + 1, "R%d must be a known constant");
      facts.hasConstant = true;
    }
    return true;
  }

  private static String word(Form form) {
    return switch (form) {
      case STRUCT_POINTER -> "STRUCT";
      case NUMBER_POINTER, NUMBER -> "INT";
      case VOID_POINTER, VOID -> "UNKNOWN";
      case FUNCTION_POINTER -> "FUNC_PROTO";
    };
  }

  private void sized(int register, Value value) {
    walk.state.setRegister(register, HelperMemory.notNull(walk, value));
    try {
      memory.checkSized(register + 1, false, true, null);
      memory.checkSized(register + 1, true, true, null);
    } catch (Refusal refused) {
      throw walk.refuse(
          refused.errno(),
          "arg#%d arg#%d memory, len pair leads to invalid memory access",
          register - 1,
          register);
    }
    walk.state.setRegister(register, value);
  }
}
