package org.ebpf4j.linux.internal.object;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Descriptor;

/// Kernel objects by id.
public final class KernelObjects {
  private static final int ID = 0;
  private static final int NEXT_ID = 4;

  private KernelObjects() {}

  /// The id after this one; 0 to begin with.
  public static OptionalInt next(ObjectKind kind, int id) {
    try (BpfCall call = new BpfCall(kind.next())) {
      int result = call.set32(ID, id).set32(NEXT_ID, 0).invoke();
      if (result == -Errno.ENOENT.number()) {
        return OptionalInt.empty();
      }
      if (result < 0) {
        throw failure("list %ss".formatted(kind), result);
      }
      return OptionalInt.of(call.get32(NEXT_ID));
    }
  }

  /// Opens an object; empty if there is none of this id.
  public static Optional<Descriptor> find(ObjectKind kind, int id) {
    try (BpfCall call = new BpfCall(kind.open())) {
      int result = call.set32(ID, id).invoke();
      if (result == -Errno.ENOENT.number()) {
        return Optional.empty();
      }
      if (result < 0) {
        throw failure("open %s %d".formatted(kind, id), result);
      }
      return Optional.of(new Descriptor(result));
    }
  }

  /// Opens an object.
  ///
  /// @throws KernelException if there is none of this id, or that is not permitted
  public static Descriptor open(ObjectKind kind, int id) {
    return find(kind, id)
        .orElseThrow(() -> failure("open %s %d".formatted(kind, id), Errno.ENOENT.negated()));
  }

  /// Opens each object in turn, by ascending id, and closes it afterwards. What goes away meanwhile
  /// is left out.
  public static void each(ObjectKind kind, Consumer<Descriptor> action) {
    for (OptionalInt id = next(kind, 0); id.isPresent(); id = next(kind, id.getAsInt())) {
      find(kind, id.getAsInt())
          .ifPresent(descriptor -> {
            try (descriptor) {
              action.accept(descriptor);
            }
          });
    }
  }

  private static KernelException failure(String operation, int result) {
    Errno errno = Errors.of(result);
    return new KernelException(
        operation,
        errno,
        switch (errno) {
          case ENOENT -> "there is none of this id";
          case EPERM, EACCES -> "that takes root or CAP_SYS_ADMIN";
          case EINVAL -> "this kernel does not know that kind of object";
          default -> errno.text();
        });
  }
}
