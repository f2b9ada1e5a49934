package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.Test;

/// What an application gets wrong is said where it does so, and what to do instead.
class MisuseTest {
  private static final MapSpec TABLE = MapSpec.of("table", MapType.HASH, 4, 8, 2);

  /// What an application hands to its programs.
  public record Event(long number) {}

  private static final ProgramTypeDefinition<Event> EVENT =
      ProgramTypeDefinition.of("event", Event.class);

  private static JvmHost.Builder builder() {
    return JvmHost.builder().programType(EVENT);
  }

  private static CollectionSpec withMap(MapSpec map) {
    return CollectionSpec.of(List.of(map), List.of(Programs.program("event", "r0 = 2\nexit")));
  }

  @Test
  void aHookIsOfATypeThatTheHostWasBuiltWith() {
    try (JvmHost host = JvmHost.create()) {
      assertThatThrownBy(() -> host.hook(EVENT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("built without program type event");
    }
  }

  @Test
  void aProgramTypeIsTheSameWhereverItIsMade() {
    try (JvmHost host = builder().build()) {
      Hook<Event> hook = host.hook(ProgramTypeDefinition.of("event", Event.class));
      LoadedCollection loaded = host.load(Programs.collection("event", "r0 = 2\nexit"));
      hook.attach(loaded.program("test"));
      assertThat(hook.fire(new Event(1), 0)).isEqualTo(2);
    }
  }

  @Test
  void aMapBroughtAlongIsOfTheSameHost() {
    try (JvmHost host = builder().build();
        JvmHost other = builder().build();
        BpfMap foreign = other.createMap(TABLE)) {
      LoadOptions options = LoadOptions.defaults().withMap("table", foreign);
      assertThatThrownBy(() -> host.load(withMap(TABLE), options).close())
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("of another host");
    }
  }

  /// What is proven of a program holds for the context that it is run with.
  @Test
  void aProgramTypeMayHaveTheNameOfOneOfLinux() {
    ProgramTypeDefinition<Event> type = ProgramTypeDefinition.of("xdp", Event.class);
    CollectionSpec readsNumber = Programs.collection("xdp", "r0 = *(u64 *)(r1 + 0)\nexit");
    CollectionSpec readsPacket =
        Programs.collection(
            "xdp",
            """
            r2 = *(u32 *)(r1 + 0)
            r3 = *(u32 *)(r1 + 4)
            r4 = r2
            r4 += 8
            r0 = 1
            if r4 > r3 goto out
            r0 = *(u64 *)(r2 + 0)
            out: exit
            """);
    try (JvmHost host = JvmHost.builder().programType(type).build()) {
      Hook<Event> hook = host.hook(type);
      hook.attach(host.load(readsNumber.withType("xdp")).program("test"));
      assertThat(hook.fire(new Event(77), 0)).isEqualTo(77);
      assertThatThrownBy(() -> host.load(readsPacket.withType("xdp")))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("invalid mem access");
    }
  }

  @Test
  void aBatchIsCheckedBeforeAnythingIsStored() {
    byte[] key = {1, 0, 0, 0};
    try (JvmHost host = JvmHost.create();
        BpfMap table = host.createMap(TABLE)) {
      List<BpfMap.Entry> entries =
          List.of(new BpfMap.Entry(key, new byte[8]), new BpfMap.Entry(key, new byte[7]));
      assertThatExceptionOfType(MapException.class)
          .isThrownBy(() -> table.updateBatch(entries, 0))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
          .satisfies(e -> assertThat(e.done()).isZero());
      assertThat(table.lookup(key)).isEmpty();
      table.update(key, new byte[8]);
      assertThatExceptionOfType(MapException.class)
          .isThrownBy(() -> table.deleteBatch(List.of(key, new byte[3])));
      assertThat(table.lookup(key)).isPresent();
    }
  }

  @Test
  void aProgramArrayTakesOpenProgramsOfItsHost() {
    MapSpec array = MapSpec.of("jumps", MapType.PROG_ARRAY, 4, 4, 2);
    CollectionSpec spec = Programs.collection("event", "r0 = 2\nexit");
    try (JvmHost host = builder().build();
        JvmHost other = builder().build();
        BpfMap jumps = host.createMap(array)) {
      BpfProgram foreign = other.load(spec).program("test");
      assertThatExceptionOfType(MapException.class)
          .isThrownBy(() -> jumps.putProgram(0, foreign))
          .withMessageContaining("EBADF")
          .withMessageContaining("program test is not of this host");
      LoadedCollection loaded = host.load(spec);
      BpfProgram closed = loaded.program("test");
      jumps.putProgram(0, closed);
      loaded.close();
      assertThatExceptionOfType(MapException.class)
          .isThrownBy(() -> jumps.putProgram(1, closed))
          .withMessageContaining("EBADF");
    }
  }

  @Test
  void aProgramTypeIsAddedOnce() {
    JvmHost.Builder builder = JvmHost.builder().programType(EVENT);
    assertThatThrownBy(() -> builder.programType(ProgramTypeDefinition.of("event", Event.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("program type event is there already");
  }

  @Test
  void rangesAndLimitsMakeSense() {
    assertThatThrownBy(() -> EVENT.returning(5, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot return 5 to 1");
    assertThatThrownBy(() -> ProgramTypeDefinition.of("", Event.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name of a section");
    assertThatThrownBy(() -> Limits.defaults().withMapBytes(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1 bytes of maps");
  }

  /// Nobody has proven that it does not, and the helper would read there.
  @Test
  void aProgramMayNotGiveNothingASize() {
    ProgramSpec program =
        Programs.program("event", "r1 = 0\nr2 = 4\nr3 = 0\nr4 = 0\nr5 = 0\ncall 28\nexit");
    try (JvmHost host = builder().build();
        LoadedCollection loaded =
            host.load(
                CollectionSpec.of(List.of(), List.of(program)),
                LoadOptions.defaults().withUnverified(true))) {
      assertThatExceptionOfType(ProgramFault.class)
          .isThrownBy(() -> loaded.program("test").run(RunInput.context(new byte[8])))
          .withMessageContaining("csum_diff#28: R1 = 0x0 is not the address of 4 readable bytes");
    }
  }

  /// As Linux does, which knows of such sizes only that they are constant.
  @Test
  void aRingGivesNoRecordOfMoreThanThereCanBe() {
    MapSpec ring = MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096);
    ProgramSpec program =
        Programs.program(
            "test", "event", "ld_pseudo r1, 1, 0\nr2 = -1\nr3 = 0\ncall 131\nexit", List.of(ring));
    CollectionSpec collection = CollectionSpec.of(List.of(ring), List.of(program));
    try (JvmHost host = builder().build();
        LoadedCollection loaded = host.load(collection, Programs.UNVERIFIED)) {
      assertThat(loaded.program("test").run(RunInput.context(new byte[8])).returnValue()).isZero();
    }
  }

  @Test
  void aReferenceIsOfAnInstructionThatHasRoomForIt() {
    ProgramSpec bare = Programs.program("event", "r0 = *(u64 *)(r1 + 8)\nexit");
    List<Reference> misplaced =
        List.of(
            new Reference.MapHandle(0, "table"),
            new Reference.MapHandle(2, "table"),
            new Reference.KernelFunction(1, "bpf_rcu_read_lock", 0, false));
    try (JvmHost host = builder().build()) {
      for (Reference reference : misplaced) {
        ProgramSpec program =
            new ProgramSpec(
                "test",
                "event",
                bare.kind(),
                bare.bytecode(),
                bare.functions(),
                List.of(reference),
                List.of(),
                List.of(),
                true);
        CollectionSpec collection = CollectionSpec.of(List.of(TABLE), List.of(program));
        assertThatExceptionOfType(LoadException.class)
            .isThrownBy(() -> host.load(collection, Programs.UNVERIFIED))
            .withMessageContaining(
                "instruction %d has nothing to fill in, but refers to", reference.slot())
            .satisfies(refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL));
      }
    }
  }

  @Test
  void aContextIsAsLongAsTheProgramAccesses() {
    ProgramSpec bare = Programs.program("", "r0 = *(u64 *)(r1 + 8)\nexit");
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "",
            new ProgramKind(Optional.of(ProgramType.SYSCALL), Optional.empty(), "", true, false),
            bare.bytecode(),
            bare.functions(),
            List.of(),
            List.of(),
            List.of(),
            true);
    try (JvmHost host = JvmHost.create();
        LoadedCollection loaded = host.load(CollectionSpec.of(List.of(), List.of(program)))) {
      assertThat(loaded.program("test").run(RunInput.context(new byte[16])).returnValue()).isZero();
      assertThatExceptionOfType(RunException.class)
          .isThrownBy(() -> loaded.program("test").run(RunInput.context(new byte[15])))
          .withMessageContaining("it accesses 16 bytes of its context, and is given 15")
          .satisfies(refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL));
    }
  }

  @Test
  void aMapThatCannotBeMadeRefusesTheLoad() {
    try (JvmHost host = builder().limits(Limits.defaults().withMapBytes(1_000)).build()) {
      MapSpec large = MapSpec.of("large", MapType.ARRAY, 4, 8, 1_000);
      assertThatExceptionOfType(LoadException.class)
          .isThrownBy(() -> host.load(withMap(large)))
          .withMessageContainingAll("map large", "8192 bytes more", "ENOMEM")
          .satisfies(refused -> assertThat(refused.errno()).isEqualTo(Errno.ENOMEM));
      assertThatExceptionOfType(MapException.class).isThrownBy(() -> host.createMap(large));
    }
  }

  @Test
  void aMapTakesThePlaceOfOneThatIsThereAndFits() {
    try (JvmHost host = builder().build();
        BpfMap smaller = host.createMap(MapSpec.of("mine", MapType.HASH, 4, 4, 2))) {
      LoadOptions options = LoadOptions.defaults();
      assertThatThrownBy(() -> host.load(withMap(TABLE), options.withMap("tabel", smaller)))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("no map named tabel to replace; it has table (ENOENT)");
      assertThatThrownBy(() -> host.load(withMap(TABLE), options.withMap("table", smaller)))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining(
              "is HASH of 4-byte keys, 4-byte values, 2 entries; the object wants HASH of 4-byte keys, 8-byte values, 2 entries");
    }
  }

  @Test
  void aFullMapSaysHowMuchItTakes() {
    try (JvmHost host = JvmHost.create();
        BpfMap map = host.createMap(TABLE)) {
      map.update(new byte[] {1, 0, 0, 0}, new byte[8]);
      map.update(new byte[] {2, 0, 0, 0}, new byte[8]);
      assertThatThrownBy(() -> map.update(new byte[] {3, 0, 0, 0}, new byte[8]))
          .isInstanceOf(MapException.class)
          .hasMessageContainingAll("map table", "update", "E2BIG", "full", "2 elements");
      assertThatThrownBy(() -> map.update(new byte[4], new byte[8], 99))
          .isInstanceOf(MapException.class)
          .hasMessageContainingAll("EINVAL", "maps of type HASH do not take");
    }
  }

  /// As libbpf asks for them: an object leaves these sizes to its loader.
  @Test
  void sizesThatDependOnTheMachineAreFilledIn() {
    MapSpec ring = MapSpec.of("ring", MapType.RINGBUF, 0, 0, 5_000);
    MapSpec samples = MapSpec.of("samples", MapType.PERF_EVENT_ARRAY, 4, 4, 0);
    try (JvmHost host = builder().cpus(3).build();
        BpfMap ofRing = host.createMap(ring);
        BpfMap ofSamples = host.createMap(samples)) {
      assertThat(ofRing.spec().maxEntries()).isEqualTo(8_192);
      assertThat(ofSamples.spec().maxEntries()).isEqualTo(3);
      LoadOptions given = LoadOptions.defaults();
      host.load(withMap(ring), given.withMap("ring", ofRing)).close();
      host.load(withMap(samples), given.withMap("samples", ofSamples)).close();
      MapSpec pinned =
          new MapSpec(
              "pinned",
              MapType.PERF_EVENT_ARRAY.number(),
              4,
              4,
              0,
              0,
              0,
              0,
              0,
              0,
              true,
              java.util.Optional.empty(),
              new MapSpec.Contents.None());
      try (LoadedCollection first = host.load(withMap(pinned));
          LoadedCollection second = host.load(withMap(pinned))) {
        assertThat(first.map("pinned").spec().maxEntries()).isEqualTo(3);
        assertThat(second.map("pinned").spec().maxEntries()).isEqualTo(3);
      }
    }
  }
}
