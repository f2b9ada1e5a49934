package org.ebpf4j.testkit;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfWriter;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.spec.Reference;

/// A program that once showed a fault, as a text file: what is known of it, a line `---`, and its
/// instructions as assembly.
///
///     # why it was saved
///     expect accepted
///     type XDP
///     function 0 9 generated 12 global
///     map 4 array
///     kernel 7 bpf_iter_num_new 15
///     element array 00000000 0102…
///     input PACKET_HEX CONTEXT_HEX
///     btf HEX
///     ---
///     r0 = 0x0
///     exit
///
/// `function` has the slot, the slots, the name and the BTF id; `map` and `kernel` have the slot that
/// refers to a map or a kernel function. Bytes that are none are a `-`.
///
/// @param reason why it was saved, a line or more
/// @param expected `accepted`, or the verifier's message
/// @param program the program and its inputs
public record SavedCase(String reason, String expected, TestProgram program) {
  private static final String NONE = "-";
  private static final HexFormat HEX = HexFormat.of();

  /// The case as text; [#parse] takes it back.
  public String print() {
    StringBuilder out = new StringBuilder();
    reason.lines().forEach(line -> out.append("# ").append(line).append('\n'));
    out.append("expect ").append(expected).append('\n');
    ProgramSpec spec = program.program();
    out.append("type ").append(spec.kind().type().orElseThrow()).append('\n');
    for (ProgramFunction f : spec.functions()) {
      out.append(
          "function %d %d %s %d %s\n"
              .formatted(
                  f.slot(), f.slots(), f.name(), f.type(), f.global() ? "global" : "static"));
    }
    for (Reference reference : spec.references()) {
      if (reference instanceof Reference.MapHandle(int slot, String map)) {
        out.append("map %d %s\n".formatted(slot, map));
      } else if (reference
          instanceof Reference.KernelFunction(int slot, String name, int type, boolean weak)) {
        out.append("kernel %d %s %d\n".formatted(slot, name, type));
      }
    }
    program
        .contents()
        .forEach((map, entries) ->
            entries.forEach(entry ->
                out.append(
                    "element %s %s %s\n".formatted(map, hex(entry.key()), hex(entry.value())))));
    for (TestInput input : program.inputs()) {
      out.append("input %s %s\n".formatted(hex(input.packet()), hex(input.context())));
    }
    out.append("btf ").append(hex(new BtfWriter(program.collection().btf()).toBytes()));
    out.append("\n---\n");
    return out.append(Disassembler.plain().print(spec.bytecode())).toString();
  }

  private static String hex(byte[] bytes) {
    return bytes.length == 0 ? NONE : HEX.formatHex(bytes);
  }

  private static byte[] bytes(String hex) {
    return hex.equals(NONE) ? new byte[0] : HEX.parseHex(hex);
  }

  /// Reads a case.
  ///
  /// @throws IllegalArgumentException if the text is none
  public static SavedCase parse(String text) {
    int divider = text.indexOf("\n---\n");
    if (divider < 0) {
      throw new IllegalArgumentException("no line --- before the instructions");
    }
    Parser parser = new Parser();
    text.substring(0, divider).lines().forEach(parser::line);
    return parser.finish(Assembler.assemble(text.substring(divider + 5)));
  }

  /// What the lines read so far have said.
  private static final class Parser {
    private final List<String> reasons = new ArrayList<>();
    private final List<ProgramFunction> functions = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private final Map<String, List<BpfMap.Entry>> contents = new LinkedHashMap<>();
    private final List<TestInput> inputs = new ArrayList<>();
    private ProgramType type = ProgramType.XDP;
    private String expected = "";
    private Btf btf = Btf.empty();

    void line(String line) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "#" -> reasons.add(line.substring(1).strip());
        case "expect" -> expected = line.substring("expect ".length());
        case "type" -> type = ProgramType.valueOf(words[1]);
        case "function" ->
            functions.add(
                new ProgramFunction(
                    number(words[1]),
                    number(words[2]),
                    words[3],
                    number(words[4]),
                    words[5].equals("global")));
        case "map" -> references.add(new Reference.MapHandle(number(words[1]), words[2]));
        case "kernel" ->
            references.add(
                new Reference.KernelFunction(number(words[1]), words[2], number(words[3]), false));
        case "element" ->
            contents
                .computeIfAbsent(words[1], map -> new ArrayList<>())
                .add(new BpfMap.Entry(bytes(words[2]), bytes(words[3])));
        case "input" -> inputs.add(new TestInput(bytes(words[1]), bytes(words[2])));
        case "btf" -> btf = BtfReader.read("saved case", bytes(words[1]));
        default -> throw new IllegalArgumentException("no line of a saved case: " + line);
      }
    }

    private static int number(String word) {
      return Integer.parseInt(word);
    }

    SavedCase finish(Bytecode code) {
      ProgramSpec program =
          new ProgramSpec(
              TestProgram.NAME,
              ProgramGenerator.section(type),
              ProgramKind.of(type),
              code,
              functions,
              references,
              List.of(),
              List.of(),
              true);
      Map<String, MapSpec> maps = TestMaps.usedBy(program);
      contents.keySet().retainAll(maps.keySet());
      CollectionSpec collection =
          new CollectionSpec(
              "saved case",
              ByteOrder.nativeOrder(),
              "GPL",
              0,
              btf,
              maps,
              Map.of(TestProgram.NAME, program));
      return new SavedCase(
          String.join("\n", reasons),
          expected,
          new TestProgram(0, collection, contents, inputs, Set.of()));
    }
  }
}
