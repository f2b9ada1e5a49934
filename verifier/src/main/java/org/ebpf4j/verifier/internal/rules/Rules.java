package org.ebpf4j.verifier.internal.rules;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ContextLayouts;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.abi.ProgramTypes.PacketAccess;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.OwnProgramType;
import org.ebpf4j.verifier.ReplacedProgram;
import org.ebpf4j.verifier.VerifierLimits;
import org.ebpf4j.verifier.VerifierOptions;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.ebpf4j.verifier.internal.types.DeclarationTags;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.ebpf4j.verifier.internal.types.StructRecords;
import org.jspecify.annotations.Nullable;

/// What holds for one program: its type, hook, context, maps and helpers.
public final class Rules {
  /// The type of Linux's that no rule is made for; it stands for types that Linux does not have.
  private static final ProgramType NEUTRAL = ProgramType.LIRC_MODE2;

  private final ProgramSpec program;
  private final ProgramSpec.ProgramKind kind;
  private final Optional<ReplacedProgram> replaced;
  private final Optional<OwnProgramType> own;
  private final Map<Integer, HelperPrototype> ownHelpers = new HashMap<>();
  private final Map<String, HelperPrototype> ownFunctions = new HashMap<>();
  private final VerifierLimits limits;
  private final ProgramType type;
  private final ProgramTypes.Row row;
  private final Btf objectBtf;
  private final DeclarationTags tags;
  private final Map<Integer, List<SpecialField>> localFields = new HashMap<>();
  private final KernelTypes kernel;
  private final boolean gpl;
  private final boolean strictAlignment;
  private final boolean unprivileged;
  private final int cpus;
  private final boolean variableAddresses;
  private final Map<String, MapInfo> maps = new HashMap<>();
  private final Optional<TracedFunction> traced;
  private final ContextLayout socketLayout;
  private final boolean arena;
  private Optional<Boolean> typesTaken = Optional.empty();

  public Rules(ProgramSpec program, CollectionSpec collection, VerifierOptions options) {
    boolean replaces = program.kind().type().filter(t -> t == ProgramType.EXT).isPresent();
    this.replaced = replaces ? Optional.of(replaced(options)) : Optional.empty();
    this.kind = replaced.map(r -> kindOf(program, r)).orElse(program.kind());
    this.program = program;
    this.own = kind.type().isPresent() ? Optional.empty() : options.programType();
    this.type =
        own.isPresent()
            ? NEUTRAL
            : kind.type()
                .orElseThrow(() ->
                    new NotJudged(
                        "section " + program.section() + " is of no program type that is known"));
    this.row = ProgramTypes.of(type);
    for (HelperPrototype helper : options.helpers()) {
      ownHelpers.put(helper.id(), helper);
    }
    for (HelperPrototype function : options.kernelFunctions()) {
      ownFunctions.put(function.name(), function);
    }
    this.limits = options.limits();
    this.objectBtf = collection.btf();
    checkTypes(program, objectBtf);
    this.tags = new DeclarationTags(objectBtf);
    this.kernel = new KernelTypes(options.kernelTypes());
    this.gpl = isGplCompatible(collection.license());
    this.strictAlignment = options.strictAlignment();
    this.unprivileged = options.unprivileged();
    this.cpus = options.cpus();
    this.variableAddresses = options.variableAddresses();
    for (MapSpec spec : collection.maps().values()) {
      Btf others = options.mapTypes().get(spec.name());
      Btf types = others == null ? objectBtf : others;
      DeclarationTags typeTags = others == null ? tags : new DeclarationTags(others);
      spec.type()
          .ifPresent(mapType ->
              maps.put(
                  spec.name(), new MapInfo(spec, mapType, types, typeTags, collection.name())));
    }
    if (maps.values().stream().anyMatch(MapInfo::isSpecial) && !takesTypes()) {
      maps.replaceAll((name, map) -> map.withoutTypes());
    }
    if (replaced.isEmpty()) {
      AttachRules.checkSleepable(program, type);
    }
    this.traced =
        TracedFunctions.of(
            replaced.map(ReplacedProgram::program).orElse(program),
            replaced.map(ReplacedProgram::collection).orElse(collection),
            type,
            kernel);
    this.socketLayout =
        ContextLayouts.byName("cgroup_sock")
            .orElseThrow(() -> new IllegalStateException("no layout of struct bpf_sock"));
    this.arena = usesArena();
  }

