package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.ebpf4j.Host;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.runtime.JvmHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What `ebpf gen java` writes compiles, and works on both hosts.
class GenCommandTest {
  /// What an application does with the class of the object `generated`.
  private static final String USE =
      """
      package made;

      import java.nio.file.Path;
      import org.ebpf4j.Host;
      import org.ebpf4j.LoadOptions;
      import org.ebpf4j.RunInput;
      import org.ebpf4j.spec.CollectionReader;

      public final class Use {
        public static String run(Host host, Path object) {
          LoadOptions options =
              Kinds.withLimit(LoadOptions.defaults().withProgram("count_packets"), 7);
          try (Kinds kinds = Kinds.load(host, CollectionReader.read(object), options)) {
            Kinds.Entry entry =
                new Kinds.Entry(
                    5L,
                    (short) 3,
                    new Kinds.Point(1, -2),
                    java.util.List.of(new Kinds.Point(3, 4), new Kinds.Point(5, 6)),
                    new int[] {7, 8, 9},
                    new byte[] {'h', 'i', 0, 0, 0, 0, 0, 0},
                    Kinds.Either.ofWhole(258));
            kinds.entriesMap().update(1, entry);
            kinds.ratiosMap().update(true, 0.5f);
            kinds.exactSwitchesMap()
                .update(2.25, new Kinds.Switches((byte) 2, new boolean[] {true, false, true}));
            short[] row = {1, -2};
            kinds.rowsMap().update(row, new int[] {1, -2, 3, 4});
            String wrong = "";
            try {
              kinds.rowsMap().update(row, new int[3]);
            } catch (IllegalArgumentException e) {
              wrong = e.getMessage();
            }
            boolean[] switches = {true, false, false, true};
            kinds.linesMap()
                .update(switches, java.util.List.of(new Kinds.Point(1, 2), new Kinds.Point(3, 4)));
            java.util.List<Kinds.Pair> pairs =
                java.util.List.of(
                    new Kinds.Pair((byte) 1, (byte) 2), new Kinds.Pair((byte) 3, (byte) 4));
            kinds.palettesMap()
                .update(
                    pairs, java.util.List.of(Kinds.Color.RED, Kinds.Color.BLUE, Kinds.Color.GREEN));
            try {
              kinds.linesMap().update(switches, java.util.List.of());
            } catch (IllegalArgumentException e) {
              wrong += ", " + e.getMessage();
            }
            kinds.flags(new boolean[] {true, true, false, false});
            kinds.step(10);
            kinds.countPacketsProgram().run(RunInput.packet(new byte[64]));
            Kinds.Entry after = kinds.entriesMap().lookup(1).orElseThrow();
            if (!after.equals(kinds.entriesMap().lookup(1).orElseThrow())
                || !java.util.Set.of(after).contains(kinds.entriesMap().lookup(1).orElseThrow())
                || after.equals(entry)
                || !after.either().equals(kinds.entriesMap().lookup(1).orElseThrow().either())) {
              throw new AssertionError("records are equal if what they hold is");
            }
            return "%s %s %s %s %s, %s %s %s, %d %d %s %s %d %s %s, total %d, limit %d"
                .formatted(
                    kinds.linesMap().lookup(switches).orElseThrow(),
                    kinds.palettesMap().lookup(pairs).orElseThrow(),
                    kinds.corners(),
                    java.util.Arrays.toString(kinds.rowsMap().lookup(row).orElseThrow()),
                    wrong,
                    kinds.ratiosMap().lookup(true).orElseThrow(),
                    java.util.Arrays.toString(
                        kinds.exactSwitchesMap().lookup(2.25).orElseThrow().on()),
                    java.util.Arrays.toString(kinds.flags()),
                    after.count(),
                    after.kind(),
                    after.first(),
                    after.others(),
                    after.numbers()[2],
                    after.labelText(),
                    java.util.Arrays.toString(after.either().parts()),
                    kinds.total(),
                    kinds.limit());
          }
        }
      }
      """;

