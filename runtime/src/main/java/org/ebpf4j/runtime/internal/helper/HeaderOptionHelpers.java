package org.ebpf4j.runtime.internal.helper;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.SocketOption;
import org.ebpf4j.runtime.internal.context.SocketOperationContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Options of TCP headers, which programs of type `sock_ops` read, and write to headers that Linux
/// is about to send. Source: `bpf_sock_ops_load_hdr_opt` and its like in `net/core/filter.c` of
/// Linux 6.18.
enum HeaderOptionHelpers implements HelperBody {
  LOAD_HDR_OPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SocketOperationContext context)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if (c < LEAST || (d & ~OF_SYN) != 0) {
        return Errno.EINVAL.negated();
      }
      int kind = TcpOptions.kind(b);
      int searched = TcpOptions.length(b);
      boolean experiment = TcpOptions.isExperiment(kind);
      if (searched > c
          || TcpOptions.isFiller(kind)
          || (experiment ? searched != 4 && searched != 6 : searched != 0)) {
        return Errno.EINVAL.negated();
      }
      int magic = experiment ? searched - LEAST : 0;
      if ((d & OF_SYN) != 0) {
        return ofSyn(run, b, c, magic);
      }
      if (!context.hasHeader() || context.operation() == SocketOperationContext.LENGTH) {
        return Errno.EPERM.negated();
      }
      return load(context.options(), context.end(), b, c, magic);
    }
  },

  STORE_HDR_OPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SocketOperationContext context)
          || context.operation() != SocketOperationContext.WRITE) {
        return Errno.EPERM.negated();
      }
      int length = c < LEAST ? 0 : TcpOptions.length(b);
      if (c < LEAST || d != 0 || length > c || TcpOptions.isFiller(TcpOptions.kind(b))) {
        return Errno.EINVAL.negated();
      }
      if (length > context.remaining()) {
        return Errno.ENOSPC.negated();
      }
      boolean experiment = TcpOptions.isExperiment(TcpOptions.kind(b));
      if (experiment && length < LEAST + LEAST) {
        return Errno.EINVAL.negated();
      }
      long found = TcpOptions.find(context.options(), context.end(), b, experiment ? LEAST : 0);
      if (found > 0) {
        return Errno.EEXIST.negated();
      }
      if (found == TcpOptions.ENDED) {
        return Errno.ENOSPC.negated();
      }
      if (found != TcpOptions.ABSENT) {
        return Errno.EFAULT.negated();
      }
      context.append(b, length);
      return 0;
    }
  },

  RESERVE_HDR_OPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SocketOperationContext context)
          || context.operation() != SocketOperationContext.LENGTH) {
        return Errno.EPERM.negated();
      }
      long length = b & 0xffff_ffffL;
      if (c != 0 || length < LEAST) {
        return Errno.EINVAL.negated();
      }
      if (length > context.remaining()) {
        return Errno.ENOSPC.negated();
      }
      context.reserve((int) length);
      return 0;
    }
  };

  /// Kind and length: what every option but fillers has.
  private static final int LEAST = 2;

  /// `BPF_LOAD_HDR_OPT_TCP_SYN`.
  private static final long OF_SYN = 1;

  private static final int TCP_LEVEL = 6;
  private static final int TCP_HEADER = 20;

  /// `TCP_BPF_SYN`.
  private static final int SAVED_SYN = 1005;

  /// From the SYN that opened the connection, if the socket has saved it.
  private static long ofSyn(Run run, long to, long size, int magic) {
    Optional<byte[]> syn = run.environment().socketOption(new SocketOption(TCP_LEVEL, SAVED_SYN));
    if (syn.isEmpty()) {
      return Errno.ENOENT.negated();
    }
    byte[] header = syn.get();
    try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
      long copy = arena.allocate(Math.max(header.length, TCP_HEADER)).address();
      Memory.copy(header, 0, copy, header.length);
      return load(copy + TCP_HEADER, copy + header.length, to, size, magic);
    }
  }

  /// Copies an option over what describes it; its length, or `ENOSPC` if it was cut.
  private static long load(long from, long end, long to, long size, int magic) {
    long found = TcpOptions.find(from, end, to, magic);
    if (found <= 0) {
      return found == TcpOptions.BROKEN ? Errno.EFAULT.negated() : Errno.ENOMSG.negated();
    }
    int length = TcpOptions.length(found);
    Memory.copy(found, to, Math.min(length, size));
    return length > size ? Errno.ENOSPC.negated() : length;
  }
}