  /// Whether Linux takes the object's types; loaders go on without them if not.
  public boolean takesTypes() {
    if (typesTaken.isEmpty()) {
      typesTaken = Optional.of(StructRecords.areRight(objectBtf, tags, this::isOfKernel));
    }
    return typesTaken.get();
  }

  private boolean isOfKernel(String struct) {
    return kernel.isKnown() && !kernel.btf().find(struct, BtfType.Composite.class).isEmpty();
  }

  private static void checkTypes(ProgramSpec program, Btf btf) {
    for (ProgramFunction function : program.functions()) {
      if (!btf.has(function.type())) {
        throw Refusal.at(
            Errno.EINVAL,
            function.slot(),
            "function %s has BTF id %d, and the object has no such type"
                .formatted(function.name(), function.type()));
      }
    }
  }

  /// The licenses that Linux takes for GPL-compatible (`include/linux/license.h`).
  private static boolean isGplCompatible(String license) {
    return switch (license) {
      case "GPL",
          "GPL v2",
          "GPL and additional rights",
          "Dual BSD/GPL",
          "Dual MIT/GPL",
          "Dual MPL/GPL" ->
          true;
      default -> false;
    };
  }

  private boolean usesArena() {
    for (Reference reference : program.references()) {
      String map =
          switch (reference) {
            case Reference.MapHandle handle -> handle.map();
            case Reference.MapData data -> data.map();
            case Reference.KernelVariable v -> "";
            case Reference.KernelFunction f -> "";
            case Reference.KernelFunctionAddress a -> "";
          };
      MapInfo info = maps.get(map);
      if (info != null && info.type() == MapType.ARENA) {
        return true;
      }
    }
    return false;
  }

  private static ReplacedProgram replaced(VerifierOptions options) {
    return options
        .replaced()
        .orElseThrow(() ->
            new NotJudged("the program replaces a function of another one, which is not given"));
  }

  /// What replaces a function of a program is judged like that program; whether it may sleep it
  /// says itself. Source: `check_attach_btf_id` and `resolve_prog_type` in Linux.
  private static ProgramSpec.ProgramKind kindOf(ProgramSpec program, ReplacedProgram replaced) {
    ProgramSpec.ProgramKind target = replaced.program().kind();
    return new ProgramSpec.ProgramKind(
        target.type(), target.attach(), target.target(), program.kind().sleepable(), false);
  }

  /// What holds for the program's type, if it is one that Linux does not have.
  public Optional<OwnProgramType> ownType() {
    return own;
  }

  public ProgramSpec program() {
    return program;
  }

  /// The program with the function that this one replaces, if it is of that type.
  public Optional<ReplacedProgram> replaced() {
    return replaced;
  }

  /// What the type and hook of the program are attached to, "" for nothing.
  public String target() {
    return kind.target();
  }

  public ProgramType type() {
    return type;
  }

  public Optional<AttachType> hook() {
    return kind.attach();
  }

  public boolean isHook(AttachType hook) {
    return kind.attach().filter(h -> h == hook).isPresent();
  }

  public boolean isSleepable() {
    return kind.sleepable();
  }

  public boolean isGpl() {
    return gpl;
  }

  /// Whether the program is loaded without `CAP_BPF` and `CAP_PERFMON`.
  public boolean isUnprivileged() {
    return unprivileged;
  }

  public boolean strictAlignment() {
    return strictAlignment;
  }

  /// CPUs of the host.
  public int cpus() {
    return cpus;
  }

  /// Whether the kernel finds its variables by their names.
  public boolean hasVariableAddresses() {
    return variableAddresses;
  }

  /// The program's context.
  public Context context() {
    return new Context(own.map(OwnProgramType::context).orElse(row.context()), false);
  }

