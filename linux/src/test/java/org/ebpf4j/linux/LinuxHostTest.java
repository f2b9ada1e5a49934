package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LinuxHostTest {
  private static LinuxHost host;

  @BeforeAll
  static void open() {
    host = Linux.host();
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  @Test
  void runsAProgramWithItsMapsAndGlobals() {
    try (LoadedCollection sample = host.load(Linux.sample())) {
      RunResult result = sample.program("count").run(RunInput.packet(new byte[60]).withRepeat(3));
      assertThat(result.returnValue()).isEqualTo(101);
      assertThat(result.data()).hasSize(60);
      assertThat(sample.map("counts").lookup(u32(60))).contains(u64(3));
      byte[] row = sample.map("per_cpu").lookup(u32(0)).orElseThrow();
      assertThat(row).hasSize(8 * host.cpus());
      long sum = 0;
      ByteBuffer values = ByteBuffer.wrap(row).order(ByteOrder.nativeOrder());
      while (values.hasRemaining()) {
        sum += values.getLong();
      }
      assertThat(sum).isEqualTo(3);
      assertThat(sample.variable("total").memory().get(ValueLayout.JAVA_LONG, 0))
          .isEqualTo(5 + 3 * 60);
      assertThat(sample.variable("zeroed").memory().get(ValueLayout.JAVA_INT, 0)).isEqualTo(30);
    }
  }

  @Test
  void setsGlobalsBeforeLoadingAndAfterwards() {
    LoadOptions options =
        LoadOptions.defaults()
            .withProgram("count")
            .withGlobal("limit", u32(7))
            .withGlobal("zeroed", u32(9));
    try (LoadedCollection sample = host.load(Linux.sample(), options)) {
      GlobalVariable zeroed = sample.variable("zeroed");
      assertThat(zeroed.memory().get(ValueLayout.JAVA_INT, 0)).isEqualTo(9);
      assertThat(sample.program("count").run(RunInput.packet(new byte[60])).returnValue())
          .isEqualTo(8);
      sample.variable("total").memory().set(ValueLayout.JAVA_LONG, 0, 1000);
      sample.program("count").run(RunInput.packet(new byte[60]));
      assertThat(sample.variable("total").memory().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(1060);
      GlobalVariable limit = sample.variable("limit");
      assertThat(limit.writable()).isFalse();
      assertThat(limit.memory().isReadOnly()).isTrue();
      assertThatThrownBy(() -> sample.variable("nothing"))
          .isInstanceOf(NoSuchElementException.class)
          .hasMessageContaining("total");
    }
  }

  @Test
  void refusesGlobalsThatAreNotThereOrOfAnotherSize() {
    assertThatThrownBy(() ->
            host.load(Linux.sample(), LoadOptions.defaults().withGlobal("limit", new byte[3])))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("limit")
        .hasMessageContaining("3 bytes");
    assertThatThrownBy(
            () -> host.load(Linux.sample(), LoadOptions.defaults().withGlobal("lmit", new byte[4])))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("limit");
  }

  @Test
  void fillsInExternsKernelFunctionsAndKernelTypes() {
    try (LoadedCollection sample =
        host.load(Linux.sample(), LoadOptions.defaults().withProgram("externs"))) {
      assertThat(sample.program("externs").run(RunInput.none()).returnValue()).isEqualTo(42);
    }
  }

  /// A name that C++ gives is none for the kernel. What needs no types goes without.
  @Test
  void goesOnWithoutTypesThatTheKernelRefuses() {
    CollectionSpec odd = withOddName(Linux.sample());
    try (LoadedCollection sample = host.load(odd, LoadOptions.defaults().withProgram("count"))) {
      assertThat(sample.program("count").run(RunInput.packet(new byte[60])).returnValue())
          .isEqualTo(101);
      assertThat(((LinuxMap) sample.map("counts")).info().btfId()).isZero();
    }
  }

  @Test
  void saysOfARefusedProgramThatItsTypesWereRefused() {
    assertThatThrownBy(() -> host.load(withOddName(CollectionSpec.of(empty()))))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("R0 !read_ok")
        .hasMessageContaining("without types")
        .hasMessageContaining("Invalid name");
  }

  /// The kernel says no word of a kptr to what is only declared; it looks at structs with a lock.
  @Test
  void saysOfARefusedProgramThatItsTypesWereMadePlainer() {
    List<BtfType> kptr =
        List.of(
            new BtfType.Int("unsigned int", 4, BtfType.Int.Encoding.UNSIGNED, 0, 32),
            new BtfType.Composite(
                "bpf_spin_lock", false, 4, List.of(new BtfType.Member("val", 1, 0, 0))),
            new BtfType.Forward("elsewhere", false),
            new BtfType.TypeTag("kptr", 3, false),
            new BtfType.Pointer(4),
            new BtfType.Composite(
                "holder",
                false,
                16,
                List.of(
                    new BtfType.Member("lock", 2, 0, 0), new BtfType.Member("held", 5, 64, 0))));
    assertThatThrownBy(() -> host.load(withTypes(CollectionSpec.of(empty()), kptr)))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("R0 !read_ok")
        .hasMessageContaining("with plainer types")
        .hasMessageContaining("a kptr to struct elsewhere, which the object only declares");
  }

  /// Each packet comes as the first did: without the mark that a program gave one.
  @Test
  void packetsHaveNothingOfThoseBefore() {
    ProgramSpec marks =
        ProgramSpec.of(
            "marks",
            ProgramType.SCHED_CLS,
            Assembler.assemble("r0 = *(u32 *)(r1 + 8)\n r2 = 7\n *(u32 *)(r1 + 8) = r2\n exit"));
    try (LoadedCollection loaded = host.load(CollectionSpec.of(marks));
        Runner runner = loaded.program("marks").runner()) {
      for (int i = 0; i < 3; i++) {
        runner.packetBuffer(64);
        assertThat(runner.run()).as("packet %d", i).isZero();
      }
      runner.packetBuffer(64);
      runner.context().set(ValueLayout.JAVA_INT_UNALIGNED, 8, 5);
      assertThat(runner.run()).as("a mark of the caller's").isEqualTo(5);
    }
  }

  /// The kernel gives the error for it that older ones give for types, without which a program with
  /// a callback is refused for another reason.
  @Test
  void saysOfAProgramThatIsTooComplexThatItIs() {
    assertThatThrownBy(() -> host.load(Linux.object("deep.bpf.o")))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("E2BIG")
        .hasMessageContaining("call stack");
  }

  /// What the kernel gives before or in place of the packet is not of the packet.
  @Test
  void aPacketComesOutWithItsHeaderAndWithoutMetadata() {
    byte[] packet = TestRunRow.packet(64);
    for (String[] program :
        new String[][] {
          {"XDP", "r2 = -8\n call 54\n r0 = 2\n exit"}, {"SOCKET_FILTER", "r0 = 1\n exit"}
        }) {
      ProgramSpec spec =
          ProgramSpec.of("plain", ProgramType.valueOf(program[0]), Assembler.assemble(program[1]));
      try (LoadedCollection loaded = host.load(CollectionSpec.of(spec))) {
        RunResult result = loaded.program("plain").run(RunInput.packet(packet).withRepeat(2));
        assertThat(result.data()).as(program[0]).isEqualTo(packet);
      }
    }
  }

  /// It gives what nobody put into `R0`.
  private static ProgramSpec empty() {
    return ProgramSpec.of(
        "nothing", ProgramType.XDP, Bytecode.of(Bytecode.slot(0x95, 0, 0, (short) 0, 0)));
  }

  private static CollectionSpec withOddName(CollectionSpec spec) {
    return withTypes(spec, List.of(new BtfType.Composite("Pair<int>", false, 8, List.of())));
  }

  private static CollectionSpec withTypes(CollectionSpec spec, List<BtfType> more) {
    List<BtfType> types = new ArrayList<>(spec.btf().ownTypes());
    types.addAll(more);
    return new CollectionSpec(
        spec.name(),
        spec.order(),
        spec.license(),
        spec.kernelVersion(),
        Btf.of(types, spec.order()),
        spec.maps(),
        spec.programs());
  }

  @Test
  void startsMapsOfMapsAndProgramArraysAsTheObjectSays() {
    try (LoadedCollection sample = host.load(Linux.sample())) {
      sample.map("first").update(u32(0), u32(31));
      RunInput packet = RunInput.packet(new byte[60]);
      assertThat(sample.program("nested").run(packet).returnValue()).isEqualTo(31);
      LinuxMap outer = (LinuxMap) sample.map("outer");
      assertThat(outer.innerMapId(u32(1))).contains(((LinuxMap) sample.map("first")).id());
      assertThat(outer.innerMapId(u32(0))).isEmpty();
      assertThat(sample.program("jump").run(packet).returnValue()).isEqualTo(77);
    }
  }

  /// How a collection takes another's place and keeps what that has counted.
  @Test
  void aMapBroughtAlongOutlivesTheCollectionItComesFrom() {
    LoadedCollection before = host.load(Linux.sample());
    BpfMap first = before.map("first");
    BpfMap events = before.map("events");
    first.update(u32(0), u32(31));
    LoadOptions options = LoadOptions.defaults().withMap("first", first).withMap("events", events);
    try (LoadedCollection after = host.load(Linux.sample(), options)) {
      try (EventReader reader = events.events()) {
        assertThat(reader.lost()).isZero();
        assertThatThrownBy(() -> after.map("events").events())
            .isInstanceOf(MapException.class)
            .hasMessageContaining("EBUSY");
      }
      before.close();
      assertThat(after.map("first").lookup(u32(0))).contains(u32(31));
      after.map("events").events().close();
      assertThatThrownBy(() -> first.lookup(u32(0)))
          .isInstanceOf(MapException.class)
          .hasMessageContaining("EBADF");
    }
  }

  @Test
  void readsARingBuffer() {
    try (LoadedCollection sample = host.load(Linux.sample());
        EventReader events = sample.map("events").events()) {
      byte[] packet = new byte[64];
      packet[0] = 9;
      sample.program("report").run(RunInput.packet(packet).withRepeat(2));
      List<Integer> seen = new ArrayList<>();
      int count =
          events.poll(
              Duration.ofSeconds(5),
              (record, cpu) -> {
                assertThat(cpu).isEqualTo(-1);
                seen.add(record.get(ValueLayout.JAVA_INT, 0));
                seen.add(record.get(ValueLayout.JAVA_INT, 4));
              });
      assertThat(count).isEqualTo(2);
      assertThat(seen).containsExactly(64, 9, 64, 9);
      assertThat(events.poll(Duration.ZERO, (record, cpu) -> {})).isZero();
    }
  }

  @Test
  void goesRoundARingBufferManyTimes() {
    try (LoadedCollection sample = host.load(Linux.sample());
        EventReader events = sample.map("events").events();
        Runner runner = sample.program("report").runner()) {
      int read = 0;
      for (int i = 0; i < 1000; i++) {
        runner.packetBuffer(64).set(ValueLayout.JAVA_BYTE, 0, (byte) i);
        assertThat(runner.run()).isEqualTo(2);
        if (i % 100 == 99) {
          read += events.poll(Duration.ZERO, (record, cpu) -> {});
        }
      }
      assertThat(read).isEqualTo(1000);
    }
  }

  @Test
  void readsAPerfEventArray() {
    try (LoadedCollection sample = host.load(Linux.sample());
        EventReader events = sample.map("perf_events").events()) {
      sample.program("report_perf").run(RunInput.packet(new byte[60]).withRepeat(3));
      List<Integer> seen = new ArrayList<>();
      int count =
          events.poll(
              Duration.ofSeconds(5),
              (record, cpu) -> {
                assertThat(cpu).isBetween(0, host.cpus() - 1);
                seen.add(record.get(ValueLayout.JAVA_INT_UNALIGNED, 0));
              });
      assertThat(count).isEqualTo(3);
      assertThat(seen).containsExactly(60, 60, 60);
      assertThat(events.lost()).isZero();
    }
  }

  @Test
  void submitsToAUserRingBuffer() {
    try (LoadedCollection sample = host.load(Linux.sample())) {
      assertThat(sample.map("requests").submit(u32(30), Duration.ZERO)).isTrue();
      assertThat(sample.map("requests").submit(u32(7), Duration.ZERO)).isTrue();
      assertThat(sample.program("drain").run(RunInput.none()).returnValue()).isEqualTo(2);
      assertThat(sample.variable("total").memory().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
      int accepted = 0;
      while (sample.map("requests").submit(u32(0), Duration.ZERO)) {
        accepted++;
      }
      assertThat(accepted).isEqualTo(4096 / 16);
    }
  }

  @Test
  void saysWhyTheVerifierRefused() {
    assertThatThrownBy(
            () -> host.load(Linux.sample(), LoadOptions.defaults().withProgram("refused")))
        .isInstanceOfSatisfying(
            LoadException.class,
            e -> {
              assertThat(e.errno()).isEqualTo(Errno.EACCES);
              assertThat(e.summary())
                  .contains("R0 invalid mem access 'map_value_or_null'")
                  .contains("sample.bpf.c:")
                  .contains("return *value;");
              assertThat(e.log()).contains("processed ").contains("call bpf_map_lookup_elem#1");
            });
  }

  @Test
  void givesAVerdictWithItsLog() {
    try (VerdictSession verdicts =
        host.verdicts(Linux.sample(), LoadOptions.defaults(), LinuxLoadOptions.defaults())) {
      assertThat(verdicts.verdict("count", 0, 2))
          .isInstanceOfSatisfying(
              Verdict.Accepted.class,
              accepted -> {
                assertThat(accepted.verifiedInstructions()).isGreaterThan(20);
                assertThat(accepted.log()).contains("func#1").contains("exit");
              });
      assertThat(verdicts.verdict("refused", 0, 1))
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              refused ->
                  assertThat(refused.reason())
                      .isEqualTo("R0 invalid mem access 'map_value_or_null'"));
    }
  }

  @Test
  void namesProgramsThatAreNotThere() {
    assertThatThrownBy(() -> host.load(Linux.sample(), LoadOptions.defaults().withProgram("cuont")))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("cuont")
        .hasMessageContaining("count");
  }

  static byte[] u32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  static byte[] u64(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
  }
}
