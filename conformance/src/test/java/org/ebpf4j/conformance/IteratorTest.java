package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Host;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.Task;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Iterators as their readers see them, the same in Linux and in the JVM.
class IteratorTest {
  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/iterators.bpf.o"));

  static Stream<Named<Supplier<Host>>> hosts() {
    return Stream.of(
        Named.of("linux", LinuxHosts::open),
        Named.of("jvm, interpreter", () -> jvm(Engine.INTERPRETER)),
        Named.of("jvm, compiler", () -> jvm(Engine.JIT)));
  }

  private static JvmHost jvm(Engine engine) {
    return JvmHost.builder()
        .cpus(2)
        .poisonFreedMemory(true)
        .engine(engine)
        .environment(
            FixedEnvironment.builder()
                .process(100, 101)
                .threadName("runs")
                .tasks(new Task(100, 100, "leads"), new Task(7, 7, "a-name-that-is-long"))
                .build())
        .build();
  }

  private static LoadedCollection load(Host host, String... programs) {
    LoadOptions options = LoadOptions.defaults();
    for (String program : programs) {
      options = options.withProgram(program);
    }
    try {
      return host.load(SPEC, options);
    } catch (LoadException refused) {
      // Some builds of Linux keep iterators over the elements of maps to themselves.
      assumeFalse(refused.errno() == Errno.EPERM, refused.getMessage());
      throw refused;
    }
  }

  private static String text(LoadedCollection loaded, String program, IteratorTarget target) {
    try (InputStream text = loaded.program(program).iterate(target)) {
      return new String(text.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] ints(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.nativeOrder());
    bytes.asIntBuffer().put(words);
    return bytes.array();
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void elementsOfArraysAreShownInOrderAndMayBeChanged(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "elements")) {
      BpfMap map = loaded.map("array");
      map.update(ints(1), ints(10, 20));
      assertThat(text(loaded, "elements", IteratorTarget.elementsOf(map)))
          .isEqualTo("0: 0 is 0 0\n1: 1 is 10 20\n2: 2 is 0 0\nend 2 of array, 0\n");
      assertThat(map.lookup(ints(1))).contains(ints(10, 21));
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void elementsOfHashesAreAllShownAndMayBeChanged(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "elements")) {
      for (String name : List.of("hash", "lru")) {
        BpfMap map = loaded.map(name);
        for (int i = 0; i < 50; i++) {
          map.update(ints(i), ints(i * 2, 0));
        }
        List<String> lines =
            text(loaded, "elements", IteratorTarget.elementsOf(map)).lines().toList();
        assertThat(lines).last().isEqualTo("end 49 of %s, 0".formatted(name));
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          assertThat(lines.get(i)).startsWith(i + ": ");
          elements.add("%d is %d 0".formatted(i, i * 2));
          assertThat(map.lookup(ints(i))).contains(ints(i * 2, 1));
        }
        assertThat(lines.subList(0, 50))
            .extracting(line -> line.substring(line.indexOf(' ') + 1))
            .containsExactlyInAnyOrderElementsOf(elements);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void anEmptyMapIsAtItsEndAtOnce(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "elements")) {
      assertThat(text(loaded, "elements", IteratorTarget.elementsOf(loaded.map("hash"))))
          .isEqualTo("end 0 of hash, 0\n");
    }
  }

