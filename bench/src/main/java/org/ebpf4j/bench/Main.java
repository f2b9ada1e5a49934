package org.ebpf4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// Runs the benchmarks and writes the page of figures; `run.sh` starts it.
public final class Main {
  private static final String QUICK = "--quick";

  private static final List<String> ONE_THREAD =
      List.of("EmptyRun", "ExamplePackets", "RingBufferThroughput", "CaptureReading");

  private static final List<String> ONE_AND_TWO_THREADS =
      List.of(
          "ConcurrentHashMapOperations",
          "KeylessMaps",
          "MapOperations",
          "MapReplacements",
          "PlainCounting",
          "ProgramScaling");

  private Main() {}

  /// @param args the page to write, the jar of the command, and `--quick` for one short fork of
  ///   each benchmark
  public static void main(String[] args) throws RunnerException, IOException, InterruptedException {
    boolean quick = Arrays.asList(args).contains(QUICK);
    Path page = Path.of(args[0]);
    Path command = Path.of(args[1]);
    Machine before = Machine.here();
    List<RunResult> results = new ArrayList<>();
    results.addAll(run(quick, 1, ONE_THREAD));
    results.addAll(run(quick, 1, ONE_AND_TWO_THREADS));
    results.addAll(run(quick, 2, ONE_AND_TWO_THREADS));
    Path home = Path.of(System.getProperty("ebpf4j.home", ""));
    List<MeasuredPrograms.Table> programs = MeasuredPrograms.measure(home, command, quick);
    List<MeasuredPrograms.Table> unverified =
        MeasuredPrograms.measureUnverified(home, command, quick);
    List<CompilerCost.Cost> costs = CompilerCost.measure(home);
    List<CompilerCost.Growth> growth = CompilerCost.grow(home);
    List<CaptureMemory.Peak> peaks = CaptureMemory.measure(command);
    String text =
        new PerformancePage(before, Machine.here(), quick ? "bench/run.sh --quick" : "bench/run.sh")
            .addPrograms(programs)
            .addUnverified(unverified)
            .addCosts(costs, growth)
            .add(results)
            .add(peaks)
            .toString();
    Files.writeString(page, text);
  }

  private static List<RunResult> run(boolean quick, int threads, List<String> classes)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .threads(threads)
            .forks(quick ? 1 : 2)
            .warmupIterations(quick ? 1 : 3)
            .measurementIterations(quick ? 2 : 4)
            .warmupTime(time(quick))
            .measurementTime(time(quick))
            .shouldFailOnError(true)
            .jvmArgsAppend(
                "--enable-native-access=ALL-UNNAMED",
                "-Debpf4j.home=" + System.getProperty("ebpf4j.home", ""));
    for (String name : classes) {
      options.include("\\." + name + "\\.");
    }
    return List.copyOf(new Runner(options.build()).run());
  }

  private static TimeValue time(boolean quick) {
    return quick ? TimeValue.milliseconds(300) : TimeValue.seconds(1);
  }
}
