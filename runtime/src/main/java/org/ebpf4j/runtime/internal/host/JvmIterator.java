package org.ebpf4j.runtime.internal.host;

import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.RunException;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.IteratorContext;
import org.ebpf4j.runtime.internal.context.SequenceText;
import org.ebpf4j.runtime.internal.host.Visits.Visit;
import org.jspecify.annotations.Nullable;

/// An iteration under way. It goes on when the text it has is read.
///
/// Source: `bpf_seq_read` in Linux 6.18's `kernel/bpf/bpf_iter.c`.
final class JvmIterator extends InputStream {
  private final JvmProgram program;
  private final JvmRunner runner;
  private final IteratorContext context;
  private final Visits visits;
  private @Nullable Visit current;
  private long number;
  private byte[] text = {};
  private int at;
  private boolean ended;

  private JvmIterator(
      JvmProgram program, JvmRunner runner, IteratorContext context, Visits visits) {
    this.program = program;
    this.runner = runner;
    this.context = context;
    this.visits = visits;
    this.current = next();
  }

  static JvmIterator open(JvmProgram program, IteratorTarget target) {
    if (!program.spec().kind().attach().equals(Optional.of(AttachType.TRACE_ITER))) {
      throw new RunException(
          program.name(),
          Errno.EINVAL,
          "it is no iterator: those are in sections such as iter/bpf_map_elem");
    }
    JvmRunner runner = program.iteratorRunner();
    Optional<Visits> visits = Optional.empty();
    boolean opened = false;
    try {
      IteratorContext context = runner.iteratorContext();
      visits = Optional.of(Visits.of(program, target, context));
      JvmIterator iterator = new JvmIterator(program, runner, context, visits.get());
      opened = true;
      return iterator;
    } finally {
      if (!opened) {
        runner.close();
        visits.ifPresent(Visits::close);
      }
    }
  }

  private @Nullable Visit next() {
    return visits.things().hasNext() ? visits.things().next() : null;
  }

  @Override
  public synchronized int read() {
    return fill() ? text[at++] & 0xff : -1;
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
    int count = Math.min(length, text.length - at);
    System.arraycopy(text, at, to, offset, count);
    at += count;
    return count;
  }

  @Override
  public synchronized int available() {
    return text.length - at;
  }

  /// Sees that there is text to read; `false` at the end.
  private boolean fill() {
    while (at == text.length) {
      if (ended) {
        return false;
      }
      runner.handOver();
      context.text().truncate(0);
      goOn(context.text());
      text = context.text().toBytes();
      at = 0;
    }
    return true;
  }

  /// Shows one thing after the other until the text is full.
  private void goOn(SequenceText written) {
    while (current != null) {
      int before = written.length();
      context.number(number);
      current.show(context);
      boolean again = runner.runAnew() != 0;
      if (again || written.overflowed()) {
        takeBack(written, before, again);
        return;
      }
      current = next();
      if (current != null) {
        number++;
      }
    }
    int before = written.length();
    context.number(number);
    context.showEnd();
    runner.runAnew();
    if (written.overflowed()) {
      takeBack(written, before, false);
    } else {
      ended = true;
    }
  }

  /// Forgets what the last run wrote: the same thing is shown at the next read.
  ///
  /// @param asked whether the program asked for that
  private void takeBack(SequenceText written, int before, boolean asked) {
    written.truncate(before);
    if (before > 0) {
      return;
    }
    if (asked) {
      throw new RunException(
          program.name(), Errno.EAGAIN, "it returned 1, which asks to be shown the same again");
    }
    throw new RunException(
        program.name(),
        Errno.E2BIG,
        "it wrote more than %d bytes for one thing".formatted(SequenceText.CAPACITY - 1));
  }

  @Override
  public synchronized void close() {
    ended = true;
    at = text.length;
    runner.close();
    visits.close();
  }
}
