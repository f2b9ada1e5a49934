package org.ebpf4j.conformance.tables;

import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict.Accepted;
import org.ebpf4j.linux.Verdict.Refused;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;

/// Who says whether a program may be loaded.
public sealed interface Judge {

  /// Why the one program of a collection is refused; empty if it is accepted.
  Optional<String> refusal(CollectionSpec spec);

  /// The running kernel.
  record Kernel(LinuxHost host) implements Judge {
    @Override
    public Optional<String> refusal(CollectionSpec spec) {
      String name = spec.programs().keySet().iterator().next();
      try (VerdictSession session =
          host.verdicts(spec, LoadOptions.defaults(), LinuxLoadOptions.defaults())) {
        return switch (session.verdict(name, 0, 1)) {
          case Accepted accepted -> Optional.empty();
          case Refused refused -> Optional.of(refused.reason());
        };
      } catch (LoadException e) {
        return Optional.of(e.summary());
      }
    }
  }

  /// The verifier of this project, which reads the tables of `core`.
  record Tables(VerifierOptions options) implements Judge {
    @Override
    public Optional<String> refusal(CollectionSpec spec) {
      return switch (Verifier.verify(spec.programs().values().iterator().next(), spec, options)) {
        case Verdict.Accepted accepted -> Optional.empty();
        case Verdict.Refused refused -> Optional.of(refused.diagnosis().message());
        case Verdict.NotJudged notJudged -> Optional.of(notJudged.reason());
      };
    }
  }
}
