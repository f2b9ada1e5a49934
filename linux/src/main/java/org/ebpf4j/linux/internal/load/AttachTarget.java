package org.ebpf4j.linux.internal.load;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.linux.ProgramInfo;
import org.ebpf4j.linux.internal.call.HeldDescriptors;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.KernelObjects;
import org.ebpf4j.linux.internal.object.ObjectKind;
import org.ebpf4j.linux.internal.program.KernelProgram;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;
import org.jspecify.annotations.Nullable;

/// What programs are told about their hook when they are loaded.
///
/// @param attachType the kind of hook, or which member of a struct of functions it is
/// @param btfId the function's type; 0 for programs that are not tied
/// @param descriptor the program or module whose type it is; 0 for the kernel itself
record AttachTarget(int attachType, int btfId, int descriptor) {
  private static final String RAW_TRACEPOINT_PREFIX = "btf_trace_";

  /// @param targets programs that others attach to, by those others' names
  /// @param opened takes descriptors that are opened here and closed after loading
  /// @throws LoadException if there is no such function
  static AttachTarget of(
      ProgramSpec program,
      CollectionSpec spec,
      Map<String, LinuxProgram> targets,
      KernelTypes types,
      HeldDescriptors held,
      List<Descriptor> opened) {
    int attachType = program.kind().attach().map(AttachType::number).orElse(0);
    if (program.kind().type().equals(Optional.of(ProgramType.STRUCT_OPS))) {
      return ofMember(StructOps.Member.of(program, spec), spec, types, held, opened);
    }
    String prefix = prefix(program.kind());
    if (prefix == null) {
      return new AttachTarget(attachType, 0, 0);
    }
    LinuxProgram target = targets.get(program.name());
    String name = program.kind().target();
    if (target instanceof KernelProgram kernelProgram) {
      return ofProgram(program, attachType, kernelProgram, held);
    }
    if (program.kind().type().equals(Optional.of(ProgramType.EXT))) {
      throw failure(
          program,
          "it replaces a function of another program: name that with LinuxLoadOptions.withTarget");
    }
    if (name.isEmpty()) {
      throw failure(
          program, "section %s does not say what it attaches to".formatted(program.section()));
    }
    Class<? extends BtfType> kind =
        prefix.equals(RAW_TRACEPOINT_PREFIX) ? BtfType.Typedef.class : BtfType.Function.class;
    KernelTypes.Found found =
        types
            .find(prefix + name, kind)
            .orElseThrow(
                () -> failure(program, "the kernel's BTF has no %s%s".formatted(prefix, name)));
    return new AttachTarget(attachType, found.id(), moduleDescriptor(found, held, opened));
  }

  private static AttachTarget ofMember(
      StructOps.Member member,
      CollectionSpec spec,
      KernelTypes types,
      HeldDescriptors held,
      List<Descriptor> opened) {
    StructOps struct = StructOps.of(member.map(), spec.btf(), types);
    return new AttachTarget(
        struct.index(member, types),
        struct.type().id(),
        moduleDescriptor(struct.type(), held, opened));
  }

  /// A descriptor of the module's BTF that a type is in, 0 for the kernel itself.
  private static int moduleDescriptor(
      KernelTypes.Found found, HeldDescriptors held, List<Descriptor> opened) {
    if (found.module().isEmpty()) {
      return 0;
    }
    Descriptor module = KernelObjects.open(ObjectKind.BTF, found.module().get().id());
    opened.add(module);
    return held.number(module);
  }

  /// What the kernel puts before the name of a hook in its BTF; `null` for types that are not tied.
  private static @Nullable String prefix(ProgramSpec.ProgramKind kind) {
    ProgramType type = kind.type().orElseThrow();
    return switch (type) {
      case TRACING ->
          kind.attach().equals(Optional.of(AttachType.TRACE_RAW_TP))
              ? RAW_TRACEPOINT_PREFIX
              : kind.attach().equals(Optional.of(AttachType.TRACE_ITER)) ? "bpf_iter_" : "";
      case LSM -> "bpf_lsm_";
      case EXT -> "";
      default -> null;
    };
  }

  private static AttachTarget ofProgram(
      ProgramSpec program, int attachType, KernelProgram target, HeldDescriptors held) {
    ProgramInfo info = target.info();
    if (info.btfId() == 0) {
      throw failure(
          program, "program %s has no BTF to find a function in".formatted(target.name()));
    }
    Btf btf;
    try (Descriptor descriptor = KernelObjects.open(ObjectKind.BTF, info.btfId())) {
      btf = BtfReader.read("program " + target.name(), Infos.btfBytes(descriptor));
    }
    String name = program.kind().target().isEmpty() ? target.name() : program.kind().target();
    List<Integer> ids = btf.find(name, BtfType.Function.class);
    if (ids.isEmpty()) {
      throw failure(program, "program %s has no function %s".formatted(target.name(), name));
    }
    return new AttachTarget(attachType, ids.getFirst(), held.number(target.descriptor()));
  }

  private static LoadException failure(ProgramSpec program, String reason) {
    return new LoadException("program " + program.name(), Errno.ESRCH, reason);
  }
}
