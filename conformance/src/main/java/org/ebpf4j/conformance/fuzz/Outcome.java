package org.ebpf4j.conformance.fuzz;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunResult;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.testkit.TestInput;
import org.ebpf4j.testkit.TestProgram;

/// What the runs of a program did, so that two hosts or engines can be compared.
///
/// @param lines the result and the packet of each run, then the elements of the maps
/// @param fault the fault that ended the last run, if one did
public record Outcome(List<String> lines, Optional<ProgramFault> fault) {
  private static final HexFormat HEX = HexFormat.of();
  private static final int RUNS_ELSEWHERE = 24;

  /// What a line about a fault begins with.
  static final String FAULT = "fault ";

  /// What is to be done with something that was kept.
  private interface Closing {
    void close();
  }

  public Outcome {
    lines = List.copyOf(lines);
  }

  /// Loads a program and runs it on all its inputs, one after the other.
  public static Outcome of(Host host, TestProgram program, LoadOptions options) {
    try (LoadedCollection loaded = host.load(program.collection(), options)) {
      return of(loaded, program);
    }
  }

  /// The same with other addresses: while the program is loaded another time, and on a thread of
  /// its own, which has another stack in the kernel.
  static Outcome elsewhere(Host host, TestProgram program, LoadOptions options) {
    try (LoadedCollection _ = host.load(program.collection(), options)) {
      FutureTask<Outcome> run = new FutureTask<>(() -> of(host, program, options));
      Thread.ofPlatform().start(run);
      return run.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("a run on another thread failed", e);
    }
  }

  /// As [#of(Host, TestProgram, LoadOptions)], but goes on after faults, which are lines like
  /// results, up to one that used up its budget: what such a run left behind is up to the engine.
  static Outcome ofAllRuns(Host host, TestProgram program, LoadOptions options) {
    try (LoadedCollection loaded = host.load(program.collection(), options)) {
      return of(loaded, program, true);
    }
  }

  private static Outcome of(LoadedCollection loaded, TestProgram program) {
    return of(loaded, program, false);
  }

  private static Outcome of(LoadedCollection loaded, TestProgram program, boolean onward) {
    program
        .contents()
        .forEach((map, entries) ->
            entries.forEach(entry -> loaded.map(map).update(entry.key(), entry.value())));
    List<String> lines = new ArrayList<>();
    // These cannot change it, and Linux's test run gives it without its link header.
    boolean packet = program.program().kind().type().orElseThrow() != ProgramType.SOCKET_FILTER;
    BpfProgram running = loaded.program(TestProgram.NAME);
    for (TestInput input : program.inputs()) {
      try {
        RunResult result = running.run(input.toRunInput());
        lines.add((int) result.returnValue() + (packet ? " " + HEX.formatHex(result.data()) : ""));
      } catch (RunException refused) {
        lines.add("no run: " + refused.errno());
      } catch (ProgramFault fault) {
        if (!onward || fault.kind() == ProgramFault.Kind.BUDGET) {
          return new Outcome(lines, Optional.of(fault));
        }
        lines.add(
            "%s%s at %d: %s".formatted(FAULT, fault.kind(), place(fault), general(fault.detail())));
      }
    }
    elements(loaded, lines);
    return new Outcome(lines, Optional.empty());
  }

  /// A fault's text without what differs from run to run: addresses, and what lies near them.
  private static String general(String detail) {
    return detail
        .replaceAll("0x[0-9a-f]+", "0x…")
        .replaceAll(
            "(just|\\d+ bytes?) (past the end of|before) .*|no region of this run is near", "…");
  }

  /// Whether both did the same, and faulted at the same instruction if they did.
  boolean sameAs(Outcome other) {
    return lines.equals(other.lines)
        && fault.map(ProgramFault::kind).equals(other.fault.map(ProgramFault::kind))
        && fault.map(Outcome::place).equals(other.fault.map(Outcome::place));
  }

