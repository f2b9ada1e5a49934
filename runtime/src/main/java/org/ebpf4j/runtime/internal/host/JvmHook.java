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
    JvmLink link = new JvmLink(checked(program));
    synchronized (this) {
      List<JvmLink> more = new ArrayList<>(links);
      more.add(link);
      links = List.copyOf(more);
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
      verdict = link.fire(context);
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

  /// One attached program.
  private final class JvmLink implements Link {
    private volatile JvmProgram program;

    JvmLink(JvmProgram program) {
      this.program = program;
    }

    long fire(C context) {
      return program.fire(type.codec(), context);
    }

    @Override
    public BpfProgram program() {
      return program;
    }

    @Override
    public void replace(BpfProgram next) {
      program = checked(next);
    }

    @Override
    public void close() {
      detach(this);
    }
  }
}
