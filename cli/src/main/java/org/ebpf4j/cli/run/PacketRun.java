package org.ebpf4j.cli.run;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.cli.option.ProgramOptions;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Progress;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.net.capture.CaptureException;
import org.ebpf4j.net.capture.CaptureReader;
import org.ebpf4j.net.capture.CapturedPacket;
import org.ebpf4j.net.capture.LinkType;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Runs one program over a capture, packet by packet, or over contexts.
final class PacketRun implements AutoCloseable {
  /// Packets between two looks at rings that nobody waits for.
  private static final int POLL_EVERY = 16;

  private final RunOutput output;
  private final ProgramSpec program;
  private final ProgramType type;
  private final CaptureEnvironment environment;
  private final Runnable timers;
  private final LoadedCollection collection;
  private final Map<String, EventReader> readers = new LinkedHashMap<>();
  private final RunCounters counters = new RunCounters();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment before = arena.allocate(CaptureReader.MAX_PACKET);
  private LinkType linkType = LinkType.ETHERNET;

  /// Why the run ended before its input did.
  private Optional<EbpfException> stopped = Optional.empty();

  /// @param host where it runs; closed by the caller, after this
  /// @param environment its clock follows the capture
  PacketRun(
      Host host,
      CaptureEnvironment environment,
      CollectionSpec spec,
      ProgramSpec program,
      LoadOptions options,
      RunOutput output) {
    this.output = output;
    this.program = program;
    this.type = ProgramOptions.type(program);
    this.environment = environment;
    this.timers = host instanceof JvmHost jvm ? jvm::fireTimers : () -> {};
    this.collection = host.load(spec, options);
    for (BpfMap map : collection.maps().values()) {
      if (map.type() == MapType.RINGBUF || map.type() == MapType.PERF_EVENT_ARRAY) {
        readers.put(map.name(), map.events());
      }
    }
  }

  /// Fills the maps, before anything runs.
  void fill(InitialState state) {
    state.fill(collection);
  }

  /// Runs all packets. What comes out is written whole or not at all.
  ///
  /// @param context what each packet's context says beside the packet
  void over(Path capture, byte[] context, Optional<Path> out, int repeat) {
    try (CaptureReader reader = CaptureReader.open(capture);
        Runner runner = collection.program(program.name()).runner();
        Progress progress = Progress.of(reader);
        PassedPackets passed = new PassedPackets(out)) {
      if (context.length > runner.context().byteSize()) {
        throw new CommandException(
            "the context has %d bytes; programs of this type have one of %d"
                .formatted(context.length, runner.context().byteSize()));
      }
      try {
        while (reader.next()) {
          tellOf(reader.packet().linkType());
          one(reader.packet(), context, reader.packets() - 1, runner, passed, repeat);
          if (reader.packets() % POLL_EVERY == 0) {
            poll();
            progress.show(reader.bytesRead());
          }
        }
      } catch (CaptureException e) {
        // What was read before the damage counts, and is kept.
        stopped = Optional.of(e);
      } catch (RunException e) {
        stop("packet", reader.packets() - 1, e);
      }
      poll();
      passed.commit();
    }
  }

  /// Runs a program that takes no packets once for each context.
  void over(List<byte[]> contexts, int repeat) {
    BpfProgram runs = collection.program(program.name());
    try {
      for (byte[] context : contexts) {
        one(context, runs, repeat);
        poll();
      }
    } catch (RunException e) {
      stop("context", counters.packets(), e);
    }
  }

  private void one(byte[] context, BpfProgram runs, int repeat) {
    long index = counters.packets();
    RunInput input = RunInput.context(context).withRepeat(repeat);
    RunResult result;
    long start = System.nanoTime();
    try {
      result = runs.run(input);
    } catch (ProgramFault fault) {
      counters.contextFault();
      output.packet(index, 0, "FAULT", before.asSlice(0, 0), Optional.of(fault));
      return;
    }
    String verdict = Verdicts.name(type, result.returnValue());
    counters.context(verdict, System.nanoTime() - start, repeat);
    output.context(index, result.returnValue(), verdict, context, result.context());
  }

