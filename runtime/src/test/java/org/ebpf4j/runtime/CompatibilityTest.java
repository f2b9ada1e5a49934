package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.runtime.internal.context.Contexts;
import org.ebpf4j.runtime.internal.helper.HelperTable;
import org.ebpf4j.runtime.internal.host.BuiltIns;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.testkit.InstructionTable;
import org.junit.jupiter.api.Test;

/// `docs/compatibility.md` says what the JVM host does, as its tables have it. With
/// `-Debpf4j.update=true` the file is written anew.
class CompatibilityTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DOCUMENT = ROOT.resolve("docs/compatibility.md");
  private static final boolean UPDATE = Boolean.getBoolean("ebpf4j.update");

  private static final String DIFFERENCES =
      "conformance/src/test/resources/behaviour/differences.tsv";

  private final Evidence evidence = new Evidence(ROOT);

  /// The cells of the document as it is, by the first one of their row.
  private Map<String, String> cited = Map.of();

  /// Of helpers.
  private static final String ABSENT = "says that it is absent";

  /// Shapes that some type of map takes.
  private static final List<MapSpec> SHAPES =
      List.of(
          shape(4, 4, 4),
          shape(4, 8, 4),
          shape(0, 4, 4),
          shape(0, 0, 4096),
          shape(0, 0, 1).withFlags(1 << 10),
          shape(8, 4, 4).withFlags(1),
          shape(4, 4, 0).withFlags(1),
          shape(8, 4, 0),
          shape(4, 4, 4).withInner(MapSpec.of("inner", MapType.ARRAY, 4, 4, 1)));

  @Test
  void theDocumentSaysWhatTheTablesSay() throws IOException {
    if (UPDATE) {
      Files.writeString(DOCUMENT, document());
    } else {
      cited = Evidence.cited(Files.readString(DOCUMENT));
    }
    String text = document();
    assertThat(Files.readString(DOCUMENT))
        .as("run this test with -Debpf4j.update=true to bring %s up to date", DOCUMENT)
        .isEqualTo(text);
  }

  private String document() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Compatibility

        What the JVM host does of what Linux 6.18 knows, as its tables have it. `CompatibilityTest` writes
        this file from the tables, finds tests that speak of each row, and fails when the file is out of date;
        `-Debpf4j.update=true` rewrites it. The Linux host has what its kernel has.
        """);
    instructions(text);
    mapTypes(text);
    programTypes(text);
    helpers(text);
    kernelFunctions(text);
    differences(text);
    return text.toString();
  }

  private void instructions(StringBuilder text) {
    Map<String, int[]> groups = new TreeMap<>();
    InstructionTableTest.programs().forEach(row -> count(row, groups));
    text.append(
        """

        ## Instructions

        RFC 9669 and what Linux added. Reserved encodings are refused
        ([RefusedProgramsTest](../runtime/src/test/java/org/ebpf4j/runtime/RefusedProgramsTest.java)).

        | instructions | JVM host | tests |
        |---|---|---|
        """);
    String table =
        "[InstructionTableTest](../runtime/src/test/java/org/ebpf4j/runtime/InstructionTableTest.java)";
    groups.forEach((group, cases) ->
        text.append("| %s | yes | %s, %d cases |\n".formatted(group, table, cases[0])));
    row(text, "packet load (LD_ABS, LD_IND)", true, "class PacketLoadTest");
    row(text, "call of a helper or kernel function", true, "class JvmHostTest");
    row(text, "address space cast (of arenas)", true, "\\baddr_space_cast\\b");
  }

  private static void count(InstructionTable.Program row, Map<String, int[]> groups) {
    String text = row.body() + "\nexit\n" + row.functions() + "\nexit";
    InstructionCodec.decode(Assembler.assemble(text)).stream()
        .map(instruction -> group(InstructionForms.of(instruction)))
        .distinct()
        .forEach(
            group -> groups.computeIfAbsent(group, name -> new int[1])[0] += row.cases().size());
  }

  /// What a form has in common with its neighbours: operations in one row, widths apart.
  private static String group(String form) {
    String[] words = form.split(" ");
    return switch (words[0]) {
      case "alu" -> "arithmetic, %s bits, with %s".formatted(bits(words), article(words[3]));
      case "jump" -> "conditional jump, %s bits, with %s".formatted(bits(words), article(words[3]));
      case "atomic" -> "atomic " + words[1].toLowerCase(Locale.ROOT) + ", 32 and 64 bits";
      case "negate" -> "negation, 32 and 64 bits";
      case "move" -> "sign-extending move";
      case "swap" -> "byte swap (le, be, bswap)";
      case "load" -> "load, " + words[2];
      case "store" -> "store of " + article(words[2]);
      case "acquire" -> "load-acquire";
      case "release" -> "store-release";
      case "constant" -> "64-bit constant";
      default -> form;
    };
  }

  private static String bits(String[] words) {
    return words[1].substring(1);
  }

  private static String article(String word) {
    return (word.startsWith("i") ? "an " : "a ") + word;
  }

  private void mapTypes(StringBuilder text) {
    head(text, "Map types", "type");
    try (JvmHost host = JvmHost.builder().cpus(1).build()) {
      for (MapType type : MapType.values()) {
        boolean done = SHAPES.stream().anyMatch(shape -> creates(host, type, shape));
        row(
            text,
            type.name().toLowerCase(Locale.ROOT),
            done,
            "\\bMapType\\.%s\\b|(?m)^map %d |\\bBPF_MAP_TYPE_%s\\b"
                .formatted(type, type.number(), type));
      }
    }
  }

  private static MapSpec shape(int key, int value, int entries) {
    return MapSpec.of("map", MapType.ARRAY, key, value, entries);
  }

  private static boolean creates(JvmHost host, MapType type, MapSpec shape) {
    MapSpec spec =
        new MapSpec(
            "map",
            type.number(),
            shape.keySize(),
            shape.valueSize(),
            shape.maxEntries(),
            shape.flags(),
            0,
            0,
            0,
            0,
            false,
            shape.inner(),
            shape.contents());
    try (BpfMap made = host.createMap(spec)) {
      return made.spec().typeNumber() == type.number();
    } catch (MapException refused) {
      return false;
    }
  }

  private void programTypes(StringBuilder text) {
    head(text, "Program types", "type");
    for (ProgramType type : ProgramType.values()) {
      String name = type.name().toLowerCase(Locale.ROOT);
      row(
          text,
          name,
          Contexts.of(type, Optional.empty(), Limits.defaults()).isPresent(),
          "\"%s\"|SEC\\(\"%s[/\"]".formatted(type, name));
    }
  }

  private void helpers(StringBuilder text) {
    List<HelperPrototype> all =
        Helpers.all().stream().sorted(Comparator.comparingInt(HelperPrototype::id)).toList();
    long done = all.stream().filter(CompatibilityTest::has).count();
    head(text, "Helpers: %d of %d".formatted(done, all.size()), "helper");
    for (HelperPrototype helper : all) {
      row(
          text,
          "%d `bpf_%s`".formatted(helper.id(), helper.name()),
          has(helper) ? HelperTable.isOfAbsentThings(helper.id()) ? ABSENT : "yes" : "no",
          "\"%s\"|\\bcall %d\\b|\\bbpf_%s\\(".formatted(helper.name(), helper.id(), helper.name()));
    }
  }

  /// The tail call is the engine's own.
  private static boolean has(HelperPrototype helper) {
    return HelperTable.all().containsKey(helper.id()) || helper.name().equals("tail_call");
  }

  private void kernelFunctions(StringBuilder text) {
    head(text, "Kernel functions", "function");
    BuiltIns.kernelFunctions().keySet().stream()
        .sorted()
        .forEach(name -> row(text, "`%s`".formatted(name), true, "\\b%s\\b".formatted(name)));
    text.append("\nAn application adds its own by `JvmHost.Builder.kernelFunction`.\n");
  }

  /// What the behaviour suite knows to be otherwise in a host.
  private static void differences(StringBuilder text) throws IOException {
    text.append(
        """

        ## Differences

        One suite of programs, `conformance/src/test/resources/behaviour`, checks what helpers, kernel
        functions and maps do, on the live kernel and in the JVM. Where a host does something else:

        | host | program | reason |
        |---|---|---|
        """);
    for (String line : Files.readAllLines(ROOT.resolve(DIFFERENCES))) {
      String[] cells = line.split("\t");
      if (cells.length == 3 && !line.startsWith("#")) {
        text.append("| %s | `%s` | %s |\n".formatted(cells[0], cells[1], cells[2]));
      }
    }
  }

  private static void head(StringBuilder text, String title, String first) {
    text.append("\n## %s\n\n| %s | JVM host | tests |\n|---|---|---|\n".formatted(title, first));
  }

  /// @param marks a pattern of what tests and examples of it hold
  private void row(StringBuilder text, String name, boolean done, String marks) {
    row(text, name, done ? "yes" : "no", marks);
  }

  private void row(StringBuilder text, String name, String state, String marks) {
    String tests = "";
    if (!state.equals("no")) {
      String before = cited.get(name);
      Pattern pattern = Pattern.compile(marks);
      tests = before != null && evidence.holds(before, pattern) ? before : evidence.of(pattern);
    }
    text.append("| %s | %s | %s |\n".formatted(name, state, tests));
  }
}
