package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands that print what programs send, for as long as somebody reads.
class EventCommandTest {
  private static final String RING =
      """
      r1 = 0 ll
      *(u64 *)(r10 - 8) = 258
      r2 = r10
      r2 += -8
      r3 = 8
      r4 = 0
      call 130
      r0 = 0
      exit
      """;

  /// To the slot of the CPU that it runs on.
  private static final String PERF =
      """
      r2 = 0 ll
      *(u64 *)(r10 - 8) = 258
      w3 = -1
      r4 = r10
      r4 += -8
      r5 = 8
      call 25
      r0 = 0
      exit
      """;

  private static final String SAYS_42 =
      """
      r6 = 0x6425203a6a346670 ll
      *(u64 *)(r10 - 16) = r6
      *(u64 *)(r10 - 8) = 0
      r1 = r10
      r1 += -16
      r2 = 9
      r3 = 42
      call 6
      r0 = 0
      exit
      """;

  private LinuxHost host;

  @BeforeEach
  void open() {
    LinuxNeeded.orSkip();
    host = LinuxHost.open();
  }

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--json"})
  void recordsOfARingBufferArePrinted(String option) throws Exception {
    String wanted = option.isEmpty() ? "02 01 00 00 00 00 00 00" : "{\"data\":[\"0x02\",\"0x01\",";
    assertThat(printed(MapType.RINGBUF, 4096, RING, wanted, option)).contains(wanted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--json"})
  void recordsOfAPerfEventArrayArePrintedWithTheirCpu(String option) throws Exception {
    String wanted = option.isEmpty() ? "02 01 00 00 00 00 00 00" : "\"data\":[\"0x02\",\"0x01\",";
    String printed = printed(MapType.PERF_EVENT_ARRAY, host.cpus(), PERF, wanted, option);
    assertThat(printed)
        .contains(wanted)
        .containsPattern(
            option.isEmpty() ? "CPU: \\d+ index: \\d+" : "\\{\"cpu\":\\d+,\"index\":\\d+");
  }

  private String printed(MapType type, int entries, String text, String wanted, String option)
      throws Exception {
    boolean ring = type == MapType.RINGBUF;
    MapSpec map = MapSpec.of("sent", type, ring ? 0 : 4, ring ? 0 : 4, entries);
    long[] slots = Assembler.assemble(text).toSlots();
    int mapHandle = 1;
    slots[0] = Bytecode.slot(0x18, ring ? 1 : 2, mapHandle, (short) 0, 0);
    try (LoadedCollection loaded =
        host.load(
            CollectionSpec.of(
                List.of(map),
                List.of(program(slots, List.of(new Reference.MapHandle(0, "sent"))))))) {
      String id = String.valueOf(((LinuxMap) loaded.map("sent")).id());
      List<String> command = List.of("map", "event_pipe", "id", id);
      return whileRunning(
          loaded,
          wanted,
          option.isEmpty() ? command : List.of("map", "event_pipe", "id", id, option));
    }
  }

  @Test
  void whatProgramsSayIsPrinted() throws Exception {
    Path log = Path.of("/sys/kernel/tracing/trace_pipe");
    Assumptions.assumeTrue(
        Files.isReadable(log), log + " is not here: mount tracefs at /sys/kernel/tracing");
    try (LoadedCollection loaded =
        host.load(CollectionSpec.of(program(Assembler.assemble(SAYS_42).toSlots(), List.of())))) {
      assertThat(whileRunning(loaded, "pf4j: 42", List.of("prog", "tracelog")))
          .contains("pf4j: 42");
    }
  }

  private static ProgramSpec program(long[] slots, List<Reference> references) {
    return new ProgramSpec(
        "sends",
        "tc",
        new ProgramSpec.ProgramKind(
            Optional.of(ProgramType.SCHED_CLS), Optional.empty(), "", false, false),
        Bytecode.of(slots),
        List.of(new ProgramFunction(0, slots.length, "sends", 0, true)),
        references,
        List.of(),
        List.of(),
        true);
  }

  /// What the command has printed once it has printed what is wanted; meanwhile the program runs.
  /// Nobody reads after that, which ends the command.
  private static String whileRunning(LoadedCollection loaded, String wanted, List<String> command)
      throws Exception {
    Reader reader = new Reader(wanted);
    FutureTask<Integer> task =
        new FutureTask<>(() ->
            Main.run(
                new PrintStream(reader, true, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                command.toArray(String[]::new)));
    Thread thread = new Thread(task, "command");
    thread.setDaemon(true);
    thread.start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!task.isDone() && System.nanoTime() < end) {
      loaded.program("sends").run(RunInput.packet(new byte[64]));
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertThat(task.isDone()).as("ended, having printed " + reader.text()).isTrue();
    assertThat(task.get()).isZero();
    return reader.text();
  }

  /// Takes text until it has seen what it wants.
  private static final class Reader extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final String wanted;

    Reader(String wanted) {
      this.wanted = wanted;
    }

    synchronized String text() {
      return taken.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      if (text().contains(wanted)) {
        throw new IOException("nobody reads any more");
      }
      taken.write(bytes, offset, length);
    }
  }
}