  /// The first CPU's value comes first; what the program writes there is lost.
  @ParameterizedTest
  @MethodSource("hosts")
  void valuesOfAllCpusAreShownAsCopies(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "elements")) {
      for (String name : List.of("cpu_array", "cpu_hash")) {
        BpfMap map = loaded.map(name);
        byte[] row = new byte[map.valueBytes()];
        System.arraycopy(ints(5, 6), 0, row, 0, 8);
        map.update(ints(1), row);
        assertThat(text(loaded, "elements", IteratorTarget.elementsOf(map)))
            .contains(": 1 is 5 6\n");
        assertThat(map.lookup(ints(1))).contains(row);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void deletedElementsAreShownOnceEach(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "emptied")) {
      BpfMap map = loaded.map("hash");
      for (int i = 0; i < 100; i++) {
        map.update(ints(i), ints(i + 1, 0));
      }
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        expected.add("%d 0 %d".formatted(i, i + 1));
      }
      assertThat(text(loaded, "emptied", IteratorTarget.elementsOf(map)).lines())
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(map.firstKey()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void aProgramMayAskToBeShownTheSameAgain(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "repeated")) {
      loaded.variable("again").set(Codecs.U32, 1);
      assertThat(text(loaded, "repeated", IteratorTarget.elementsOf(loaded.map("array"))))
          .isEqualTo("0: 0\n1: 1\n2: 2\nend 2 after 4\n");
    }
  }

  /// Once is granted in silence, as the text before is read then; more shows as an error, after
  /// which reading goes on.
  @ParameterizedTest
  @MethodSource("hosts")
  void aProgramThatAsksTwiceIsNoticed(Supplier<Host> hosts) throws IOException {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "repeated")) {
      loaded.variable("again").set(Codecs.U32, 2);
      BpfProgram program = loaded.program("repeated");
      try (InputStream text = program.iterate(IteratorTarget.elementsOf(loaded.map("array")))) {
        assertThat(new String(text.readNBytes(5), StandardCharsets.US_ASCII)).isEqualTo("0: 0\n");
        assertThatThrownBy(text::read)
            .isInstanceOfSatisfying(
                RunException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EAGAIN));
        assertThat(new String(text.readAllBytes(), StandardCharsets.US_ASCII))
            .isEqualTo("1: 1\n2: 2\nend 2 after 5\n");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void textThatFillsTheBufferGoesOnWithTheNextRead(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "written")) {
      loaded.variable("writes").set(Codecs.U32, 3);
      assertThat(text(loaded, "written", IteratorTarget.elementsOf(loaded.map("array"))))
          .hasSize(3 * (3 * 4096 + 2))
          .endsWith("\0" + "0\n");
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void tooMuchTextForOneElementIsRefused(Supplier<Host> hosts) throws IOException {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "written")) {
      loaded.variable("writes").set(Codecs.U32, 8);
      IteratorTarget target = IteratorTarget.elementsOf(loaded.map("array"));
      try (InputStream text = loaded.program("written").iterate(target)) {
        assertThatThrownBy(text::read)
            .isInstanceOfSatisfying(
                RunException.class, e -> assertThat(e.errno()).isEqualTo(Errno.E2BIG));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void wrongArgumentsOfFormatsAreRefused(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "refused")) {
      assertThat(text(loaded, "refused", IteratorTarget.elementsOf(loaded.map("hash"))))
          .isEqualTo("-22 -22 -22 -22 -22\n");
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void addressesAreAsWideAsThereAreDigits(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "addresses")) {
      assertThat(text(loaded, "addresses", IteratorTarget.elementsOf(loaded.map("hash"))))
          .isEqualTo("0000000000001234|                1234|1234                |\n");
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void valuesAreShownByTheirTypes(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "typed")) {
      BpfMap map = loaded.map("hash");
      map.update(ints(1), ints(0x1234, 0));
      assertThat(text(loaded, "typed", IteratorTarget.elementsOf(map)))
          .isEqualTo(
              """
              (struct list_head){
               .next = (struct list_head *)0x0000000000001234,
              }
               -22
              """);
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void targetsThatDoNotFitAreRefused(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "elements", "maps")) {
      assertRefused(loaded, "elements", IteratorTarget.all(), Errno.EBADF);
      assertRefused(
          loaded, "elements", IteratorTarget.elementsOf(loaded.map("queue")), Errno.EINVAL);
      assertRefused(loaded, "elements", IteratorTarget.elementsOf(foreign()), Errno.EBADF);
    }
  }

  private static void assertRefused(
      LoadedCollection loaded, String program, IteratorTarget target, Errno errno) {
    assertThatThrownBy(() -> loaded.program(program).iterate(target).close())
        .isInstanceOfSatisfying(
            RunException.class, e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
  }

  /// A map of another host, which is closed.
  private static BpfMap foreign() {
    try (JvmHost other = JvmHost.builder().cpus(1).build();
        LoadedCollection loaded = load(other, "elements")) {
      return loaded.map("hash");
    }
  }

  /// Linux refuses to attach; in the JVM the access faults.
  @ParameterizedTest
  @MethodSource("hosts")
  void keysAndValuesThatAreTooSmallAreNotReadBeyondTheirEnd(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "elements")) {
      BpfMap small = loaded.map("small");
      small.update(new byte[2], new byte[2]);
      assertThatThrownBy(() -> text(loaded, "elements", IteratorTarget.elementsOf(small)))
          .satisfiesAnyOf(
              e -> assertThat(e).isInstanceOf(ProgramFault.class),
              e -> assertThat(((RunException) e).errno()).isEqualTo(Errno.EACCES));
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void mapsAndProgramsAreShownByTheirStructs(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "maps", "programs")) {
      assertThat(text(loaded, "maps", IteratorTarget.all()).lines())
          .anyMatch(line -> line.matches("\\d+ hash 4 8 100"))
          .anyMatch(line -> line.matches("\\d+ small 2 2 3"))
          .last()
          .isEqualTo("end");
      assertThat(text(loaded, "programs", IteratorTarget.all()).lines())
          .anyMatch(line -> line.matches("\\d+ maps 1"))
          .anyMatch(line -> line.matches("\\d+ programs 1"));
    }
  }

  @Test
  void threadsOfTheEnvironmentAreShownByTheirStructs() {
    try (Host host = jvm(Engine.AUTO);
        LoadedCollection loaded = load(host, "tasks")) {
      assertThat(text(loaded, "tasks", IteratorTarget.all()))
          .isEqualTo("7 7 7 a-name-that-is-\n100 100 100 leads\n100 101 100 runs\nend\n");
      assertThat(text(loaded, "tasks", new IteratorTarget.OneProcess(100)))
          .isEqualTo("100 100 100 leads\n100 101 100 runs\nend\n");
      assertThat(text(loaded, "tasks", new IteratorTarget.OneThread(101)))
          .isEqualTo("100 101 100 runs\nend\n");
    }
  }

  @Test
  void threadsOfThisProcessAreShownByLinux() {
    try (Host host = LinuxHosts.open();
        LoadedCollection loaded = load(host, "tasks")) {
      int process = (int) ProcessHandle.current().pid();
      assertThat(text(loaded, "tasks", new IteratorTarget.OneProcess(process)).lines())
          .hasSizeGreaterThan(2)
          .allMatch(line -> line.equals("end") || line.startsWith(process + " "));
      assertThat(text(loaded, "tasks", new IteratorTarget.OneThread(process)))
          .matches("%1$d %1$d %1$d \\S+\nend\n".formatted(process));
    }
  }

  @Test
  void threadsOfTheJvmAreShownInALiveHost() {
    try (JvmHost host = JvmHost.builder().build();
        LoadedCollection loaded = load(host, "tasks")) {
      assertThat(text(loaded, "tasks", IteratorTarget.all()))
          .contains(" " + Thread.currentThread().threadId() + " ");
    }
  }

  @Test
  void anIterationEndsWithItsCollection() throws IOException {
    try (JvmHost host = jvm(Engine.AUTO)) {
      LoadedCollection loaded = load(host, "elements");
      IteratorTarget target = IteratorTarget.elementsOf(loaded.map("array"));
      try (InputStream text = loaded.program("elements").iterate(target)) {
        loaded.close();
        assertThatThrownBy(text::read)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("closed");
      }
    }
  }

  @Test
  void aProgramThatIsNoIteratorIsToldSo() {
    try (JvmHost host = jvm(Engine.AUTO);
        LoadedCollection loaded =
            host.load(
                CollectionReader.read(Path.of("src/test/resources/behaviour/masks.bpf.o")),
                LoadOptions.defaults().withUnverified(true))) {
      BpfProgram program = loaded.programs().values().iterator().next();
      assertThatThrownBy(() -> program.iterate(IteratorTarget.all()))
          .isInstanceOf(RunException.class)
          .hasMessageContaining("no iterator");
    }
  }

  @Test
  void anIteratorTakesNoInput() {
    try (JvmHost host = jvm(Engine.AUTO);
        LoadedCollection loaded = load(host, "maps")) {
      assertThatThrownBy(() -> loaded.program("maps").run(RunInput.context(new byte[8])))
          .isInstanceOf(RunException.class)
          .hasMessageContaining("iterate");
    }
  }
}
