package org.ebpf4j.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.Host;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.RunException;
import org.ebpf4j.cli.option.EngineKind;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.cli.option.JsonOption;
import org.ebpf4j.cli.option.MemoryKind;
import org.ebpf4j.cli.option.ProgramOptions;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.linux.LinuxAvailability;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ebpf bench`: measures a program side by side in all ways to run it.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures a program: interpreter, compiler and Linux side by side.",
    footer = {
      "",
      "Each setting first runs by itself to get warm, longer than told while it still gets faster",
      "or HotSpot compiles, up to twenty times; then all take turns in short rounds. Figures are",
      "the median of the rounds, and what a tenth of them stayed under and over. A packet is given",
      "once and then run again and again as the program leaves it, as Linux's BPF_PROG_TEST_RUN",
      "does it; Linux takes its time itself, by the nanosecond. The last column is an empty program",
      "of the same type: what the host takes around each run. 'From 1 s' is how long runs took when",
      "they were slowest, the median of 10 ms, while the setting ran by itself, later than a second",
      "after loading began.",
      "Example: ebpf bench examples/firewall/firewall.bpf.o --pcap examples/captures/web.pcap",
    })
public final class BenchCommand implements Runnable {
  private static final double NANOS = 1e9;

  /// How much of the time to get warm an empty program gets.
  private static final int EMPTY_SHARE = 4;

  @Mixin private ProgramOptions program = new ProgramOptions();

  @Option(
      names = "--pcap",
      paramLabel = "IN",
      description = "A capture: its first 64 packets are run in turn.")
  private Optional<Path> capture = Optional.empty();

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      description = "Without a capture, the length of the one UDP packet to run on; default: 64.")
  private int size = 64;

  @Option(
      names = "--host",
      split = ",",
      paramLabel = "jvm|linux",
      description = "Where it runs; default: in this JVM, and in Linux where that is permitted.")
  private List<HostKind> hosts = List.of();

  @Option(
      names = "--engine",
      split = ",",
      paramLabel = "interpreter|jit|auto",
      description = "What executes instructions on the JVM host; default: the first two.")
  private List<EngineKind> engines = List.of();

  @Option(
      names = "--memory",
      split = ",",
      paramLabel = "segment|unsafe",
      description = "How compiled code accesses memory on the JVM host; default: each there is.")
  private List<MemoryKind> memories = List.of();

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "How long each setting runs by itself at first; default: 2.")
  private double warmUp = 2;

  @Option(
      names = "--time",
      paramLabel = "SECONDS",
      description = "How long the rounds take in all; default: 4.")
  private double time = 4;

  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--svg", paramLabel = "FILE", description = "Draws the figures, too.")
  private Optional<Path> svg = Optional.empty();

  private final Console console;
  private final List<String> notes = new ArrayList<>();

  public BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    if (!(warmUp >= 0) || !(time >= 0)) {
      throw new CommandException("--warm-up and --time are numbers of seconds, not below 0");
    }
    CollectionSpec spec = program.read();
    ProgramSpec chosen = program.choose(spec);
    List<byte[]> packets = BenchPackets.of(ProgramOptions.type(chosen), capture, size);
    BenchReport report =
        new BenchReport(spec.name(), chosen, packets, measure(spec, chosen, packets), notes);
    svg.ifPresent(file -> BenchPlot.write(report, file));
    if (json.isSet()) {
      BenchJson.print(report, console);
    } else {
      BenchText.print(report, console);
    }
  }

  private List<BenchRow> measure(CollectionSpec spec, ProgramSpec chosen, List<byte[]> packets) {
    LoadOptions options = program.load(spec, chosen);
    CollectionSpec empty = EmptyProgram.like(chosen);
    BenchRounds rounds = new BenchRounds();
    List<BenchSubject> subjects = new ArrayList<>();
    List<BenchWarmUp> warmUps = new ArrayList<>();
    try {
      for (BenchSetting setting : settings()) {
        Optional<BenchSubject> subject = subject(setting, spec, chosen.name(), options, packets);
        if (subject.isEmpty()) {
          continue;
        }
        Optional<BenchWarmUp> warm = warm(subject.get());
        if (warm.isEmpty()) {
          continue;
        }
        subjects.add(subject.get());
        warmUps.add(warm.get());
        rounds.add(subject.get(), warmUps.getLast().runNanos());
        BenchSubject around =
            new BenchSubject(
                setting,
                () -> host(setting),
                empty,
                EmptyProgram.NAME,
                LoadOptions.defaults(),
                packets);
        subjects.add(around);
        long shorter = (long) (warmUp * NANOS / EMPTY_SHARE);
        rounds.add(around, new BenchWarmUp(around, shorter).runNanos());
      }
      if (warmUps.isEmpty()) {
        throw new CommandException("nothing to measure: " + String.join("; ", notes));
      }
      rounds.measure((long) (time * NANOS));
      return rows(subjects, warmUps, rounds);
    } finally {
      subjects.forEach(BenchSubject::close);
    }
  }

  private static List<BenchRow> rows(
      List<BenchSubject> subjects, List<BenchWarmUp> warmUps, BenchRounds rounds) {
    List<BenchRow> rows = new ArrayList<>();
    for (int i = 0; i < warmUps.size(); i++) {
      BenchSubject subject = subjects.get(2 * i);
      BenchWarmUp first = warmUps.get(i);
      BenchSpread run = rounds.spread(2 * i);
      rows.add(
          new BenchRow(
              subject.setting(),
              subject.loadNanos(),
              first.firstRunNanos(),
              first.peakNanos(run.median()),
              first.slowestLater(),
              run,
              rounds.spread(2 * i + 1),
              first.points()));
    }
    return rows;
  }

  /// What can be measured. Where nobody asked, what does not work here is left out, and said.
  private Optional<BenchSubject> subject(
      BenchSetting setting,
      CollectionSpec spec,
      String name,
      LoadOptions options,
      List<byte[]> packets) {
    try {
      return Optional.of(
          new BenchSubject(setting, () -> host(setting), spec, name, options, packets));
    } catch (CommandException | LoadException missing) {
      boolean asked =
          setting.host() == HostKind.LINUX
              ? !hosts.isEmpty()
              : setting.memory().isPresent() ? !memories.isEmpty() : !engines.isEmpty();
      if (asked) {
        throw missing;
      }
      leaveOut(setting, missing);
      return Optional.empty();
    }
  }

  /// Runs it by itself. Linux has no test runs of some types of programs, and takes no run of
  /// others without a context.
  private Optional<BenchWarmUp> warm(BenchSubject subject) {
    boolean done = false;
    try {
      BenchWarmUp warm = new BenchWarmUp(subject, (long) (warmUp * NANOS));
      done = true;
      return Optional.of(warm);
    } catch (RunException untaken) {
      if (subject.setting().host() == HostKind.JVM || !hosts.isEmpty()) {
        throw untaken;
      }
      leaveOut(subject.setting(), untaken);
      return Optional.empty();
    } finally {
      if (!done) {
        subject.close();
      }
    }
  }

  private void leaveOut(BenchSetting setting, EbpfException reason) {
    notes.add(setting.label() + " left out: " + reason.getMessage());
  }

  private List<BenchSetting> settings() {
    List<BenchSetting> settings = new ArrayList<>();
    for (HostKind host : hosts.isEmpty() ? List.of(HostKind.values()) : hosts) {
      switch (host) {
        case JVM -> jvmSettings(settings);
        case LINUX -> linuxSetting(settings);
      }
    }
    return settings;
  }

  private void jvmSettings(List<BenchSetting> settings) {
    List<EngineKind> wanted =
        engines.isEmpty() ? List.of(EngineKind.INTERPRETER, EngineKind.JIT) : engines;
    for (EngineKind engine : wanted) {
      if (engine == EngineKind.INTERPRETER) {
        settings.add(new BenchSetting(HostKind.JVM, engine, Optional.empty()));
        continue;
      }
      for (MemoryKind memory : memories.isEmpty() ? List.of(MemoryKind.values()) : memories) {
        settings.add(new BenchSetting(HostKind.JVM, engine, Optional.of(memory)));
      }
    }
  }

  private void linuxSetting(List<BenchSetting> settings) {
    if (hosts.isEmpty()
        && LinuxAvailability.probe() instanceof LinuxAvailability.Unavailable unavailable) {
      notes.add("Linux left out: " + unavailable.reason());
      return;
    }
    settings.add(new BenchSetting(HostKind.LINUX, EngineKind.AUTO, Optional.empty()));
  }

  private static Host host(BenchSetting setting) {
    return switch (setting.host()) {
      case JVM -> {
        try {
          yield JvmHost.builder()
              .engine(setting.engine().engine())
              .memoryAccess(setting.memory().orElse(MemoryKind.SEGMENT).access())
              .build();
        } catch (IllegalArgumentException missing) {
          throw new CommandException(String.valueOf(missing.getMessage()), missing);
        }
      }
      case LINUX -> LinuxHost.open();
    };
  }
}
