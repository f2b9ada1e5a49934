package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.SystemCall;

/// The BPF file system, where objects have names.
public final class PinFileSystem {
  /// Where it is by custom.
  public static final Path PLACE = Path.of("/sys/fs/bpf");

  private static final String TYPE = "bpf";

  private PinFileSystem() {}

  /// The folders at which any are mounted, as `/proc/mounts` has them.
  public static List<Path> mounted() {
    try {
      return Files.readAllLines(Path.of("/proc/mounts")).stream()
          .map(line -> line.split(" ", -1))
          .filter(words -> words.length > 2 && words[2].equals(TYPE))
          .map(words -> Path.of(words[1].replace("\\040", " ")))
          .distinct()
          .toList();
    } catch (IOException e) {
      return List.of(); // without /proc no one knows
    }
  }

  /// Whether a folder is in one.
  public static boolean holds(Path folder) {
    try {
      return Files.getFileStore(folder).type().equals(TYPE);
    } catch (IOException e) {
      return false;
    }
  }

  /// Mounts one at [#PLACE], unless one is there.
  ///
  /// @throws KernelException if that is refused
  public static synchronized void mount() {
    if (holds(PLACE)) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      long type = arena.allocateFrom(TYPE).address();
      long place = arena.allocateFrom(PLACE.toString()).address();
      long mode = arena.allocateFrom("mode=0700").address();
      long result = SystemCall.MOUNT.call(type, place, type, 0, mode, 0);
      if (result < 0) {
        Errno errno = Errors.of(result);
        throw new KernelException(
            "mount a BPF file system at " + PLACE,
            errno,
            switch (errno) {
              case EPERM, EACCES -> "that takes root";
              case ENODEV -> "this kernel has none: it needs CONFIG_BPF_SYSCALL";
              case ENOENT -> "there is no such folder: mount /sys first";
              default -> errno.text();
            });
      }
    }
  }
}
