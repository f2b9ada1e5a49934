package org.ebpf4j.linux.internal.probe;

import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.FeatureSupport;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.linux.internal.load.CollectionLoader;
import org.ebpf4j.linux.internal.program.ProgramLoad;
import org.ebpf4j.linux.internal.program.ProgramLoader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;

/// Finds out which types of programs the kernel has, and which helpers they may call, by loading
/// programs of two or three instructions. A type is there if the verifier gets to see the program,
/// whatever it thinks of it.
public final class ProgramProbe {
  private static final String NAME = "probe";
  private static final long EXIT = Bytecode.slot(0x95, 0, 0, (short) 0, 0);
  private static final long RETURN_ZERO = Bytecode.slot(0xb7, 0, 0, (short) 0, 0);

  private ProgramProbe() {}

  public static FeatureSupport probe(CollectionLoader loader, ProgramType type) {
    if (type == ProgramType.STRUCT_OPS) {
      return probeStructOps();
    }
    return switch (ask(loader, type, Bytecode.of(RETURN_ZERO, EXIT))) {
      case Verdict.Accepted accepted -> new FeatureSupport.Supported();
      case Verdict.Refused refused when !refused.log().isEmpty() -> new FeatureSupport.Supported();
      case Verdict.Refused refused when refused.errno() == Errno.EINVAL ->
          new FeatureSupport.Unsupported();
      case Verdict.Refused refused -> new FeatureSupport.Unknown(refused.errno(), refused.reason());
    };
  }

  /// A kernel that knows these programs misses the struct of functions that they belong to.
  private static FeatureSupport probeStructOps() {
    ProgramLoad load =
        new ProgramLoad(
            NAME,
            ProgramType.STRUCT_OPS.number(),
            Bytecode.of(RETURN_ZERO, EXIT),
            "GPL",
            0,
            0,
            0,
            0,
            0,
            Optional.empty(),
            new int[0]);
    return switch (ProgramLoader.load(load)) {
      case ProgramLoader.Outcome.Loaded(Descriptor program, String log) -> {
        program.close();
        yield new FeatureSupport.Supported();
      }
      case ProgramLoader.Outcome.Refused(Errno errno, String log) -> StructOpsProbe.support(errno);
    };
  }

  /// @param helper the helper's number
  public static FeatureSupport probe(CollectionLoader loader, ProgramType type, int helper) {
    long call = Bytecode.slot(0x85, 0, 0, (short) 0, helper);
    return switch (ask(loader, type, Bytecode.of(call, RETURN_ZERO, EXIT))) {
      case Verdict.Accepted accepted -> new FeatureSupport.Supported();
      case Verdict.Refused refused when refused.log().isEmpty() ->
          new FeatureSupport.Unknown(refused.errno(), refused.reason());
      case Verdict.Refused refused ->
          refused.log().contains("invalid func ")
                  || refused.log().contains("unknown func ")
                  || refused.log().contains("cannot use helper ")
              ? new FeatureSupport.Unsupported()
              : new FeatureSupport.Supported();
    };
  }

  private static Verdict ask(CollectionLoader loader, ProgramType type, Bytecode code) {
    ProgramSpec program = ProgramSpec.of(NAME, type, code).withKind(kind(type));
    try (VerdictSession session =
        loader.verdicts(
            CollectionSpec.of(program), LoadOptions.defaults(), LinuxLoadOptions.defaults())) {
      return session.verdict(NAME, 0, 1);
    } catch (LoadException e) {
      // ESRCH: such a program is tied to something that a probe does not have.
      return new Verdict.Refused(e.errno(), e.summary(), "");
    }
  }

  /// Hooks, where the type alone does not say enough for the kernel.
  private static ProgramSpec.ProgramKind kind(ProgramType type) {
    Optional<AttachType> attach =
        switch (type) {
          case CGROUP_SOCK_ADDR -> Optional.of(AttachType.CGROUP_INET4_CONNECT);
          case CGROUP_SOCKOPT -> Optional.of(AttachType.CGROUP_GETSOCKOPT);
          case CGROUP_DEVICE -> Optional.of(AttachType.CGROUP_DEVICE);
          case CGROUP_SYSCTL -> Optional.of(AttachType.CGROUP_SYSCTL);
          case SOCK_OPS -> Optional.of(AttachType.CGROUP_SOCK_OPS);
          case SK_LOOKUP -> Optional.of(AttachType.SK_LOOKUP);
          case NETFILTER -> Optional.of(AttachType.NETFILTER);
          case TRACING -> Optional.of(AttachType.TRACE_RAW_TP);
          case LSM -> Optional.of(AttachType.LSM_MAC);
          default -> Optional.empty();
        };
    String target =
        switch (type) {
          case TRACING -> "sched_switch";
          case LSM -> "bpf";
          default -> "";
        };
    return new ProgramSpec.ProgramKind(
        Optional.of(type), attach, target, type == ProgramType.SYSCALL, false);
  }
}
