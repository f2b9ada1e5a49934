package org.ebpf4j.conformance.twin;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.MapSpec;

/// Measures the Linux host beside libbpf, in turns, and prints how they compare: lookups and
/// batches in a map of 10,000 elements (4 bytes of key, 8 of value), and loading an object of 5,000
/// instructions from its file.
///
/// A figure is the median of the rounds, a ratio that of the ratios in each round, after others
/// that only warm up. Exit code 1 says that a ratio misses its aim.
public final class TwinComparison {
  private static final int ELEMENTS = 10_000;
  private static final int BATCH = 1000;

  /// Rounds that only warm up: the compiler is done with all of loading after a thousand loads.
  private static final int WARM_UP = 50;

  private static final int ROUNDS = 15;

  private TwinComparison() {}

  /// @param args the folder of the module `conformance`
  public static void main(String[] args) throws IOException {
    switch (Twin.build(Path.of(args.length > 0 ? args[0] : "."))) {
      case Twin.Build.Missing(String reason) -> {
        System.err.println(reason);
        System.exit(2);
      }
      case Twin.Build.Built(Twin twin) -> System.exit(compare(twin) ? 0 : 1);
    }
  }

  private static boolean compare(Twin twin) throws IOException {
    try (LinuxHost host = LinuxHost.open();
        LinuxMap map = filled(host);
        Libbpf libbpf = new Libbpf(twin)) {
      Path object = twin.largeObject();
      boolean lookups =
          print("map lookups", 200_000, libbpf, "lookup", n -> timeLookups(map, n), 0.8);
      boolean batches =
          print("whole maps by batches", 30, libbpf, "batch", n -> timeBatches(map, n), 0.9);
      boolean loads =
          print(
              "loads of 5,000 instructions",
              30,
              libbpf,
              "load " + object,
              n -> timeLoads(host, object, n),
              1 / 1.2);
      return lookups && batches && loads;
    }
  }

  /// Measures one thing and prints a line; `false` if the ratio of operations per second is below
  /// the aim.
  private static boolean print(
      String what, int count, Libbpf libbpf, String command, IntToLongFunction ours, double aim) {
    for (int i = 0; i < WARM_UP; i++) {
      long _ = ours.applyAsLong(count);
    }
    libbpf.time(command, count);
    long[] mine = new long[ROUNDS];
    long[] theirs = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      mine[i] = ours.applyAsLong(count);
      theirs[i] = libbpf.time(command, count);
    }
    double ratio = medianRatio(theirs, mine);
    System.out.printf(
        "%-28s  ebpf4j %,12.0f/s  libbpf %,12.0f/s  ratio of rates %.2f (aim %.2f)  of times"
            + " %.2f%n",
        what, perSecond(count, mine), perSecond(count, theirs), ratio, aim, 1 / ratio);
    return ratio >= aim;
  }

  private static double perSecond(int count, long[] nanoseconds) {
    return count * 1e9 / median(nanoseconds);
  }

  /// Of each round by itself: what else the machine does slows both sides of a round down.
  private static double medianRatio(long[] theirs, long[] mine) {
    double[] ratios = new double[ROUNDS];
    Arrays.setAll(ratios, i -> (double) theirs[i] / mine[i]);
    Arrays.sort(ratios);
    return ratios[ROUNDS / 2];
  }

  private static double median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static LinuxMap filled(LinuxHost host) {
    LinuxMap map = host.createMap(MapSpec.of("twin", MapType.HASH, 4, 8, ELEMENTS));
    List<BpfMap.Entry> entries = new ArrayList<>();
    for (int i = 0; i < ELEMENTS; i++) {
      entries.add(new BpfMap.Entry(buffer(4).putInt(i).array(), buffer(8).putLong(i).array()));
    }
    map.updateBatch(entries, BpfMap.ANY);
    return map;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  private static long timeLookups(BpfMap map, int count) {
    byte[] bytes = new byte[4];
    ByteBuffer key = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    long sum = 0;
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      key.putInt(0, i % ELEMENTS);
      byte[] value = map.lookup(bytes).orElseThrow();
      sum += value[0];
    }
    return sum == 0 ? -1 : System.nanoTime() - start;
  }

  /// In place, as the twin reads them.
  private static long timeBatches(LinuxMap map, int count) {
    long[] sum = new long[1];
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      map.eachBatch(
          BATCH,
          (keys, values, found) -> {
            for (int j = 0; j < found; j++) {
              sum[0] += keys.getAtIndex(JAVA_INT, j) + values.getAtIndex(JAVA_LONG, j);
            }
          });
    }
    return sum[0] == 0 ? -1 : System.nanoTime() - start;
  }

  private static long timeLoads(LinuxHost host, Path object, int count) {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      try (LoadedCollection loaded = host.load(CollectionReader.read(object))) {
        loaded.program("large");
      }
    }
    return System.nanoTime() - start;
  }

  /// The twin, waiting for commands.
  private static final class Libbpf implements AutoCloseable {
    private final Process process;
    private final PrintWriter commands;
    private final BufferedReader answers;

    Libbpf(Twin twin) throws IOException {
      process =
          new ProcessBuilder(twin.command("time"))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
      answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    long time(String command, int count) {
      commands.println(command + " " + count);
      try {
        return Long.parseLong(
            Optional.ofNullable(answers.readLine())
                .orElseThrow(() -> new IllegalStateException("the twin has ended")));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      commands.println("end");
      process.destroy();
    }
  }
}
