package org.ebpf4j.verifier.internal.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.outcome.Refusal;

/// Which functions of the kernel a program may be attached to, and which helpers depend on that:
/// the table `attach-rules.tsv`. Source: `bpf_check_attach_target` and `check_attach_btf_id` in
/// Linux's `kernel/bpf/verifier.c`.
///
/// Which functions may be given an error is in the kernel's image, not in its types: that a
/// sleeping program is attached to one of them, or one that changes results, is not checked.
final class AttachRules {
  private static final int MAX_PARAMETERS = 12;
  private static final int MAX_PARAMETER_BYTES = 16;
  private static final int MAX_RESULT_BYTES = 8;
  private static final int MAX_ERRNO = 4095;
  private static final Map<String, Set<String>> TABLE = load();

  private AttachRules() {}

  private static Map<String, Set<String>> load() {
    Map<String, Set<String>> table = new HashMap<>();
    for (String[] cells : RulesTable.rows("attach-rules.tsv")) {
      table.computeIfAbsent(cells[0], rule -> new HashSet<>()).add(cells[1]);
    }
    return table;
  }

  private static boolean has(String rule, String name) {
    return TABLE.getOrDefault(rule, Set.of()).contains(name);
  }

  /// Whether a security hook is called with objects that are being made or freed.
  static boolean isUntrusted(String hook) {
    return has("hook-untrusted", hook);
  }

  /// Whether a security hook says yes or no, and not an error.
  static boolean isBool(String hook) {
    return has("hook-bool", hook);
  }

  /// The results that a security hook may have. Source: `bpf_lsm_get_retval_range`.
  static Scalar results(String hook) {
    return isBool(hook) ? Scalar.intRange(0, 1) : Scalar.intRange(-MAX_ERRNO, 0);
  }

  /// Whether programs at a security hook may change options of its socket.
  static boolean mayChangeSocket(String hook) {
    return has("hook-sockopt", hook);
  }

  /// Whether a helper that programs of this type and hook have may be called from where this one is
  /// attached. Source: `allowed` of `struct bpf_func_proto`.
  static boolean allows(String helper, ProgramType type, AttachType hook, String target) {
    return switch (helper) {
      case "d_path" ->
          switch (type) {
            case LSM -> has("hook-sleepable", target);
            case TRACING -> hook == AttachType.TRACE_ITER || has("d-path", target);
            default -> false;
          };
      case "ima_inode_hash", "ima_file_hash" -> has("hook-sleepable", target);
      case "sk_storage_get", "sk_storage_delete" ->
          switch (type) {
            case TRACING ->
                switch (hook) {
                  case TRACE_ITER, TRACE_RAW_TP -> true;
                  case TRACE_FENTRY, TRACE_FEXIT -> !target.startsWith("bpf_sk_storage");
                  default -> false;
                };
            case SYSCALL -> false;
            default -> true;
          };
      default -> true;
    };
  }

  /// Checks that a program of a type may be sleepable at all.
  static void checkSleepable(ProgramSpec program, ProgramType type) {
    AttachType hook = program.kind().attach().orElse(AttachType.TRACE_RAW_TP);
    boolean sleepable = program.kind().sleepable();
    if (type == ProgramType.SYSCALL && !sleepable) {
      throw Refusal.at(Errno.EINVAL, 0, "Syscall programs can only be sleepable");
    }
    boolean may =
        switch (type) {
          case TRACING ->
              hook == AttachType.TRACE_FENTRY
                  || hook == AttachType.TRACE_FEXIT
                  || hook == AttachType.MODIFY_RETURN
                  || hook == AttachType.TRACE_ITER;
          case LSM -> hook != AttachType.LSM_CGROUP;
          case KPROBE, STRUCT_OPS, SYSCALL, EXT -> true;
          default -> false;
        };
    if (sleepable && !may) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable");
    }
  }

  /// Checks that a program may be attached to a security hook.
  ///
  /// @param function the BTF id of the hook's function
  static void checkHook(String hook, int function, boolean sleepable) {
    if (sleepable && !has("hook-sleepable", hook)) {
      throw Refusal.at(Errno.EINVAL, 0, "bpf_lsm_" + hook + " is not sleepable");
    }
    if (has("hook-disabled", hook)) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "attach_btf_id %d points to disabled hook bpf_lsm_%s".formatted(function, hook));
    }
  }

  /// Checks that a program may be attached to a function of the kernel.
  static void checkFunction(
      String name, Btf btf, BtfType.Prototype prototype, AttachType hook, boolean sleepable) {
    boolean seesResult = hook == AttachType.TRACE_FEXIT || hook == AttachType.MODIFY_RETURN;
    checkPrototype(name, btf, prototype, seesResult);
    if (sleepable && has("not-sleepable", name)) {
      throw Refusal.at(Errno.EINVAL, 0, name + " is not sleepable");
    }
    if (has("denied", name)) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "Attaching tracing programs to function '%s' is rejected.".formatted(name));
    }
    if (seesResult && has("no-return", name)) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "Attaching fexit/fmod_ret to __noreturn function '%s' is rejected.".formatted(name));
    }
  }

  /// Source: `btf_distill_func_proto`.
  private static void checkPrototype(
      String name, Btf btf, BtfType.Prototype prototype, boolean seesResult) {
    List<BtfType.Parameter> parameters = prototype.parameters();
    if (parameters.size() > MAX_PARAMETERS) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "The function %s has %d arguments. Too many.".formatted(name, parameters.size()));
    }
    BtfLayout layout = new BtfLayout(btf);
    if (btf.resolved(prototype.result()) instanceof BtfType.Composite) {
      throw Refusal.at(
          Errno.EINVAL, 0, "The function %s return type STRUCT is unsupported.".formatted(name));
    }
    if (seesResult && layout.sizeOf(prototype.result()).orElse(0) > MAX_RESULT_BYTES) {
      throw Refusal.at(
          Errno.EOPNOTSUPP,
          0,
          "Attach to function %s with a >8 byte return value is not supported for this attach type"
              .formatted(name));
    }
    for (int i = 0; i < parameters.size(); i++) {
      int type = parameters.get(i).type();
      if (type == 0) {
        throw Refusal.at(
            Errno.EINVAL, 0, "The function %s with variable args is unsupported.".formatted(name));
      }
      if (layout.sizeOf(type).orElse(0) > MAX_PARAMETER_BYTES) {
        throw Refusal.at(
            Errno.EINVAL,
            0,
            "The function %s arg%d type STRUCT is unsupported.".formatted(name, i));
      }
    }
  }
}
