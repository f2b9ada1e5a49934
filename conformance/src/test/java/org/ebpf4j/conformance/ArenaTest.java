package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.BpfMap;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.Host;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Arenas as their users see them, the same in Linux and in the JVM.
class ArenaTest {
  private static final int PAGE = 4096;
  private static final int MMAPABLE = 1 << 10;
  private static final int SEGV_ON_FAULT = 1 << 17;

  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/arenas.bpf.o"));

  static Stream<Named<Supplier<Host>>> hosts() {
    return Stream.of(
        Named.of("linux", LinuxHosts::open),
        Named.of("jvm, interpreter", () -> jvm(Engine.INTERPRETER)),
        Named.of("jvm, compiler", () -> jvm(Engine.JIT)));
  }

  private static Host jvm(Engine engine) {
    return JvmHost.builder().cpus(2).poisonFreedMemory(true).engine(engine).build();
  }

  /// Where a variable lies in the arena.
  private static int offset(String variable) {
    for (BtfType type : SPEC.btf().ownTypes()) {
      if (type instanceof BtfType.DataSection section && section.name().equals(".addr_space.1")) {
        for (BtfType.SectionVariable placed : section.variables()) {
          if (SPEC.btf().type(placed.type()) instanceof BtfType.Variable found
              && found.name().equals(variable)) {
            return placed.offset();
          }
        }
      }
    }
    throw new AssertionError("no variable " + variable);
  }

  private static LoadedCollection load(Host host, String program) {
    return host.load(SPEC, LoadOptions.defaults().withProgram(program));
  }

  private static void run(LoadedCollection loaded, String program) {
    assertThat((int) loaded.program(program).run(RunInput.context(new byte[64])).returnValue())
        .isZero();
  }