  /// Whether this is the same as far as the other came before its budget was used up. Proven
  /// programs that are compiled have none.
  boolean goesOnFrom(Outcome other) {
    return other.fault.filter(f -> f.kind() == ProgramFault.Kind.BUDGET).isPresent()
        && lines.size() > other.lines.size()
        && lines.subList(0, other.lines.size()).equals(other.lines);
  }

  /// Where a fault happened. One that happened at the end, happened nowhere; and where the budget
  /// is used up is up to the engine, as compiled code pays for a block with calls before it makes
  /// them.
  private static int place(ProgramFault fault) {
    return switch (fault.kind()) {
      case LEAK, BUDGET -> -1;
      default -> fault.slot();
    };
  }

  /// Whether a program, whose outcome in the interpreter this is, does something else where its
  /// memory has other addresses.
  ///
  /// What was freed after one run is often given to the next one, and a program may look at a
  /// single bit of an address. So there are many more runs, and what they used is kept until the
  /// last is over.
  ///
  /// @param instructions that one run may execute
  boolean dependsOnAddresses(TestProgram program, long instructions) {
    return dependsOnAddresses(
        program, () -> SoundnessCheck.newHost(Engine.INTERPRETER, instructions), false);
  }

  /// The same for an outcome of [#ofAllRuns].
  ///
  /// @param hosts makes hosts like the one that it was run in
  boolean differsElsewhere(TestProgram program, Supplier<Host> hosts) {
    return dependsOnAddresses(program, hosts, true);
  }

  private boolean dependsOnAddresses(TestProgram program, Supplier<Host> hosts, boolean onward) {
    LoadOptions unverified = LoadOptions.defaults().withUnverified(true);
    Deque<Closing> kept = new ArrayDeque<>();
    try {
      for (int i = 0; i < RUNS_ELSEWHERE; i++) {
        Host other = hosts.get();
        kept.push(other::close);
        LoadedCollection loaded = other.load(program.collection(), unverified);
        kept.push(loaded::close);
        if (!sameAs(of(loaded, program, onward))) {
          return true;
        }
      }
      return false;
    } finally {
      for (Closing closing : kept) {
        closing.close();
      }
    }
  }

  /// The first line that differs, and the fault of the first.
  static String difference(Outcome first, Outcome second) {
    String fault =
        first.fault().map(f -> "; fault: " + f.getMessage()).orElse("")
            + second.fault().map(f -> "; other fault: " + f.getMessage()).orElse("");
    for (int i = 0; i < Math.max(first.lines.size(), second.lines.size()); i++) {
      String ours = i < first.lines.size() ? first.lines.get(i) : "nothing";
      String theirs = i < second.lines.size() ? second.lines.get(i) : "nothing";
      if (!ours.equals(theirs)) {
        return "line %d: %s, not %s%s".formatted(i, ours, theirs, fault);
      }
    }
    return "no difference" + fault;
  }

  /// What the maps of a collection hold, as lines.
  static void elements(LoadedCollection loaded, List<String> lines) {
    loaded.maps().values().forEach(map -> elements(map, lines));
  }

  private static void elements(BpfMap map, List<String> lines) {
    switch (map.type()) {
      case HASH, ARRAY, LRU_HASH, LPM_TRIE ->
          map.entries().stream()
              .map(entry -> line(map, entry.key(), entry.value()))
              .sorted()
              .forEach(lines::add);
      case PERCPU_ARRAY -> lines.add(map.name() + " " + sum(map));
      default -> {
        // Rings are read by nobody; what is in them is compared by what their reader gets.
      }
    }
  }

  private static String line(BpfMap map, byte[] key, byte[] value) {
    return map.name() + " " + HEX.formatHex(key) + " " + HEX.formatHex(value);
  }

  /// The values of all CPUs put together: which CPU a run met is up to the host.
  private static String sum(BpfMap map) {
    byte[] all = map.lookup(new byte[4]).orElseThrow();
    byte[] mixed = new byte[map.spec().valueSize()];
    for (int i = 0; i < all.length; i++) {
      mixed[i % mixed.length] ^= all[i];
    }
    return HEX.formatHex(mixed);
  }
}