  /// What an application does with enumerations, bit-fields, unions, and structs without names.
  private static final String SHAPES =
      """
      package made;

      import java.nio.file.Path;
      import java.util.List;
      import org.ebpf4j.Host;
      import org.ebpf4j.LoadOptions;
      import org.ebpf4j.RunInput;
      import org.ebpf4j.spec.CollectionReader;

      public final class Use {
        public static String run(Host host, Path object) {
          LoadOptions options =
              Kinds.withRatio(LoadOptions.defaults().withProgram("change_shapes"), 2.5f);
          try (Kinds kinds = Kinds.load(host, CollectionReader.read(object), options)) {
            Kinds.ShapesNestedLevel level = new Kinds.ShapesNestedLevel((byte) 9);
            kinds.shapesMapMap()
                .update(
                    0,
                    new Kinds.Shapes(
                        Kinds.Color.RED,
                        List.of(Kinds.Color.BLUE, new Kinds.Color(77)),
                        -3,
                        131070,
                        (1L << 40) - 1001,
                        false,
                        0.25,
                        new float[] {1.5f, -2},
                        0x1234_5678_9abcL,
                        (short) 21,
                        false,
                        new Kinds.ShapesNested(8, List.of(level, level)),
                        Kinds.ShapesEither.ofPart(new Kinds.ShapesEitherPart((short) 6, (short) 7)),
                        List.of(
                            new Kinds.Pair((byte) 1, (byte) 2), new Kinds.Pair((byte) 3, (byte) 4)),
                        new byte[8]));
            kinds.colorsMap().update(Kinds.Color.BLUE, Kinds.Either.ofWhole(1));
            kinds.changeShapesProgram().run(RunInput.packet(new byte[64]));
            Kinds.Shapes after = kinds.shapesMapMap().lookup(0).orElseThrow();
            String refused = "";
            try {
              new Kinds.Shapes(
                  after.color(), after.colors(), 4, 0, 0, true, 0, after.floats(), 0, (short) 0,
                  true, after.nested(), after.either(), after.pairs(), after.names());
            } catch (IllegalArgumentException e) {
              refused = e.getMessage();
            }
            return "%s %s %d %d %d %s %s %s %x %d %s %s %s %x %s | %d %s %s %s %s | %s"
                .formatted(
                    after.color(),
                    after.colors(),
                    after.narrow(),
                    after.wide(),
                    after.widest(),
                    after.flag(),
                    after.exact(),
                    after.floats()[1],
                    after.address(),
                    after.inside(),
                    after.truth(),
                    after.nested(),
                    after.either().part(),
                    after.either().number(),
                    after.pairs(),
                    kinds.colorsMap().lookup(Kinds.Color.BLUE).orElseThrow().whole(),
                    kinds.chosen(),
                    kinds.enabled(),
                    kinds.ratio(),
                    kinds.corner(),
                    refused);
          }
        }
      }
      """;

  private static final String CHANGED =
      "GREEN [BLUE, 77] -4 131071 1099511627775 true 0.25 -2.0 123456789abc 21 true"
          + " ShapesNested[deep=8, level=[ShapesNestedLevel[deeper=9], ShapesNestedLevel[deeper=10]]]"
          + " ShapesEitherPart[low=7, high=7] 70007 [Pair[first=1, second=2], Pair[first=3, second=4]]"
          + " | 2 GREEN true 2.5 Point[x=4, y=4] | narrow is 4, and has 3 bits";

  private static final Path KINDS = Path.of("src/test/resources/generated.bpf.o");

  @TempDir private Path folder;

  @Test
  void theClassWorksInTheJvm() throws Exception {
    try (JvmHost host = JvmHost.builder().cpus(1).build()) {
      assertThat(use(host, USE)).isEqualTo(expected());
      assertThat(use(host, SHAPES)).isEqualTo(CHANGED);
    }
  }

  @Test
  void theClassWorksInLinux() throws Exception {
    LinuxNeeded.orSkip();
    try (LinuxHost host = LinuxHost.open()) {
      assertThat(use(host, USE)).isEqualTo(expected());
      assertThat(use(host, SHAPES)).isEqualTo(CHANGED);
    }
  }

  private static String expected() {
    return "[Point[x=1, y=2], Point[x=3, y=4]] [RED, BLUE, GREEN]"
        + " [Point[x=5, y=6], Point[x=7, y=8]] [1, -2, 3, 4]"
        + " 4 elements wanted, 3 given, 2 elements wanted, 0 given, 0.5 [true, false, true] [true, true, true, false], 15 3 Point[x=1, y=-2] [Point[x=3, y=4], Point[x=5, y=6]] 9 hi [2, 1, 0, 0], total 74,"
        + " limit 7";
  }

