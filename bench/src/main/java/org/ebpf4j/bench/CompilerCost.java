package org.ebpf4j.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// What the compiler takes: time, and memory for classes; and whether loading and unloading leaves
/// anything behind.
///
/// Time is the processor's for what loading takes more than for the interpreter, once both are
/// warm: finding facts, writing the class and defining it. Both are loaded in turn, and the figure
/// is the median of their differences, for verification takes longer than all this, and varies.
/// HotSpot's own compilers come later, and beside the runs.
final class CompilerCost {
  /// Pairs of loads before those that count.
  private static final int FIRST_PAIRS = 20;

  /// Pairs of loads that a figure is the median of.
  private static final int PAIRS = 41;

  /// Programs held at once, of which one's share of memory is taken.
  private static final int HELD = 20;

  private static final int FIRST_ROUNDS = 1000;
  private static final int ALL_ROUNDS = 10_000;

  private static final List<String> OBJECTS =
      List.of(
          "examples/firewall/firewall.bpf.o",
          "examples/balancer/balancer.bpf.o",
          "bench/target/programs/straight1000.bpf.o",
          "bench/target/programs/straight20000.bpf.o",
          "bench/target/programs/branchy250.bpf.o",
          "bench/target/programs/branchy1000.bpf.o");

  private CompilerCost() {}

  /// What one object takes.
  ///
  /// @param instructions of all its programs
  /// @param compileMillis for all of them
  /// @param classBytes of Metaspace and compressed class space
  record Cost(String object, long instructions, double compileMillis, long classBytes) {}

  /// What is there after rounds of loading, running and closing the firewall.
  record Growth(int rounds, long classBytes, int classes) {}

  /// Measures those objects that are there.
  static List<Cost> measure(Path home) {
    List<Cost> costs = new ArrayList<>();
    for (String object : OBJECTS) {
      if (Files.exists(home.resolve(object))) {
        costs.add(cost(object, CollectionReader.read(home.resolve(object))));
        System.out.println(costs.getLast());
      }
    }
    return costs;
  }

  private static Cost cost(String object, CollectionSpec spec) {
    long instructions =
        spec.programs().values().stream().mapToLong(program -> program.bytecode().size()).sum();
    double compileMillis = compileMillis(spec);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build()) {
      List<LoadedCollection> held = new ArrayList<>();
      held.add(host.load(spec));
      long before = classBytes();
      for (int i = 0; i < HELD; i++) {
        held.add(host.load(spec));
      }
      long each = (classBytes() - before) / HELD;
      held.forEach(LoadedCollection::close);
      return new Cost(object, instructions, compileMillis, each);
    }
  }

  private static double compileMillis(CollectionSpec spec) {
    double[] millis = new double[PAIRS];
    for (int i = -FIRST_PAIRS; i < PAIRS; i++) {
      double difference = -loadMillis(Engine.INTERPRETER, spec) + loadMillis(Engine.JIT, spec);
      if (i >= 0) {
        millis[i] = difference;
      }
    }
    Arrays.sort(millis);
    return millis[PAIRS / 2];
  }

  private static double loadMillis(Engine engine, CollectionSpec spec) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build()) {
      long start = threads.getCurrentThreadCpuTime();
      LoadedCollection loaded = host.load(spec);
      double millis = (threads.getCurrentThreadCpuTime() - start) / 1e6;
      loaded.close();
      return millis;
    }
  }

  /// Loads and closes the firewall ten thousand times.
  static List<Growth> grow(Path home) {
    CollectionSpec spec = CollectionReader.read(home.resolve(OBJECTS.getFirst()));
    List<Growth> growth = new ArrayList<>();
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build()) {
      for (int round = 1; round <= ALL_ROUNDS; round++) {
        try (LoadedCollection loaded = host.load(spec)) {
          for (ProgramSpec program : spec.programs().values()) {
            loaded.program(program.name()).run(org.ebpf4j.RunInput.packet(new byte[64]));
          }
        }
        if (round == FIRST_ROUNDS || round == ALL_ROUNDS) {
          growth.add(
              new Growth(
                  round,
                  classBytes(),
                  ManagementFactory.getClassLoadingMXBean().getLoadedClassCount()));
          System.out.println(growth.getLast());
        }
      }
    }
    return growth;
  }

  private static long classBytes() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().contains("Metaspace") || pool.getName().contains("Class"))
        .map(MemoryPoolMXBean::getUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