  /// Keeps what was done before a run that could not be made.
  private void stop(String what, long index, RunException reason) {
    if (counters.packets() == 0) {
      throw reason; // nothing ran that there would be something to tell of
    }
    stopped =
        Optional.of(
            new CommandException("%s %d: %s".formatted(what, index, reason.getMessage()), reason));
  }

  /// Runs the iterators, and tells of everything.
  void end(List<Iteration> iterations) {
    List<Iteration.Text> iterated =
        iterations.stream().map(iteration -> iteration.run(collection)).toList();
    output.end(program, counters, collection, iterated, stopped);
    if (stopped.isPresent()) {
      throw stopped.get();
    }
    if (counters.faults() > 0) {
      throw new CommandException(
          "%d of %d %s ended in a fault"
              .formatted(
                  counters.faults(),
                  counters.packets(),
                  counters.overContexts() ? "runs" : "packets"));
    }
  }

  /// Programs find an Ethernet header first, at hooks; a capture of `any` interface has another.
  private void tellOf(LinkType next) {
    if (!next.equals(linkType)) {
      linkType = next;
      if (!next.equals(LinkType.ETHERNET)) {
        output.note(
            "the capture's packets begin as %s, not with an Ethernet header; programs get their bytes as they are"
                .formatted(next));
      }
    }
  }

  private void one(
      CapturedPacket packet,
      byte[] context,
      long index,
      Runner runner,
      PassedPackets passed,
      int repeat) {
    int length = packet.length();
    MemorySegment.copy(packet.memory(), packet.offset(), before, 0, length);
    environment.moveTo(packet.timestampNanos());
    timers.run(); // those due between the last packet and this one
    long result = 0;
    long elapsed = 0;
    try {
      for (int i = 0; i < repeat; i++) {
        MemorySegment.copy(before, 0, runner.packetBuffer(length), 0, length);
        if (context.length > 0) {
          MemorySegment.copy(
              context, 0, runner.context(), ValueLayout.JAVA_BYTE, 0, context.length);
        }
        long start = System.nanoTime();
        result = runner.run();
        elapsed += System.nanoTime() - start;
      }
    } catch (ProgramFault fault) {
      counters.fault(length);
      output.packet(index, 0, "FAULT", before.asSlice(0, length), Optional.of(fault));
      return;
    }
    MemorySegment after = runner.packet();
    String verdict = Verdicts.name(type, result);
    counters.packet(verdict, length, changed(length, after), elapsed, repeat);
    output.packet(index, result, verdict, after, Optional.empty());
    if (passed.wanted() && Verdicts.passes(type, result)) {
      passed.write(isTraffic() ? VlanTag.inside(after, runner.context()) : after, packet);
    }
  }

  /// Whether the program sees frames in `struct __sk_buff`.
  private boolean isTraffic() {
    return type == ProgramType.SCHED_CLS || type == ProgramType.SCHED_ACT;
  }

  private long changed(int length, MemorySegment after) {
    long common = Math.min(length, after.byteSize());
    long changed = Math.max(length, after.byteSize()) - common;
    MemorySegment old = before.asSlice(0, common);
    if (old.mismatch(after.asSlice(0, common)) < 0) {
      return changed;
    }
    for (long i = 0; i < common; i++) {
      if (old.get(ValueLayout.JAVA_BYTE, i) != after.get(ValueLayout.JAVA_BYTE, i)) {
        changed++;
      }
    }
    return changed;
  }

  private void poll() {
    for (Map.Entry<String, EventReader> reader : readers.entrySet()) {
      reader
          .getValue()
          .poll(Duration.ZERO, (record, cpu) -> output.event(reader.getKey(), cpu, record));
    }
  }

  @Override
  public void close() {
    readers.values().forEach(EventReader::close);
    arena.close();
  }
}
