package org.ebpf4j.cli.run;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.EventFormat;
import org.ebpf4j.cli.output.MapFormat;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.cli.output.ValueStyle;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.spec.ProgramSpec;

/// Results of a run, for people.
final class RunText implements RunOutput {
  /// Elements shown of each map; `--json` has all.
  private static final int ELEMENTS = 20;

  /// Faults shown in full.
  private static final int FAULTS = 10;

  private final Console console;
  private final boolean packets;
  private final EventFormat events;
  private final HostKind host;
  private final String unit;
  private int faults;

  /// @param unit what is run over, in a word: packet or run
  RunText(Console console, boolean packets, EventFormat events, HostKind host, String unit) {
    this.console = console;
    this.packets = packets;
    this.events = events;
    this.host = host;
    this.unit = unit;
  }

  @Override
  public void packet(
      long index, long result, String verdict, MemorySegment after, Optional<ProgramFault> fault) {
    if (packets) {
      console.line("%s %d: %s, %d bytes", unit, index, full(verdict, result), after.byteSize());
    }
    if (fault.isPresent() && faults++ < FAULTS) {
      console.error("%s %d: %s".formatted(unit, index, fault.get().getMessage()));
    }
  }

  /// What a program writes into its context is all that some do.
  @Override
  public void context(long index, long result, String verdict, byte[] before, byte[] after) {
    boolean changed = !Arrays.equals(Arrays.copyOf(before, after.length), after);
    if (packets || changed) {
      console.line(
          "%s %d: %s, context %s0x%s",
          unit,
          index,
          full(verdict, result),
          changed ? "now " : "",
          HexFormat.of().formatHex(after));
    }
  }

  private static String full(String verdict, long result) {
    String number = String.valueOf(result);
    return verdict.equals(number) ? number : "%s (%s)".formatted(verdict, number);
  }

  @Override
  public void event(String map, int cpu, MemorySegment record) {
    console.line(
        "event %s%s: %s", map, cpu < 0 ? "" : " cpu " + cpu, events.text(record, ValueStyle.TEXT));
  }

  @Override
  public void printed(String line) {
    console.line("print: %s", line);
  }

  @Override
  public void note(String line) {
    console.note(line);
  }

  @Override
  public void end(
      ProgramSpec program,
      RunCounters counters,
      LoadedCollection collection,
      List<Iteration.Text> iterated,
      Optional<EbpfException> stopped) {
    console.line(
        "program %s (%s) of %s", program.name(), program.section(), collection.spec().name());
    if (counters.packets() > 0 || iterated.isEmpty()) {
      count(program, counters, collection);
    }
    MapFormat format = new MapFormat(collection.spec().btf(), ValueStyle.TEXT);
    for (BpfMap map : collection.maps().values()) {
      // Constants were the same before the run.
      if (MapFormat.hasElements(map) && !map.name().startsWith(".rodata")) {
        map(map, format.elements(map));
      }
    }
    for (Iteration.Text text : iterated) {
      console.line("iterator %s%s:", text.iteration().program(), over(text.iteration()));
      text.text().lines().forEach(line -> console.line("  %s", line));
    }
  }

  private void count(ProgramSpec program, RunCounters counters, LoadedCollection collection) {
    if (counters.overContexts()) {
      console.line("runs    %,d", counters.packets());
    } else {
      console.line("packets %,d, %,d bytes", counters.packets(), counters.bytes());
    }
    for (Map.Entry<String, Long> verdict : counters.verdicts().entrySet()) {
      console.line("  %-14s %,d", verdict.getKey(), verdict.getValue());
    }
    if (counters.faults() > 0) {
      console.line("  %-14s %,d", "faults", counters.faults());
    }
    if (!counters.overContexts()) {
      console.line(
          "changed %,d packets, %,d bytes", counters.changedPackets(), counters.changedBytes());
    }
    console.line(
        "time    %,d ns per %s, %,d at best (%s; --repeat measures better)",
        counters.nanosecondsPerRun(),
        counters.overContexts() ? "run" : "packet",
        counters.fastestNanoseconds(),
        switch (host) {
          case JVM -> collection.program(program.name()).execution().engine();
          case LINUX -> "Linux, the system call included";
        });
  }

  private static String over(Iteration iteration) {
    return iteration.map().map(name -> " over map " + name).orElse("");
  }

  private void map(BpfMap map, List<MapFormat.Element> elements) {
    if (elements.isEmpty() && map.name().startsWith(".")) {
      return; // global variables, all of them 0
    }
    console.line(
        "map     %s (%s): %s",
        map.name(),
        Names.of(map.type()),
        elements.isEmpty()
            ? "empty"
            : elements.size() + (elements.size() == 1 ? " element" : " elements"));
    elements.stream()
        .limit(ELEMENTS)
        .forEach(element -> console.line("  %s: %s", element.key(), element.value()));
    if (elements.size() > ELEMENTS) {
      console.line("  … and %d more (see --json)", elements.size() - ELEMENTS);
    }
  }

  /// Does nothing: everything is printed as it comes.
  @Override
  public void close() {}
}
