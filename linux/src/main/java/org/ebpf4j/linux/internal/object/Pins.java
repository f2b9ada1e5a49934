package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Descriptor;

/// Names for kernel objects in a BPF file system.
public final class Pins {
  private static final int PATH = 0;
  private static final int FD = 8;

  private Pins() {}

  /// @param what the object, for messages, such as `map counters`
  /// @throws KernelException if that is refused
  public static void pin(Descriptor descriptor, String what, Path path) {
    int number = descriptor.acquire();
    try (BpfCall call = new BpfCall(BpfCommand.OBJ_PIN)) {
      call.setPointer(PATH, call.copy(path.toString())).set32(FD, number);
      check(call.invoke(), "pin %s to %s".formatted(what, path));
    } finally {
      descriptor.release();
    }
  }

  /// Opens whatever is pinned here.
  ///
  /// @throws KernelException if nothing is, or it may not be opened
  public static Descriptor open(Path path) {
    try (BpfCall call = new BpfCall(BpfCommand.OBJ_GET)) {
      call.setPointer(PATH, call.copy(path.toString()));
      return new Descriptor(check(call.invoke(), "open " + path));
    }
  }

  /// @throws KernelException `EINVAL` if the descriptor is of another kind
  public static void require(Descriptor descriptor, ObjectKind kind, Path path) {
    String name = kind.name().toLowerCase(Locale.ROOT);
    int number = descriptor.acquire();
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
      if (!kind.inode().equals(target)) {
        throw new KernelException(
            "open %s as a %s".formatted(path, name), Errno.EINVAL, "it is " + target);
      }
    } catch (IOException e) {
      throw new KernelException(
          "open %s as a %s".formatted(path, name), Errno.EIO, "/proc does not tell what it is");
    } finally {
      descriptor.release();
    }
  }

  private static int check(int result, String operation) {
    if (result >= 0) {
      return result;
    }
    Errno errno = Errors.of(result);
    throw new KernelException(
        operation,
        errno,
        switch (errno) {
          case EPERM, EINVAL ->
              "the path is not in a BPF file system (mount -t bpf bpf /sys/fs/bpf), or that is not permitted";
          case EEXIST -> "something is pinned there already";
          case ENOENT -> "there is no such file or folder";
          default -> errno.text();
        });
  }
}
