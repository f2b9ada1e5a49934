package org.ebpf4j.linux.internal.link;

import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.DescriptorUse;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Descriptor;

/// Attachments that are no links: `BPF_PROG_ATTACH` and `BPF_PROG_DETACH`.
///
/// Offsets are those of `union bpf_attr` in Linux 6.18's `include/uapi/linux/bpf.h`.
public final class PlainAttachment {
  private static final int TARGET = 0;
  private static final int PROGRAM = 4;
  private static final int ATTACH_TYPE = 8;

  private PlainAttachment() {}

  /// @param name the program's, for messages
  /// @param map the map of sockets; empty for this network namespace
  /// @throws KernelException if that is refused
  public static void attach(
      Descriptor program, String name, AttachType type, Optional<Descriptor> map) {
    call(BpfCommand.PROG_ATTACH, "attach", program, name, type, map);
  }

  /// @throws KernelException `ENOENT` if the program is not attached there
  public static void detach(
      Descriptor program, String name, AttachType type, Optional<Descriptor> map) {
    call(BpfCommand.PROG_DETACH, "detach", program, name, type, map);
  }

  private static void call(
      BpfCommand command,
      String verb,
      Descriptor program,
      String name,
      AttachType type,
      Optional<Descriptor> map) {
    String operation =
        "%s program %s as %s%s"
            .formatted(
                verb, name, type, map.isPresent() ? " of a map" : " of this network namespace");
    int number = DescriptorUse.begin(program, operation, "the program");
    try {
      if (map.isEmpty()) {
        invoke(command, operation, number, type, 0);
        return;
      }
      int target = DescriptorUse.begin(map.get(), operation, "the map");
      try {
        invoke(command, operation, number, type, target);
      } finally {
        map.get().release();
      }
    } finally {
      program.release();
    }
  }

  private static void invoke(
      BpfCommand command, String operation, int program, AttachType type, int target) {
    try (BpfCall call = new BpfCall(command)) {
      int result =
          call.set32(TARGET, target)
              .set32(PROGRAM, program)
              .set32(ATTACH_TYPE, type.number())
              .invoke();
      if (result < 0) {
        throw failure(operation, Errors.of(result));
      }
    }
  }

  private static KernelException failure(String operation, Errno errno) {
    return new KernelException(
        operation,
        errno,
        switch (errno) {
          case EPERM, EACCES -> "that takes root, or CAP_BPF with CAP_NET_ADMIN";
          case EINVAL -> "programs or maps of this type do not go together at that hook";
          case ENOENT -> "it is not attached there";
          case EEXIST, EBUSY -> "another program is there already";
          case EOPNOTSUPP, ENOTSUPP -> "that map, or this kernel, has no such hook";
          default -> errno.text();
        });
  }
}
