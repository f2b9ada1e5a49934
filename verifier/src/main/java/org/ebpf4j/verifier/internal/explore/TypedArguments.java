package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.KernelFunction.Flag;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// Arguments of kernel functions that are objects of the kernel's types: how far they may be moved
/// and are trusted, and of which type they are. Source of the rules: `check_kfunc_args` and
/// `process_kf_arg_ptr_to_btf_id` in Linux's `kernel/bpf/verifier.c`.
final class TypedArguments {
  private final Walk walk;
  private final RegionAccess regions;

  TypedArguments(Walk walk, RegionAccess regions) {
    this.walk = walk;
    this.regions = regions;
  }

  /// Refuses a pointer that was moved further than its kind allows.
  void checkOffset(int register, Value value, KernelFunction function) {
    boolean releases = function.has(Flag.RELEASE) && value.reference() != 0;
    regions.checkArgumentOffset(register, value, releases);
  }

  /// Refuses an object that the function does not trust enough.
  void checkTrust(int register, Value value, KernelFunction function) {
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

  /// Refuses what is no object of a type, or of another than `struct`.
  void check(int register, String struct, Value value, KernelCallFacts facts) {
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
