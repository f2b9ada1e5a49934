package org.ebpf4j.linux.internal.link;

import java.nio.file.Path;
import java.util.function.IntFunction;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.LinkInfo;
import org.ebpf4j.linux.LinuxLink;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.DescriptorUse;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.object.Pins;
import org.ebpf4j.linux.internal.program.KernelProgram;
import org.ebpf4j.sys.Descriptor;
import org.jspecify.annotations.Nullable;

/// A link in the kernel, held by a file descriptor.
public final class KernelLink implements LinuxLink, OpenObjects.Owned {
  private static final int LINK = 0;
  private static final int NEW_PROGRAM = 4;

  private final Descriptor descriptor;
  private final OpenObjects owner;
  private final IntFunction<KernelProgram> programs;
  private @Nullable KernelProgram program;

  /// What was opened here, to be closed with the link.
  private @Nullable KernelProgram opened;

  /// @param descriptor the link, taken over
  /// @param owner is told when it is closed
  /// @param programs opens programs by id
  public KernelLink(Descriptor descriptor, OpenObjects owner, IntFunction<KernelProgram> programs) {
    this.descriptor = descriptor;
    this.owner = owner;
    this.programs = programs;
  }

  /// A link of a program that is open.
  public KernelLink(Descriptor descriptor, OpenObjects owner, KernelProgram program) {
    this(descriptor, owner, id -> program);
    this.program = program;
  }

  @Override
  public synchronized LinuxProgram program() {
    KernelProgram known = program;
    if (known == null) {
      int id = info().programId();
      if (id == 0) {
        throw new KernelException(
            "open the program of link " + id(), Errno.ENOENT, "this kind of link has none");
      }
      known = programs.apply(id);
      opened = known;
      program = known;
    }
    return known;
  }

  @Override
  public synchronized void replace(BpfProgram other) {
    if (!(other instanceof KernelProgram replacement)) {
      throw new KernelException(
          "replace the program of a link",
          Errno.EINVAL,
          "program %s is of another host".formatted(other.name()));
    }
    String operation = "put program %s in place in a link".formatted(other.name());
    int next = DescriptorUse.begin(replacement.descriptor(), operation, "the program");
    try (BpfCall call = new BpfCall(BpfCommand.LINK_UPDATE)) {
      call.set32(NEW_PROGRAM, next);
      use(call, operation, "the other program has another type or hook");
    } finally {
      replacement.descriptor().release();
    }
    program = replacement;
  }

  @Override
  public void detach() {
    try (BpfCall call = new BpfCall(BpfCommand.LINK_DETACH)) {
      use(call, "detach a link", "the link is of a kind that the kernel does not detach so");
    }
  }

  /// Makes a call on the link.
  ///
  /// @param invalid what `EINVAL` says
  private void use(BpfCall call, String operation, String invalid) {
    int number = DescriptorUse.begin(descriptor, operation, "the link");
    int result;
    try {
      result = call.set32(LINK, number).invoke();
    } finally {
      descriptor.release();
    }
    if (result < 0) {
      Errno errno = Errors.of(result);
      throw new KernelException(
          operation,
          errno,
          switch (errno) {
            case EINVAL -> invalid;
            case EOPNOTSUPP, ENOTSUPP -> "links of this kind cannot do that; close it instead";
            case ENOLINK -> "it is detached already";
            default -> errno.text();
          });
    }
  }

  @Override
  public int id() {
    return info().id();
  }

  @Override
  public LinkInfo info() {
    return Infos.link(descriptor);
  }

  @Override
  public void pin(Path path) {
    Pins.pin(descriptor, "link", path);
  }

  @Override
  public synchronized void close() {
    owner.remove(this);
    descriptor.close();
    if (opened != null) {
      opened.close();
    }
  }

  @Override
  public String toString() {
    return descriptor.closed() ? "link (closed)" : "link " + id();
  }
}
