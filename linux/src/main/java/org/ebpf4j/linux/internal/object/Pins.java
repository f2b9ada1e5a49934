package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.DescriptorUse;
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
    String operation = "pin %s to %s".formatted(what, path);
    int number = DescriptorUse.begin(descriptor, operation, "it");
    try (BpfCall call = new BpfCall(BpfCommand.OBJ_PIN)) {
      call.setPointer(PATH, call.copy(path.toString())).set32(FD, number);
      check(call.invoke(), operation);
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

  /// Opens an object of this kind.
  ///
  /// @throws KernelException if nothing is pinned here; `EINVAL` if it is of another kind
  public static Descriptor open(Path path, ObjectKind kind) {
    Descriptor descriptor = open(path);
    try {
      require(descriptor, kind, path);
      return descriptor;
    } catch (KernelException e) {
      descriptor.close();
      throw e;
    }
  }

  /// Takes a name away, once it is sure that it is one of an object.
  ///
  /// @throws KernelException if nothing is pinned here, or it may not be removed
  public static void remove(Path path) {
    open(path).close();
    String operation = "unpin " + path;
    try {
      Files.delete(path);
    } catch (NoSuchFileException e) {
      throw new KernelException(operation, Errno.ENOENT, "it has gone meanwhile");
    } catch (AccessDeniedException e) {
      throw new KernelException(operation, Errno.EACCES, "it belongs to another user: run as root");
    } catch (IOException e) {
      throw new KernelException(operation, Errno.EIO, String.valueOf(e.getMessage()));
    }
  }

  private static void require(Descriptor descriptor, ObjectKind kind, Path path) {
    int number = descriptor.acquire();
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
      if (!kind.isShownAs(target)) {
        throw new KernelException(
            "open %s as a %s".formatted(path, kind),
            Errno.EINVAL,
            "it is a " + ObjectKind.ofInode(target));
      }
    } catch (IOException e) {
      throw new KernelException(
          "open %s as a %s".formatted(path, kind), Errno.EIO, "/proc does not tell what it is");
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
              "the path is not in a BPF file system (mount -t bpf bpf /sys/fs/bpf), has a dot in it,"
                  + " or that is not permitted";
          case EACCES -> "it is no name of a BPF object, or run as root";
          case EEXIST -> "something is pinned there already";
          case ENOENT -> "there is no such file or folder";
          default -> errno.text();
        });
  }
}
