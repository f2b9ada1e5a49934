package org.ebpf4j.abi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A kernel function (kfunc) as Linux declares it: a row of `kernel-function-prototypes.tsv`.
///
/// @param name its name in the kernel, such as `bpf_rcu_read_lock`
/// @param flags what more there is to it
/// @param callers which programs may call it, empty for all
/// @param result what it returns
/// @param parameters what it takes
public record KernelFunction(
    String name,
    Set<Flag> flags,
    Set<Caller> callers,
    NativeType result,
    List<Parameter> parameters) {
  private static final Map<String, KernelFunction> BY_NAME = load();

  public KernelFunction {
    flags = Set.copyOf(flags);
    callers = Set.copyOf(callers);
    parameters = List.copyOf(parameters);
  }

  /// What more there is to a function. Source: `KF_…` in Linux's `include/linux/btf.h`.
  public enum Flag {
    /// What it returns must be given back.
    ACQUIRE,
    /// It takes a reference back.
    RELEASE,
    /// What it returns may be 0.
    NULL,
    /// Pointers given to it are trusted.
    TRUSTED,
    /// Pointers given to it are trusted or protected by RCU.
    RCU,
    /// What it makes is valid in an RCU section.
    RCU_PROTECTED,
    /// It may sleep.
    SLEEPABLE,
    /// It may bring the machine down.
    DESTRUCTIVE,
    ITER_NEW,
    ITER_NEXT,
    ITER_DESTROY,
    /// It keeps the registers that other calls spoil.
    FASTCALL
  }

  /// Groups of programs that functions are registered for. Source: `bpf_prog_type_to_kfunc_hook` in
  /// Linux's `kernel/bpf/btf.c`.
  public enum Caller {
    XDP,
    TC,
    STRUCT_OPS,
    TRACING,
    SYSCALL,
    CGROUP,
    SCHED_ACT,
    SK_SKB,
    SOCKET_FILTER,
    LWT,
    NETFILTER,
    /// Security hooks alone, of the group of tracing programs.
    LSM,
    /// Iterators alone, of the group of tracing programs.
    ITERATOR,
    /// Kprobe sessions.
    KPROBE_SESSION
  }

  /// A parameter. The end of its name says how it is checked, as in `len__sz`. Source: Linux's
  /// `Documentation/bpf/kfuncs.rst`.
  public record Parameter(NativeType type, String name) {
    public boolean endsWith(String suffix) {
      return name.endsWith(suffix);
    }
  }

  /// A type as far as calls care.
  ///
  /// @param name the name of a number's type or of the struct pointed at, else ""
  /// @param size bytes of the number, or of the struct or number pointed at; 0 where a struct has
  ///   more than numbers in it
  public record NativeType(Form form, String name, int size) {
    /// Whether it is a pointer to this struct.
    public boolean pointsTo(String struct) {
      return form == Form.STRUCT_POINTER && name.equals(struct);
    }
  }

  /// Sorts of types.
  public enum Form {
    VOID,
    NUMBER,
    VOID_POINTER,
    NUMBER_POINTER,
    STRUCT_POINTER,
    FUNCTION_POINTER
  }

  public boolean has(Flag flag) {
    return flags.contains(flag);
  }

  /// Whether pointers given to it must be trusted; a reference that is taken back always must.
  public boolean takesTrustedOnly() {
    return has(Flag.TRUSTED) || has(Flag.RELEASE);
  }

  /// Whether programs of this type, meant for this hook, may call it.
  public boolean allows(ProgramType type, Optional<AttachType> hook) {
    if (callers.isEmpty()) {
      return true;
    }
    AttachType attach = hook.orElse(null);
    return switch (type) {
      case XDP -> callers.contains(Caller.XDP);
      case SCHED_CLS -> callers.contains(Caller.TC);
      case SCHED_ACT -> callers.contains(Caller.SCHED_ACT);
      case STRUCT_OPS -> callers.contains(Caller.STRUCT_OPS);
      case LSM -> callers.contains(Caller.TRACING) || callers.contains(Caller.LSM);
      case TRACING ->
          callers.contains(Caller.TRACING)
              || (attach == AttachType.TRACE_ITER && callers.contains(Caller.ITERATOR));
      case TRACEPOINT, PERF_EVENT -> callers.contains(Caller.TRACING);
      case SYSCALL -> callers.contains(Caller.SYSCALL);
      case CGROUP_SKB,
          CGROUP_SOCK,
          CGROUP_DEVICE,
          CGROUP_SOCK_ADDR,
          CGROUP_SOCKOPT,
          CGROUP_SYSCTL,
          SOCK_OPS ->
          callers.contains(Caller.CGROUP);
      case SK_SKB -> callers.contains(Caller.SK_SKB);
      case SOCKET_FILTER -> callers.contains(Caller.SOCKET_FILTER);
      case LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL -> callers.contains(Caller.LWT);
      case NETFILTER -> callers.contains(Caller.NETFILTER);
      case KPROBE ->
          callers.contains(Caller.KPROBE_SESSION)
              && (attach == AttachType.TRACE_KPROBE_SESSION
                  || attach == AttachType.TRACE_UPROBE_SESSION);
      case SK_MSG,
          RAW_TRACEPOINT,
          LIRC_MODE2,
          SK_REUSEPORT,
          FLOW_DISSECTOR,
          RAW_TRACEPOINT_WRITABLE,
          EXT,
          SK_LOOKUP ->
          false;
    };
  }

  /// The function of this name. What follows three underscores is a flavour, and not part of the
  /// name.
  public static Optional<KernelFunction> byName(String name) {
    KernelFunction exact = BY_NAME.get(name);
    int flavour = name.indexOf("___");
    return Optional.ofNullable(
        exact == null && flavour > 0 ? BY_NAME.get(name.substring(0, flavour)) : exact);
  }

  /// All functions by name.
  public static Map<String, KernelFunction> all() {
    return Collections.unmodifiableMap(BY_NAME);
  }

  private static Map<String, KernelFunction> load() {
    Map<String, KernelFunction> functions = new TreeMap<>();
    for (Table.Row row : Table.load("kernel-function-prototypes.tsv").rows()) {
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 4; i < row.cells().length; i++) {
        String[] words = row.cell(i).split(" ", 2);
        parameters.add(new Parameter(type(row, words[0]), words[1]));
      }
      KernelFunction function =
          new KernelFunction(
              row.cell(0),
              constants(row, 1, "-", Flag.class),
              constants(row, 2, "*", Caller.class),
              type(row, row.cell(3)),
              parameters);
      functions.put(function.name(), function);
    }
    return functions;
  }

  private static <E extends Enum<E>> Set<E> constants(
      Table.Row row, int column, String none, Class<E> type) {
    Set<E> constants = EnumSet.noneOf(type);
    if (!row.cell(column).equals(none)) {
      for (String word : row.cell(column).split(",", -1)) {
        constants.add(row.constant(word, type));
      }
    }
    return constants;
  }

  private static NativeType type(Table.Row row, String text) {
    boolean pointer = text.endsWith("*");
    String base = pointer ? text.substring(0, text.length() - 1) : text;
    int number = numberSize(base);
    if (number > 0) {
      return new NativeType(pointer ? Form.NUMBER_POINTER : Form.NUMBER, base, number);
    }
    if (base.equals("void")) {
      return new NativeType(pointer ? Form.VOID_POINTER : Form.VOID, "", 0);
    }
    if (!pointer) {
      throw row.wrong("has '" + text + "' where a type belongs");
    }
    if (base.equals("function")) {
      return new NativeType(Form.FUNCTION_POINTER, "", 0);
    }
    int bracket = base.indexOf('(');
    return bracket < 0
        ? new NativeType(Form.STRUCT_POINTER, base, 0)
        : new NativeType(
            Form.STRUCT_POINTER,
            base.substring(0, bracket),
            row.number(base.substring(bracket + 1, base.length() - 1)));
  }

  private static int numberSize(String name) {
    return switch (name) {
      case "bool", "u8", "s8" -> 1;
      case "u16", "s16" -> 2;
      case "u32", "s32" -> 4;
      case "u64", "s64" -> 8;
      default -> 0;
    };
  }
}
