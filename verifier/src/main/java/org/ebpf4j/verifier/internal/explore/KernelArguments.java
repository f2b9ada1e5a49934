package org.ebpf4j.verifier.internal.explore;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.KernelFunction.Flag;
import org.ebpf4j.abi.KernelFunction.Form;
import org.ebpf4j.abi.KernelFunction.Parameter;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// The arguments of kernel functions against their prototypes. Source of the rules:
/// `check_kfunc_args` in Linux's `kernel/bpf/verifier.c`.
final class KernelArguments {
  private static final int NO_FIELD = -22;

  private final Walk walk;
  private final HelperMemory memory;
  private final RegionAccess regions;
  private final StackObjects objects;
  private final Iterators iterators;
  private final ArgumentCheck helpers;
  private final Locks locks;
  private final ObjectGraph graph;
  private final Sections sections;

  KernelArguments(
      Walk walk,
      HelperMemory memory,
      RegionAccess regions,
      StackObjects objects,
      Iterators iterators,
      ArgumentCheck helpers,
      Locks locks,
      ObjectGraph graph,
      Sections sections) {
    this.walk = walk;
    this.memory = memory;
    this.regions = regions;
    this.objects = objects;
    this.iterators = iterators;
    this.helpers = helpers;
    this.locks = locks;
    this.graph = graph;
    this.sections = sections;
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
      checkOffset(register, value, function);
      context(register, value);
      return false;
    }
    if (nullable && value.isZero()) {
      walk.needPrecise(register);
      return false;
    }
    if (parameter.endsWith("__alloc")) {
      checkTrust(register, value, function);
      checkOffset(register, value, function);
      allocated(register, value, facts);
    } else if (parameter.endsWith("__refcounted_kptr")) {
      checkOffset(register, value, function);
      graph.counted(register, value, facts);
    } else if (parameter.type().pointsTo("bpf_dynptr")) {
      checkOffset(register, value, function);
      dynptr(register, parameter, value, facts);
    } else if (isIterator(register, parameter, function)) {
      checkOffset(register, value, function);
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

  private void checkOffset(int register, Value value, KernelFunction function) {
    boolean releases = function.has(Flag.RELEASE) && value.reference() != 0;
    regions.checkArgumentOffset(register, value, releases);
  }

  private void checkTrust(int register, Value value, KernelFunction function) {
    if (!function.takesTrustedOnly() && !function.has(Flag.RCU)) {
      return;
    }
    if (isTrusted(value)) {
      return;
    }
    if (!function.has(Flag.RCU)) {
      throw walk.refuse(Errno.EINVAL, "R%d must be referenced or trusted", register);
    }
    if (!value.has(Flags.RCU)) {
      throw walk.refuse(Errno.EINVAL, "R%d must be a rcu pointer", register);
    }
  }

  private static boolean isTrusted(Value value) {
    int trusted = Flags.TRUSTED | Flags.ALLOCATED | Flags.NON_OWNING;
    boolean safe = (value.flags() & ~trusted) == 0;
    return value.reference() != 0
        || (safe && (KernelStructs.hasKernelStruct(value.kind()) || value.has(trusted)));
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
        checkOffset(register, value, function);
        graph.root(register, value, SpecialField.Kind.LIST_HEAD, facts);
      }
      case "bpf_rb_root" -> {
        checkOffset(register, value, function);
        graph.root(register, value, SpecialField.Kind.TREE_ROOT, facts);
      }
      case "bpf_list_node" -> {
        checkOffset(register, value, function);
        graph.listNode(register, value, facts);
      }
      case "bpf_rb_node" -> {
        checkOffset(register, value, function);
        graph.treeNode(register, value, facts);
      }
      case "bpf_wq" -> workQueue(register, value, facts);
      case "bpf_task_work" -> taskWork(register, value, facts);
      case "bpf_res_spin_lock" -> resilientLock(register, value, facts);
      default -> {
        return named(register, parameter, value, facts);
      }
    }
    return true;
  }

  private boolean named(int register, Parameter parameter, Value value, KernelCallFacts facts) {
    if (parameter.endsWith("__str")) {
      checkOffset(register, value, facts.function);
      if (value.kind() != Kind.MAP_VALUE) {
        throw walk.refuse(Errno.EINVAL, "arg#%d doesn't point to a const string", register - 1);
      }
      helpers.string(register, value);
    } else if (parameter.endsWith("__map")) {
      map(register, value, facts);
    } else if (parameter.endsWith("__irq_flag")) {
      checkOffset(register, value, facts.function);
      sections.irqFlag(register, value, facts.function);
    } else {
      return false;
    }
    return true;
  }

  private void map(int register, Value value, KernelCallFacts facts) {
    if (!(value.kind() == Kind.MAP
        && value.target() instanceof Target.InMap(MapInfo map, int uid))) {
      if (value.kind() == Kind.BTF_OBJECT) {
        checkTrust(register, value, facts.function);
        checkOffset(register, value, facts.function);
        object(register, "bpf_map", value, facts);
        return;
      }
      throw walk.refuse(Errno.EINVAL, "pointer in R%d isn't map pointer", register);
    }
    Value before = facts.map;
    boolean tracked = map.has(SpecialField.Kind.WORK_QUEUE) || map.has(SpecialField.Kind.TASK_WORK);
    if (before != null
        && tracked
        && before.target() instanceof Target.InMap(MapInfo other, int otherUid)
        && (other != map || otherUid != uid)) {
      throw walk.refuse(
          Errno.EINVAL,
          "%s pointer in R%d map_uid=%d doesn't match map pointer in R%d map_uid=%d",
          map.has(SpecialField.Kind.WORK_QUEUE) ? "workqueue" : "bpf_task_work",
          register - 1,
          otherUid,
          register,
          uid);
    }
    facts.map = value;
    checkTrust(register, value, facts.function);
    checkOffset(register, value, facts.function);
  }

  private void workQueue(int register, Value value, KernelCallFacts facts) {
    checkOffset(register, value, facts.function);
    requireMapValue(register, value);
    long at = value.offset() + value.number().value();
    int there = offsetOf(SpecialField.Kind.WORK_QUEUE, value);
    if (at != there) {
      throw walk.refuse(
          Errno.EINVAL, "off %d doesn't point to 'struct bpf_wq' that is at %d", at, there);
    }
    facts.map = value;
  }

  private void taskWork(int register, Value value, KernelCallFacts facts) {
    checkOffset(register, value, facts.function);
    requireMapValue(register, value);
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R%d doesn't have constant offset. bpf_task_work has to be at the constant offset",
          register);
    }
    MapInfo map = regions.map(value);
    if (!map.hasValueType()) {
      throw walk.refuse(
          Errno.EINVAL, "map '%s' has to have BTF in order to use bpf_task_work", map.kernelName());
    }
    int there = offsetOf(SpecialField.Kind.TASK_WORK, value);
    if (there == NO_FIELD) {
      throw walk.refuse(Errno.EINVAL, "map '%s' has no valid bpf_task_work", map.kernelName());
    }
    long at = value.offset() + value.number().value();
    if (at != there) {
      throw walk.refuse(
          Errno.EINVAL, "off %d doesn't point to 'struct bpf_task_work' that is at %d", at, there);
    }
    facts.map = value;
  }

  private void requireMapValue(int register, Value value) {
    if (!value.is(Kind.MAP_VALUE, 0)) {
      throw walk.refuse(Errno.EINVAL, "arg#%d doesn't point to a map value", register - 1);
    }
  }

  private int offsetOf(SpecialField.Kind kind, Value value) {
    for (SpecialField field : walk.rules.fields(value)) {
      if (field.kind() == kind) {
        return field.offset();
      }
    }
    return NO_FIELD;
  }

  private void resilientLock(int register, Value value, KernelCallFacts facts) {
    checkOffset(register, value, facts.function);
    if (!value.is(Kind.MAP_VALUE, 0) && !value.is(Kind.BTF_OBJECT, Flags.ALLOCATED)) {
      throw walk.refuse(
          Errno.EINVAL, "arg#%d doesn't point to map value or allocated object", register - 1);
    }
    boolean irq = facts.name().endsWith("irqsave") || facts.name().endsWith("irqrestore");
    locks.apply(
        register,
        value,
        !facts.name().startsWith("bpf_res_spin_unlock"),
        irq ? Acquired.Kind.RESILIENT_LOCK_IRQ : Acquired.Kind.RESILIENT_LOCK);
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
      checkTrust(register, value, function);
      checkOffset(register, value, function);
      object(register, parameter.type().name(), value, facts);
      return false;
    }
    if (form == Form.FUNCTION_POINTER) {
      checkOffset(register, value, function);
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
    checkOffset(register, value, function);
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

  private void object(int register, String struct, Value value, KernelCallFacts facts) {
    int trusted = Flags.TRUSTED | Flags.ALLOCATED | Flags.NON_OWNING;
    boolean unsafe = (value.flags() & ~trusted) != 0 && !value.has(Flags.RCU);
    if ((value.kind() != Kind.BTF_OBJECT || unsafe)
        && !KernelStructs.hasKernelStruct(value.kind())) {
      throw walk.refuse(
          Errno.EINVAL,
          "arg#%d is %s expected %s or socket",
          register - 1,
          value.typeName(),
          Flags.name(value.kind(), value.flags() & trusted));
    }
    Target.Typed wanted = walk.rules.kernel().struct(struct);
    Optional<String> hidden = KernelStructs.behind(value.kind());
    Value given =
        hidden.isPresent()
            ? Value.pointer(Kind.BTF_OBJECT, 0, walk.rules.kernel().struct(hidden.get()))
                .withOffset(value.offset())
            : value;
    String name =
        given.target() instanceof Target.Typed(Btf btf, int type) ? btf.type(type).name() : "";
    boolean strict =
        (facts.function.has(Flag.RELEASE) && value.reference() != 0)
            || KernelStructs.isAliasOf(name, struct)
            || KernelStructs.isAliasOf(struct, name);
    boolean same =
        strict
            ? given.offset() == 0 && wanted.equals(given.target())
            : ObjectTypes.matches(given, wanted);
    if (!same && !KernelStructs.isProjection(struct, name)) {
      throw walk.refuse(
          Errno.EINVAL,
          "kernel function %s args#%d expected pointer to STRUCT %s but R%d has a pointer to"
              + " STRUCT %s",
          facts.name(),
          register - 1,
          struct,
          register,
          name);
    }
  }
}
