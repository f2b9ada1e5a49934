package org.ebpf4j.runtime.internal.host;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Link;
import org.ebpf4j.LoadException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Hook;
import org.ebpf4j.runtime.ProgramTypeDefinition;

/// A hook of an application. The attached programs are an immutable list that changes as a whole:
/// who fires sees either the old or the new one.
///
/// @param <C> what programs are given
public final class JvmHook<C extends Record> implements Hook<C> {
  private final RuntimeHost host;
  private final ProgramTypeDefinition<C> type;
  private volatile List<JvmLink> links = List.of();

  public JvmHook(RuntimeHost host, ProgramTypeDefinition<C> type) {
    this.host = host;
    this.type = type;
  }

  @Override
  public Link attach(BpfProgram program) {
    JvmProgram own = checked(program);
    JvmLink link = new JvmLink(own);
    own.attached(link);
    synchronized (this) {
      List<JvmLink> more = new ArrayList<>(links);
      more.add(link);
      links = List.copyOf(more);
    }
    if (!link.attached) {
      detach(link);
    }
    return link;
  }

  private JvmProgram checked(BpfProgram program) {
    if (!(program instanceof JvmProgram own) || own.host() != host) {
      throw new LoadException(
          "program " + program.name(), Errno.EINVAL, "it is not loaded in this host");
    }
    if (!own.type().equals(new RuntimeProgramType.OfApplication(type))) {
      throw new LoadException(
          "program " + program.name(),
          Errno.EINVAL,
          "it is of type %s, and the hook takes %s".formatted(own.type().name(), type.name()));
    }
    return own;
  }

  @Override
  public long fire(C context, long pass) {
    long verdict = pass;
    for (JvmLink link : links) {
      verdict = link.fire(context, pass);
      if (verdict != pass) {
        break;
      }
    }
    return verdict;
  }

  private synchronized void detach(JvmLink link) {
    List<JvmLink> fewer = new ArrayList<>(links);
    fewer.remove(link);
    links = List.copyOf(fewer);
  }

  /// One attached program. It changes under its own lock; who fires reads it without.
  private final class JvmLink implements Link, JvmProgram.Attachment {
    private volatile JvmProgram program;
    private volatile boolean attached = true;

    JvmLink(JvmProgram program) {
      this.program = program;
    }

    /// Runs the program, or passes if it was detached since the list of links was read. One that
    /// another has replaced may be closed before it has begun: then the other runs.
    long fire(C context, long pass) {
      while (attached) {
        JvmProgram now = program;
        try {
          return now.fire(type.codec(), context);
        } catch (IllegalStateException closed) {
          if (attached && program == now) {
            throw closed;
          }
        }
      }
      return pass;
    }

    @Override
    public BpfProgram program() {
      return program;
    }

    @Override
    public synchronized void replace(BpfProgram next) {
      JvmProgram own = checked(next);
      if (!attached) {
        throw new IllegalStateException("the link is closed");
      }
      own.attached(this);
      JvmProgram old = program;
      program = own;
      if (old != own) {
        old.detached(this);
      }
    }

    @Override
    public synchronized void ended(JvmProgram closed) {
      if (program == closed) {
        close();
      }
    }

    @Override
    public synchronized void close() {
      attached = false;
      program.detached(this);
      detach(this);
    }
  }
}
