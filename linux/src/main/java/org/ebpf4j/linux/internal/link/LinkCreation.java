package org.ebpf4j.linux.internal.link;

import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.LinkTarget;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.DescriptorUse;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.SystemCallException;

/// Attaches programs by `BPF_LINK_CREATE` and `BPF_RAW_TRACEPOINT_OPEN`.
///
/// Offsets are those of `union bpf_attr` in Linux 6.18's `include/uapi/linux/bpf.h`.
public final class LinkCreation {
  private static final int PROGRAM = 0;
  private static final int TARGET = 4;
  private static final int ATTACH_TYPE = 8;

  private static final int NAME = 0;
  private static final int TRACEPOINT_PROGRAM = 8;

  private LinkCreation() {}

  /// The new link's descriptor.
  ///
  /// @throws KernelException if that is refused; the message says what to do
  public static Descriptor create(Descriptor program, ProgramSpec spec, LinkTarget target) {
    return switch (target) {
      case LinkTarget.RawTracepoint(String name) -> openTracepoint(program, spec, name);
      case LinkTarget.Loaded() -> create(program, spec, target, 0);
      case LinkTarget.Interface(int index) -> create(program, spec, target, index);
      case LinkTarget.ControlGroup(Path folder) -> createOn(folder, program, spec, target);
      case LinkTarget.NetworkNamespace(Path file) -> createOn(file, program, spec, target);
    };
  }

  private static Descriptor createOn(
      Path path, Descriptor program, ProgramSpec spec, LinkTarget target) {
    try (Descriptor opened = Descriptor.open(path.toString(), Descriptor.READ_ONLY)) {
      int number = opened.acquire();
      try {
        return create(program, spec, target, number);
      } finally {
        opened.release();
      }
    } catch (SystemCallException e) {
      throw new KernelException(
          operation(spec, target), Errors.of(e), path + " cannot be opened; see that it is there");
    }
  }

  private static Descriptor create(
      Descriptor program, ProgramSpec spec, LinkTarget target, int targetNumber) {
    AttachType type = attachType(spec, target);
    int number = DescriptorUse.begin(program, operation(spec, target), "the program");
    try (BpfCall call = new BpfCall(BpfCommand.LINK_CREATE)) {
      call.set32(PROGRAM, number).set32(TARGET, targetNumber).set32(ATTACH_TYPE, type.number());
      return opened(call.invoke(), spec, target);
    } finally {
      program.release();
    }
  }

  private static Descriptor openTracepoint(Descriptor program, ProgramSpec spec, String name) {
    LinkTarget target = new LinkTarget.RawTracepoint(name);
    int number = DescriptorUse.begin(program, operation(spec, target), "the program");
    try (BpfCall call = new BpfCall(BpfCommand.RAW_TRACEPOINT_OPEN)) {
      call.setPointer(NAME, call.copy(name)).set32(TRACEPOINT_PROGRAM, number);
      return opened(call.invoke(), spec, target);
    } finally {
      program.release();
    }
  }

  /// The hook that the program's section names; for types with one hook alone, that one.
  private static AttachType attachType(ProgramSpec spec, LinkTarget target) {
    return spec.kind()
        .attach()
        .or(() ->
            spec.kind()
                .type()
                .flatMap(type ->
                    switch (type) {
                      case XDP -> Optional.of(AttachType.XDP);
                      case SK_LOOKUP -> Optional.of(AttachType.SK_LOOKUP);
                      case FLOW_DISSECTOR -> Optional.of(AttachType.FLOW_DISSECTOR);
                      case NETFILTER -> Optional.of(AttachType.NETFILTER);
                      default -> Optional.empty();
                    }))
        .orElseThrow(() ->
            new KernelException(
                operation(spec, target),
                Errno.EINVAL,
                "it is not known to which hook it goes: load it from a section that says so, such"
                    + " as SEC(\"cgroup_skb/ingress\")"));
  }

  private static Descriptor opened(int result, ProgramSpec spec, LinkTarget target) {
    if (result >= 0) {
      return new Descriptor(result);
    }
    Errno errno = Errors.of(result);
    throw new KernelException(
        operation(spec, target),
        errno,
        switch (errno) {
          case EPERM, EACCES -> "that takes root, or CAP_BPF with what the hook asks for";
          case EINVAL ->
              "programs of type %s do not go there, or this kernel has no links for it"
                  .formatted(spec.kind().type().map(ProgramType::name).orElse("unknown"));
          case EBUSY, EEXIST -> "another program is there already";
          case E2BIG -> "as many programs as that hook takes are there already";
          case ENOENT, ENODEV -> "there is no such hook";
          case EBADF -> "that is not what it has to be: a control group of version 2, a namespace";
          case EOPNOTSUPP, ENOTSUPP -> "this kernel, or that device, has no such hook";
          default -> errno.text();
        });
  }

  private static String operation(ProgramSpec spec, LinkTarget target) {
    return "attach program %s to %s"
        .formatted(
            spec.name(),
            switch (target) {
              case LinkTarget.Loaded() -> "what it was loaded for";
              case LinkTarget.RawTracepoint(String name) -> "raw tracepoint " + name;
              case LinkTarget.ControlGroup(Path folder) -> "control group " + folder;
              case LinkTarget.NetworkNamespace(Path file) -> "network namespace " + file;
              case LinkTarget.Interface(int index) -> "interface " + index;
            });
  }
}