  /// Whether the kernel hands its own context on, and does not rewrite accesses to it: it may be
  /// given as memory then. Source: `convert_ctx_access` of `struct bpf_verifier_ops`.
  public boolean hasPlainContext() {
    return own.isEmpty()
        && switch (type) {
          case KPROBE,
              TRACEPOINT,
              RAW_TRACEPOINT,
              RAW_TRACEPOINT_WRITABLE,
              TRACING,
              LSM,
              STRUCT_OPS,
              SYSCALL,
              CGROUP_DEVICE,
              LIRC_MODE2,
              NETFILTER ->
              true;
          case SOCKET_FILTER,
              SCHED_CLS,
              SCHED_ACT,
              XDP,
              PERF_EVENT,
              CGROUP_SKB,
              CGROUP_SOCK,
              LWT_IN,
              LWT_OUT,
              LWT_XMIT,
              SOCK_OPS,
              SK_SKB,
              SK_MSG,
              CGROUP_SOCK_ADDR,
              LWT_SEG6LOCAL,
              SK_REUSEPORT,
              FLOW_DISSECTOR,
              CGROUP_SYSCTL,
              CGROUP_SOCKOPT,
              EXT,
              SK_LOOKUP ->
              false;
        };
  }

  /// What `R1` points at.
  ///
  /// @param allowsOffset whether the pointer may be moved before it is used
  public record Context(ContextLayout layout, boolean allowsOffset) {}

  /// `struct bpf_sock`.
  public ContextLayout socketLayout() {
    return socketLayout;
  }

  /// Whether helpers may be given pointers into the packet.
  public boolean readsPacket() {
    return row.packet() == PacketAccess.READ || row.packet() == PacketAccess.READ_WRITE;
  }

  public boolean writesPacket() {
    return row.packet() == PacketAccess.READ_WRITE;
  }

  /// Whether the program uses an arena.
  public boolean hasArena() {
    return arena;
  }

  public KernelTypes kernel() {
    return kernel;
  }

  public Btf objectBtf() {
    return objectBtf;
  }

  /// The map of this name, if it is of a type that is known.
  public Optional<MapInfo> map(String name) {
    return Optional.ofNullable(maps.get(name));
  }

  /// The declaration tags of the object's types.
  public DeclarationTags tags() {
    return tags;
  }

  /// The special fields of objects of a type: not all that a map value may have. Structs of the
  /// kernel's own have none that programs may use. Source: `btf_parse_struct_metas`.
  public List<SpecialField> fields(Btf btf, int typeId) {
    return btf == objectBtf
        ? localFields.computeIfAbsent(typeId, id -> StructRecords.fields(objectBtf, tags, id))
        : List.of();
  }

  /// The special fields that helpers and kernel functions find where a pointer points into: fewer
  /// than those that programs may not touch, as Linux notes none of a struct of which no member is
  /// one itself.
  public List<SpecialField> record(Value pointer) {
    boolean none =
        pointer.target() instanceof Target.Typed(Btf btf, int type)
            && !StructRecords.isNoted(btf, type);
    return none ? List.of() : fields(pointer);
  }

  /// The special fields of what a pointer points into: a map's value or an object.
  public List<SpecialField> fields(Value pointer) {
    return switch (pointer.target()) {
      case Target.InMap(MapInfo map, int instance) -> map.fields();
      case Target.Typed(Btf btf, int type) -> fields(btf, type);
      case Target.Nothing t -> List.of();
      case Target.Sized t -> List.of();
      case Target.InFrame t -> List.of();
      case Target.Code t -> List.of();
      case Target.Dynamic t -> List.of();
      case Target.Iterating t -> List.of();
      case Target.InterruptFlag t -> List.of();
    };
  }

  /// What a pointer in a map value or object points to: the kernel's struct of that name, if it has
  /// one, else the object's own.
  public Target.Typed pointee(SpecialField field) {
    BtfType local = field.btf().type(field.pointee());
    if (kernel.isKnown() && !kernel.btf().find(local.name(), BtfType.Composite.class).isEmpty()) {
      return kernel.struct(local.name());
    }
    return new Target.Typed(field.btf(), field.pointee());
  }