  /// `struct list { struct node *first; u64 count; }`, `struct node { struct node *next; u64 value
  /// }`: 999, 997 … 1 are left of the thousand.
  @ParameterizedTest
  @MethodSource("hosts")
  void applicationFollowsThePointersThatProgramsStore(Supplier<Host> hosts) {
    String program = "list_grows_over_pages_and_is_walked";
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, program)) {
      run(loaded, program);
      ArenaMemory arena = loaded.map("arena").arena();
      assertThat(arena.size()).isEqualTo(64 * PAGE);
      long list = arena.address() + offset("global_list");
      assertThat(arena.get(list + 8, Codecs.U64)).isEqualTo(1000);
      long expected = 999;
      for (long node = arena.get(list, Codecs.U64); node != 0; node = arena.get(node, Codecs.U64)) {
        assertThat(node).isBetween(arena.address(), arena.address() + arena.size() - 16);
        assertThat(arena.get(node + 8, Codecs.U64)).isEqualTo(expected);
        expected -= 2;
      }
      assertThat(expected).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void programsSeeWhatTheApplicationStores(Supplier<Host> hosts) {
    String program = "global_variables_lie_in_the_arena";
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, program)) {
      ArenaMemory arena = loaded.map("arena").arena();
      long number = arena.address() + offset("global_number");
      assertThat(arena.get(number, Codecs.U32)).isEqualTo(17);
      arena.set(number, Codecs.U32, 3);
      assertThat((int) loaded.program(program).run(RunInput.context(new byte[64])).returnValue())
          .as("it expects 17")
          .isNotZero();
      arena.set(number, Codecs.U32, 17);
      run(loaded, program);
      assertThat(arena.get(number, Codecs.U32)).isEqualTo(18);
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void variablesAreSetBeforeLoading(Supplier<Host> hosts) {
    byte[] sixteen = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(16).array();
    LoadOptions options =
        LoadOptions.defaults()
            .withProgram("global_variables_lie_in_the_arena")
            .withGlobal("global_number", sixteen);
    try (Host host = hosts.get();
        LoadedCollection loaded = host.load(SPEC, options)) {
      assertThat(loaded.variable("global_number").get(Codecs.U32)).isEqualTo(16);
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void variablesAreReachedByTheirNames(Supplier<Host> hosts) {
    String program = "global_variables_lie_in_the_arena";
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, program)) {
      GlobalVariable number = loaded.variable("global_number");
      assertThat(number.size()).isEqualTo(4);
      assertThat(number.writable()).isTrue();
      assertThat(number.get(Codecs.U32)).isEqualTo(17);
      run(loaded, program);
      assertThat(number.get(Codecs.U32)).isEqualTo(18);
      number.set(Codecs.U32, 5);
      ArenaMemory arena = loaded.map("arena").arena();
      assertThat(arena.get(arena.address() + offset("global_number"), Codecs.U32)).isEqualTo(5);
      assertThatThrownBy(() -> number.get(Codecs.U64))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("global_number");
      assertThatThrownBy(number::memory)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("use get and set");
    }
  }

  /// Whoever touches a page makes it; programs get others then.
  @ParameterizedTest
  @MethodSource("hosts")
  void touchingAPageMakesIt(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "pages_run_out")) {
      ArenaMemory arena = loaded.map("arena").arena();
      long last = arena.address() + 63 * PAGE;
      assertThat(arena.read(last - 8, 16)).containsOnly(0);
      arena.write(last - 1, new byte[] {1, 2});
      assertThat(arena.read(last - 1, 2)).containsExactly(1, 2);
      assertThat(
              (int)
                  loaded.program("pages_run_out").run(RunInput.context(new byte[64])).returnValue())
          .as("63 pages in a row are not free any more")
          .isNotZero();
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void nothingIsOutside(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host, "pages_run_out")) {
      ArenaMemory arena = loaded.map("arena").arena();
      for (long address :
          new long[] {0, arena.address() - 1, arena.address() + arena.size(), -1, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> arena.read(address, 1))
            .isInstanceOfSatisfying(
                MapException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT));
        assertThatThrownBy(() -> arena.write(address, new byte[2]))
            .isInstanceOf(MapException.class);
      }
      assertThatThrownBy(() -> arena.read(arena.address() + arena.size() - 1, 2))
          .isInstanceOf(MapException.class);
    }
  }

  /// What bpf(2) says of attributes and element calls.
  @ParameterizedTest
  @MethodSource("hosts")
  void attributesAreLinuxs(Supplier<Host> hosts) {
    try (Host host = hosts.get()) {
      assertThat(creation(host, arena(4, MMAPABLE, 1L << 44))).isEqualTo("made");
      assertThat(creation(host, arena(4, MMAPABLE, 0))).isEqualTo("made");
      assertThat(creation(host, arena(4, MMAPABLE | SEGV_ON_FAULT, (2L << 44) + PAGE)))
          .isEqualTo("made");
      assertThat(creation(host, arena(4, 0, 0))).isEqualTo("EINVAL");
      assertThat(creation(host, arena(0, MMAPABLE, 0))).isEqualTo("EINVAL");
      assertThat(creation(host, arena(4, MMAPABLE | 1, 0))).isEqualTo("EINVAL");
      assertThat(creation(host, arena(4, MMAPABLE, 100))).isEqualTo("EINVAL");
      assertThat(creation(host, arena((1 << 20) + 1, MMAPABLE, 0))).isEqualTo("E2BIG");
      assertThat(creation(host, arena(4, MMAPABLE, (1L << 44) - 2 * PAGE))).isEqualTo("ERANGE");
      assertThat(creation(host, arena(4, MMAPABLE, 1L << 44).withValueSize(8))).isEqualTo("EINVAL");
    }
  }

  private static MapSpec arena(int pages, int flags, long start) {
    return MapSpec.of("arena", MapType.ARENA, 0, 0, pages).withFlags(flags).withExtra(start);
  }

  private static String creation(Host host, MapSpec map) {
    CollectionSpec spec = CollectionSpec.of(List.of(map), List.of());
    try (LoadedCollection loaded = host.load(spec)) {
      BpfMap made = loaded.map("arena");
      List<String> refused =
          Stream.<Runnable>of(
                  () -> made.lookup(new byte[0]),
                  () -> made.update(new byte[0], new byte[0]),
                  () -> made.delete(new byte[0]),
                  () -> made.firstKey())
              .map(ArenaTest::errnoOf)
              .toList();
      assertThat(refused).containsExactly("EINVAL", "EOPNOTSUPP", "EOPNOTSUPP", "EOPNOTSUPP");
      return "made";
    } catch (MapException refused) {
      return refused.errno().name();
    } catch (LoadException refused) {
      return refused.errno().name();
    }
  }

  private static String errnoOf(Runnable call) {
    try {
      call.run();
      return "done";
    } catch (EbpfException refused) {
      return refused instanceof MapException map ? map.errno().name() : refused.toString();
    }
  }
}
