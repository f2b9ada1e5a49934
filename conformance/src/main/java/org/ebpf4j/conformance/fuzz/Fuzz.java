package org.ebpf4j.conformance.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.ebpf4j.testkit.ProgramGenerator;
import org.ebpf4j.testkit.Settings;
import org.ebpf4j.testkit.TestProgram;

/// Checks programs of a range of seeds, on several threads.
public final class Fuzz {
  private final LongFunction<TestProgram> programs;
  private final Supplier<Check> checks;
  private final int threads;

  /// @param settings what sort of programs
  /// @param checks makes what checks them, once for each thread
  /// @param threads how many
  public Fuzz(Settings settings, Supplier<Check> checks, int threads) {
    this(seed -> ProgramGenerator.generate(seed, settings), checks, threads);
  }

  /// @param programs makes the program of a seed
  /// @param checks makes what checks them, once for each thread
  /// @param threads how many
  public Fuzz(LongFunction<TestProgram> programs, Supplier<Check> checks, int threads) {
    this.programs = programs;
    this.checks = checks;
    this.threads = threads;
  }

  /// Checks the programs of the seeds from `first` to `last`, or as many as time and findings
  /// allow.
  ///
  /// @param mostFindings after how many findings to stop
  /// @param seconds after how long to stop
  public Tally run(long first, long last, int mostFindings, long seconds) {
    AtomicLong next = new AtomicLong(first);
    AtomicLong found = new AtomicLong();
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    Tally all = new Tally();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Tally>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        parts.add(
            pool.submit(() -> {
              Tally tally = new Tally();
              try (Check check = checks.get()) {
                for (long seed = next.getAndIncrement();
                    seed <= last && found.get() < mostFindings && System.nanoTime() < end;
                    seed = next.getAndIncrement()) {
                  int before = tally.findings().size();
                  check.check(programs.apply(seed), tally);
                  found.addAndGet(tally.findings().size() - before);
                }
              }
              return tally;
            }));
      }
      for (Future<Tally> part : parts) {
        all.add(part.get());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException failed) {
      throw new IllegalStateException("a check failed", failed.getCause());
    }
    return all;
  }
}
