package org.ebpf4j.linux.internal.program;

import java.util.Optional;
import org.ebpf4j.isa.Bytecode;

/// What `BPF_PROG_LOAD` is told: a program with everything filled in.
///
/// @param name its name
/// @param type its type's number
/// @param code the instructions
/// @param license its license
/// @param kernelVersion `LINUX_VERSION_CODE` that it was made for
/// @param flags `BPF_F_…`
/// @param attachType the hook it is meant for, by number
/// @param attachBtfId the type in the kernel, or in another program, that it attaches to; 0 for
///   none
/// @param attachDescriptor what `attachBtfId` belongs to if not the kernel itself: another program
///   or a module's BTF; 0 for none
/// @param debug its BTF, functions and lines
/// @param moduleDescriptors BTF of the modules whose functions it calls, by the calls' offset
///   field; empty if it calls none
public record ProgramLoad(
    String name,
    int type,
    Bytecode code,
    String license,
    int kernelVersion,
    int flags,
    int attachType,
    int attachBtfId,
    int attachDescriptor,
    Optional<Debug> debug,
    int[] moduleDescriptors) {

  /// The same for an older kernel, or itself if nothing can be left out: first functions and lines
  /// go, then the name and the hook, which a kernel that knows no names has no use for either.
  ProgramLoad plainer() {
    boolean described = debug.isPresent();
    if (!described && name.isEmpty()) {
      return this;
    }
    return new ProgramLoad(
        described ? name : "",
        type,
        code,
        license,
        kernelVersion,
        flags,
        described ? attachType : 0,
        attachBtfId,
        attachDescriptor,
        Optional.empty(),
        moduleDescriptors);
  }

  /// @param btf descriptor of the object's BTF
  /// @param functions records of 8 bytes: slot, type
  /// @param lines records of 16 bytes: slot, file name, line text, line and column
  public record Debug(int btf, byte[] functions, byte[] lines) {}
}