  private String use(Host host, String source) throws Exception {
    generate(KINDS, "Kinds");
    Path use = Files.writeString(folder.resolve("made/Use.java"), source);
    assertThat(compile(List.of(folder.resolve("made/Kinds.java"), use))).isEmpty();
    URL[] classes = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      Method run = loader.loadClass("made.Use").getMethod("run", Host.class, Path.class);
      return (String) run.invoke(null, host, KINDS);
    }
  }

  /// Of all objects in the tree that have types.
  @ParameterizedTest
  @MethodSource("objects")
  void theClassesOfAllObjectsCompile(Path object) throws Exception {
    generate(object, "Example");
    assertThat(compile(List.of(folder.resolve("made/Example.java")))).isEmpty();
  }

  static Stream<Path> objects() throws IOException {
    List<Path> objects = new ArrayList<>();
    for (String root :
        List.of(
            "examples",
            "conformance/programs",
            "conformance/src/test/resources",
            "bench/programs",
            "linux/src/test/resources",
            "runtime/src/test/resources",
            "core/src/test/resources/objects/clang-19",
            "cli/src/test/resources")) {
      try (Stream<Path> files = Files.walk(Path.of("..").resolve(root))) {
        files.filter(file -> file.toString().endsWith(".bpf.o")).sorted().forEach(objects::add);
      }
    }
    assertThat(objects).hasSizeGreaterThan(20);
    return objects.stream();
  }

  /// README.md's use of a generated class.
  @Test
  void theClassOfReadmeWorks() throws Exception {
    Path object = Invocation.example("flowtable/flowtable.bpf.o");
    generate(object, "Flowtable");
    String readme = Files.readString(Path.of("..", "README.md"));
    int start = readme.indexOf("try (Flowtable flowtable");
    String body =
        readme
            .substring(start, readme.indexOf("```", start))
            .replace("Path.of(\"examples/flowtable/flowtable.bpf.o\")", "object");
    Path use =
        Files.writeString(
            folder.resolve("made/Readme.java"),
            """
            package made;

            import java.nio.file.Path;
            import org.ebpf4j.*;

            public final class Readme {
              public static void run(Host host, Path object, byte[] packet) {
                %s
              }
            }
            """
                .formatted(body));
    assertThat(compile(List.of(folder.resolve("made/Flowtable.java"), use))).isEmpty();
    URL[] classes = {folder.toUri().toURL()};
    try (JvmHost host = JvmHost.builder().cpus(1).build();
        URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      loader
          .loadClass("made.Readme")
          .getMethod("run", Host.class, Path.class, byte[].class)
          .invoke(null, host, object, new byte[64]);
    }
  }

  @Test
  void aStructThatIsNotThereIsNamed() {
    Invocation invocation = Invocation.of("gen", "java", "file", KINDS, "--type", "no_such_struct");
    assertThat(invocation.code()).isEqualTo(1);
    assertThat(invocation.err()).contains("no struct no_such_struct").hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({
    "--class, 1st",
    "--class, a.B",
    "--class, ../Elsewhere",
    "--class, class",
    "--package, a b",
    "--package, a..b",
    "--package, int.b",
  })
  void whatIsNoNameInJavaIsAMistakeOfUse(String option, String name) {
    Invocation invocation = Invocation.of("gen", "java", "file", KINDS, option, name);
    assertThat(invocation.code()).isEqualTo(2);
    assertThat(invocation.err()).contains(option + " " + name + " is no name");
    assertThat(invocation.out()).isEmpty();
  }

  private void generate(Path object, String name) {
    Invocation invocation =
        Invocation.of(
            "gen", "java", "file", object, "--package", "made", "--class", name, "-o", folder);
    assertThat(invocation.err()).isEmpty();
    assertThat(invocation.code()).isZero();
  }

  /// Compiles sources with all warnings; gives what the compiler says.
  private String compile(List<Path> sources) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-d", folder.toString(), "-Xlint:all,-path", "-cp", classPath(), "-proc:none");
      compiler
          .getTask(messages, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
          .call();
    }
    return messages.toString();
  }

  private static String classPath() {
    List<String> all = new ArrayList<>();
    Stream.of("java.class.path", "jdk.module.path")
        .map(System::getProperty)
        .filter(path -> path != null && !path.isEmpty())
        .forEach(all::add);
    return String.join(System.getProperty("path.separator"), all);
  }
}