  /// Whether RCU-protected objects stay valid: in an RCU section, under a lock, and all along in
  /// programs that may not sleep.
  public boolean inRcu(VerifierState state) {
    return state.rcuDepth > 0 || state.lockCount > 0 || !(state.sleepable || isSleepable());
  }

  /// The helper with this number.
  public Optional<HelperPrototype> helper(int id) {
    HelperPrototype added = ownHelpers.get(id);
    return added != null ? Optional.of(added) : Helpers.byId(id, type);
  }

  /// The kernel function of the application that a call refers to, if it is one.
  public Optional<HelperPrototype> ownFunction(@Nullable Reference reference) {
    return reference instanceof Reference.KernelFunction function
        ? Optional.ofNullable(ownFunctions.get(function.name()))
        : Optional.empty();
  }

  /// What the verification may take.
  public VerifierLimits limits() {
    return limits;
  }

  /// Whether programs like this one may call a helper.
  public boolean mayCall(HelperPrototype helper) {
    return ownHelpers.containsKey(helper.id())
        || ownFunctions.get(helper.name()) == helper
        || (own.isPresent()
            ? HelperAvailability.isCommon(helper)
            : (HelperPermissions.allows(availability(), hook(), helper)
                    && !(unprivileged && HelperAvailability.isPrivileged(helper)))
                || mayCallAsIterator(helper)
                || mayCallAtSecurityHook(helper)
                || mayCallInCongestionControl(helper));
  }

  /// Whether the helper, which programs like this one may call, does for where this one is
  /// attached.
  public boolean mayCallHere(HelperPrototype helper) {
    return AttachRules.allows(
        helper.name(), type, hook().orElse(AttachType.TRACE_RAW_TP), kind.target());
  }

  /// Whether security hooks of this name say yes or no.
  public boolean isBoolHook() {
    return AttachRules.isBool(kind.target());
  }

  /// Programs in structs of functions may call what all programs may, like those of netfilter.
  private ProgramType availability() {
    return type == ProgramType.STRUCT_OPS ? ProgramType.NETFILTER : type;
  }

  /// Source: `bpf_tcp_ca_get_func_proto`.
  private boolean mayCallInCongestionControl(HelperPrototype helper) {
    TracedFunction.Member member = traced.flatMap(TracedFunction::member).orElse(null);
    if (member == null || !member.struct().equals("tcp_congestion_ops")) {
      return false;
    }
    return switch (helper.name()) {
      case "tcp_send_ack", "sk_storage_get", "sk_storage_delete", "ktime_get_coarse_ns" -> true;
      case "setsockopt", "getsockopt" -> !member.name().equals("release");
      default -> false;
    };
  }

  /// Iterators over sockets may change them. Source: `bpf_iter_tcp_get_func_proto`.
  private boolean mayCallAsIterator(HelperPrototype helper) {
    String target = kind.target();
    return isHook(AttachType.TRACE_ITER)
        && (target.equals("tcp") || target.equals("unix"))
        && (helper.name().equals("setsockopt") || helper.name().equals("getsockopt"));
  }

  /// Security hooks of a cgroup that hold a socket of their own may change it. Source:
  /// `bpf_lsm_func_proto`.
  private boolean mayCallAtSecurityHook(HelperPrototype helper) {
    return isHook(AttachType.LSM_CGROUP)
        && AttachRules.mayChangeSocket(kind.target())
        && (helper.name().equals("setsockopt") || helper.name().equals("getsockopt"));
  }

  /// The function whose arguments the context is, for programs that trace one.
  public Optional<TracedFunction> tracedFunction() {
    return traced;
  }

  /// A trusted pointer to a struct of the kernel.
  public Value kernelObject(String struct) {
    return Value.pointer(Kind.BTF_OBJECT, Flags.TRUSTED, kernel.struct(struct));
  }

  @Override
  public String toString() {
    return type.name().toLowerCase(Locale.ROOT) + " program " + program.name();
  }
}
