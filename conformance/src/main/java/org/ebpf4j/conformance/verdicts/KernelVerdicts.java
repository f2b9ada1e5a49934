package org.ebpf4j.conformance.verdicts;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Asks the live kernel's verifier about the programs of an object. Needs root.
public final class KernelVerdicts implements AutoCloseable {
  /// `BPF_LOG_STATS`: nothing but the reason and figures, so that the log costs no time.
  private static final int STATISTICS = 4;

  private static final Pattern TIME = Pattern.compile("verification time (\\d+) usec");
  private static final Pattern PROCESSED = Pattern.compile("processed (\\d+) insns");

  private final VerdictSession session;

  /// @throws LoadException if what surrounds the programs is refused
  public KernelVerdicts(LinuxHost host, CollectionSpec collection) {
    this.session = host.verdicts(collection, LoadOptions.defaults(), LinuxLoadOptions.defaults());
  }

  /// The kernel's verdict on a program.
  public Judgement of(ProgramSpec program) {
    Verdict verdict;
    try {
      verdict = session.verdict(program.name(), 0, STATISTICS);
    } catch (LoadException e) {
      return new Judgement("fail", String.valueOf(e.getMessage()), "", 0, 0);
    }
    long processed = last(PROCESSED, verdict.log());
    long micros = last(TIME, verdict.log());
    return switch (verdict) {
      case Verdict.Accepted accepted -> new Judgement(Judgement.ACCEPT, "", "", processed, micros);
      case Verdict.Refused refused ->
          refused.errno() == Errno.EPERM && refused.log().isEmpty()
              ? new Judgement("eperm", "", "", 0, 0)
              : new Judgement(
                  Judgement.REJECT, refused.reason(), refused.errno().name(), processed, micros);
    };
  }

  private static long last(Pattern pattern, String log) {
    long found = 0;
    Matcher matcher = pattern.matcher(log);
    while (matcher.find()) {
      found = Long.parseLong(matcher.group(1));
    }
    return found;
  }

  @Override
  public void close() {
    session.close();
  }
}
