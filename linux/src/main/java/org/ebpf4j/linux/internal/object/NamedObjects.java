package org.ebpf4j.linux.internal.object;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;

/// Kernel objects by name, which need not be theirs alone.
public final class NamedObjects {
  /// `BPF_OBJ_NAME_LEN`, less the zero at the end.
  private static final int LONGEST = 15;

  private NamedObjects() {}

  /// The one object of a name.
  ///
  /// @param ids those of the objects that have it
  /// @return its id
  /// @throws KernelException `ENOENT` if there is none, `EEXIST` if there are several
  public static int only(ObjectKind kind, String name, List<Integer> ids) {
    String operation = "open %s %s".formatted(kind, name);
    if (ids.isEmpty()) {
      throw new KernelException(
          operation, Errno.ENOENT, "no %s in the kernel has this name".formatted(kind));
    }
    if (ids.size() > 1) {
      throw new KernelException(
          operation,
          Errno.EEXIST,
          "several have this name: choose one of the ids %s".formatted(ids));
    }
    return ids.getFirst();
  }

  /// What the kernel keeps of a name.
  public static String kept(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= LONGEST
        ? name
        : new String(Arrays.copyOf(bytes, LONGEST), StandardCharsets.UTF_8);
  }
}
