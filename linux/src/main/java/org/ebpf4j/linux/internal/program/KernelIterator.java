package org.ebpf4j.linux.internal.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.RunException;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.DescriptorUse;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.SystemCall;

/// An iteration in the kernel: a link for what is to be visited, a file of it (`BPF_ITER_CREATE`),
/// and what read(2) gives.
///
/// Source: `struct bpf_link_create` and `union bpf_iter_link_info` in Linux 6.18's
/// `include/uapi/linux/bpf.h`.
final class KernelIterator extends InputStream {
  private static final int PROGRAM = 0;
  private static final int ATTACH_TYPE = 8;
  private static final int INFO = 16;
  private static final int INFO_LENGTH = 24;
  private static final int INFO_BYTES = 16;
  private static final int LINK = 0;
  private static final int BUFFER = 32768;

  private final KernelProgram program;
  private final Descriptor link;
  private final Descriptor file;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
  private final MemorySegment state = arena.allocate(SystemCall.STATE_BYTES, Long.BYTES);
  private int at;
  private int end;
  private boolean closed;

  private KernelIterator(KernelProgram program, Descriptor link, Descriptor file) {
    this.program = program;
    this.link = link;
    this.file = file;
  }

  static KernelIterator open(KernelProgram program, IteratorTarget target) {
    if (!program.spec().kind().attach().equals(Optional.of(AttachType.TRACE_ITER))) {
      throw new RunException(
          program.name(),
          Errno.EINVAL,
          "it is no iterator: those are in sections such as iter/bpf_map_elem");
    }
    Descriptor link = createLink(program, target);
    Descriptor file = null;
    try {
      file = createFile(program, link);
      return new KernelIterator(program, link, file);
    } finally {
      if (file == null) {
        link.close();
      }
    }
  }

  private static Descriptor createLink(KernelProgram program, IteratorTarget target) {
    int number = DescriptorUse.begin(program.descriptor(), "iterate", "the program");
    try (BpfCall call = new BpfCall(BpfCommand.LINK_CREATE)) {
      call.set32(PROGRAM, number).set32(ATTACH_TYPE, AttachType.TRACE_ITER.number());
      return switch (target) {
        case IteratorTarget.All() -> opened(program, call.invoke());
        case IteratorTarget.OneThread(int thread) -> opened(program, invoke(call, thread, 0));
        case IteratorTarget.OneProcess(int process) -> opened(program, invoke(call, 0, process));
        case IteratorTarget.Elements(BpfMap map) -> overMap(program, call, map);
      };
    } finally {
      program.descriptor().release();
    }
  }

  private static Descriptor overMap(KernelProgram program, BpfCall call, BpfMap map) {
    if (!(map instanceof KernelMap kernelMap)) {
      throw new RunException(
          program.name(), Errno.EBADF, "map %s is not of this host".formatted(map.name()));
    }
    int number = DescriptorUse.begin(kernelMap.descriptor(), "iterate", "the map");
    try {
      return opened(program, invoke(call, number, 0));
    } finally {
      kernelMap.descriptor().release();
    }
  }

  /// Creates the link with the first words of its `union bpf_iter_link_info`.
  private static int invoke(BpfCall call, int first, int second) {
    MemorySegment info = call.allocate(INFO_BYTES);
    info.set(JAVA_INT, 0, first);
    info.set(JAVA_INT, Integer.BYTES, second);
    return call.setPointer(INFO, info).set32(INFO_LENGTH, INFO_BYTES).invoke();
  }

  private static Descriptor createFile(KernelProgram program, Descriptor link) {
    int number = DescriptorUse.begin(link, "iterate", "the link");
    try (BpfCall call = new BpfCall(BpfCommand.ITER_CREATE)) {
      return opened(program, call.set32(LINK, number).invoke());
    } finally {
      link.release();
    }
  }

  private static Descriptor opened(KernelProgram program, int result) {
    if (result >= 0) {
      return new Descriptor(result);
    }
    Errno errno = Errors.of(result);
    throw new RunException(
        program.name(),
        errno,
        switch (errno) {
          case EINVAL -> "an iterator over %s does not visit that".formatted(kind(program));
          case EBADF -> "an iterator over %s needs a map to visit".formatted(kind(program));
          case EACCES -> "the map's keys or values are smaller than what the program accesses";
          case EPERM -> "that takes root, or CAP_BPF and CAP_PERFMON";
          default -> errno.text();
        });
  }

  private static String kind(KernelProgram program) {
    return program.spec().kind().target();
  }

  @Override
  public synchronized int read() {
    return fill() ? buffer.get(JAVA_BYTE, at++) & 0xff : -1;
  }

  @Override
  public synchronized int read(byte[] to, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, end - at);
    MemorySegment.copy(buffer, JAVA_BYTE, at, to, offset, count);
    at += count;
    return count;
  }

  @Override
  public synchronized int available() {
    return end - at;
  }

  /// Sees that there is text to read; `false` at the end.
  private boolean fill() {
    if (at < end) {
      return true;
    }
    if (closed) {
      return false;
    }
    int number = DescriptorUse.begin(file, "iterate", "the iteration");
    long result;
    try {
      result = SystemCall.READ.call(state, number, buffer.address(), BUFFER, 0, 0, 0);
    } finally {
      file.release();
    }
    if (result < 0) {
      Errno errno = Errors.of(result);
      throw new RunException(
          program.name(),
          errno,
          switch (errno) {
            case EAGAIN -> "it returned 1, which asks to be shown the same again";
            case E2BIG -> "it wrote more than 32767 bytes for one thing";
            default -> errno.text();
          });
    }
    at = 0;
    end = (int) result;
    return result > 0;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      end = at;
      file.close();
      link.close();
      arena.close();
    }
  }
}
