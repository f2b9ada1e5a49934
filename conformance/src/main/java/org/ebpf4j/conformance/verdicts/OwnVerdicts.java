package org.ebpf4j.conformance.verdicts;

import java.util.Arrays;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;

/// Asks this project's verifier about the programs of an object.
public final class OwnVerdicts {
  private final CollectionSpec collection;
  private final CoreRelocator relocator;
  private final VerifierOptions options;
  private final int rounds;

  /// @param options with the types of the kernel that is meant
  /// @param rounds how often each program is judged; the time is the median of the later half
  public OwnVerdicts(CollectionSpec collection, VerifierOptions options, int rounds) {
    this.collection = collection;
    this.relocator = new CoreRelocator(collection.btf(), options.kernelTypes().orElseThrow());
    this.options = options;
    this.rounds = rounds;
  }

  /// The verdict on a program.
  public Judgement of(ProgramSpec program) {
    ProgramSpec relocated;
    try {
      relocated = relocator.relocate(program).program();
    } catch (CoreRelocationException e) {
      return new Judgement("error", String.valueOf(e.getMessage()), "", 0, 0);
    }
    long[] nanos = new long[rounds];
    Verdict verdict = Verifier.verify(relocated, collection, options);
    for (int i = 0; i < rounds; i++) {
      long start = System.nanoTime();
      verdict = Verifier.verify(relocated, collection, options);
      nanos[i] = System.nanoTime() - start;
    }
    return judgement(verdict, median(nanos) / 1000);
  }

  private static long median(long[] nanos) {
    long[] later = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
    Arrays.sort(later);
    return later.length == 0 ? 0 : later[later.length / 2];
  }

  private static Judgement judgement(Verdict verdict, long micros) {
    return switch (verdict) {
      case Verdict.Accepted accepted ->
          new Judgement(Judgement.ACCEPT, "", "", accepted.instructionsProcessed(), micros);
      case Verdict.Refused refused ->
          new Judgement(
              Judgement.REJECT,
              refused.diagnosis().message(),
              refused.diagnosis().errno().name(),
              refused.instructionsProcessed(),
              micros);
      case Verdict.NotJudged not ->
          new Judgement("error", not.reason(), "", not.instructionsProcessed(), micros);
    };
  }
}
