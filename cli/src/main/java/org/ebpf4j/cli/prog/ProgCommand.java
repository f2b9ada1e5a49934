package org.ebpf4j.cli.prog;

import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ebpf prog`: the programs of an object file, and those in the Linux kernel.
@Command(
    name = "prog",
    mixinStandardHelpOptions = true,
    description =
        "Shows programs of object files, and shows, loads, runs and pins programs in Linux.")
public final class ProgCommand extends LiveProgCommand {
  public ProgCommand(Console console) {
    super(console);
  }

  @Command(
      name = "show",
      aliases = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the programs of an object file, or those in the Linux kernel.")
  void show(
      @Parameters(arity = "0..*", paramLabel = "[file F|id N|name X|pinned P]")
          List<String> words) {
    if (words == null || words.isEmpty() || !words.getFirst().equals("file")) {
      showLive(words == null ? List.of() : words);
      return;
    }
    CollectionSpec spec = file(parse(words).selector());
    if (json()) {
      printJson(json(spec));
      return;
    }
    for (ProgramSpec program : spec.programs().values()) {
      console()
          .line(
              "%s  %s  section %s%s  insns %d  functions %d",
              program.name(),
              type(program),
              program.section(),
              program.autoload() ? "" : " (not loaded unless named)",
              program.bytecode().size(),
              program.functions().size());
    }
  }

  @Command(
      name = "dump",
      mixinStandardHelpOptions = true,
      description = {
        "Prints the instructions of an object file, or of a program in Linux.",
        "Of an object file in llvm-objdump's syntax, with C source lines; of a program in Linux as"
            + " the verifier left it (xlated), in the kernel's syntax as bpftool does, or its"
            + " machine code in hex (jited). opcodes shows the encoding, linum where lines are;"
            + " 'file OUT' writes the bytes as they are; visual is a graph for Graphviz.",
        "'jited file F' prints the JVM bytecode that the JVM host's compiler makes, and what"
            + " HotSpot makes of that where it finds its disassembler (hsdis)."
      })
  void dump(
      @Parameters(
              arity = "1..*",
              paramLabel =
                  "[jited] file F | xlated|jited id N|name X|tag T|pinned P [file OUT] [opcodes]"
                      + " [linum] [visual]")
          List<String> words,
      @Option(names = "--program", paramLabel = "NAME", description = "Only this program.")
          Optional<String> name,
      @Option(names = "--opcodes", description = "The encoding, too.") boolean opcodes) {
    String form = words.getFirst();
    if (form.equals("jited") && words.size() > 1 && words.get(1).equals("file")) {
      if (json()) {
        throw usage("'jited file' prints a listing for people, and no JSON");
      }
      dumpCompiled(file(parse(words.subList(1, words.size())).selector()), name);
      return;
    }
    if (form.equals("xlated") || form.equals("jited")) {
      dumpLive(form.equals("jited"), words.subList(1, words.size()), opcodes);
      return;
    }
    boolean named = words.size() > 2 && words.getLast().equals("opcodes");
    List<String> plain = named ? words.subList(0, words.size() - 1) : words;
    dumpObject(file(parse(plain).selector()), name, opcodes || named);
  }

  private void dumpObject(CollectionSpec spec, Optional<String> name, boolean opcodes) {
    if (name.isPresent() && !spec.programs().containsKey(name.get())) {
      throw new CommandException(
          "%s: no program named %s; it has %s"
              .formatted(spec.name(), name.get(), String.join(", ", spec.programs().keySet())));
    }
    List<ProgramSpec> chosen =
        spec.programs().values().stream()
            .filter(program -> name.isEmpty() || name.get().equals(program.name()))
            .toList();
    if (!json()) {
      chosen.forEach(program -> dump(program, opcodes));
      return;
    }
    try (ObjectDumpJson dump = new ObjectDumpJson(opcodes)) {
      chosen.forEach(program -> dump.add(program, disassembler(program)));
      printJson(dump.text());
    }
  }

  private void dumpCompiled(CollectionSpec spec, Optional<String> name) {
    LoadOptions options =
        name.map(LoadOptions.defaults()::withProgram).orElse(LoadOptions.defaults());
    try (JvmHost host = JvmHost.create();
        LoadedCollection collection = host.load(spec, options)) {
      for (BpfProgram program : collection.programs().values()) {
        console().line("program %s", program.name());
        console().line(host.listing(program));
        if (HotSpotDisassembler.find().isPresent()) {
          ProgramSpec printed = spec.program(program.name()).orElseThrow();
          console().line(MachineCode.of(Path.of(spec.name()), printed));
        }
      }
    }
    if (HotSpotDisassembler.find().isEmpty()) {
      console()
          .note(
              "no machine code: for HotSpot's, put its disassembler %s into the JDK's folder lib or"
                      .formatted(HotSpotDisassembler.fileName())
                  + " on LD_LIBRARY_PATH");
    }
  }

  private void dump(ProgramSpec program, boolean opcodes) {
    Disassembler disassembler = disassembler(program).with(Disassembler.Option.SLOT_NUMBERS);
    if (opcodes) {
      disassembler = disassembler.with(Disassembler.Option.RAW_BYTES);
    }
    console().line(disassembler.print(program.bytecode()));
  }

  private static Disassembler disassembler(ProgramSpec program) {
    return Disassembler.plain()
        .withFunctions(program.functions())
        .withLines(program.lines())
        .withHelpers(id -> Helpers.byId(id).map(row -> "bpf_" + row.name()))
        .withNotes(references(program));
  }

  /// What instructions refer to, which stands in them only when the program is loaded.
  private static Map<Integer, String> references(ProgramSpec program) {
    Map<Integer, String> names = new HashMap<>();
    for (Reference reference : program.references()) {
      names.put(
          reference.slot(),
          switch (reference) {
            case Reference.MapHandle(int slot, String map) -> "map " + map;
            case Reference.MapData(int slot, String map, int offset) ->
                "map %s, value + 0x%x".formatted(map, offset);
            case Reference.KernelVariable variable -> "&" + variable.name();
            case Reference.KernelFunction function -> function.name();
            case Reference.KernelFunctionAddress function -> "&" + function.name();
          });
    }
    return names;
  }

  private static String type(ProgramSpec program) {
    return program.kind().type().map(Names::of).orElse("(type unknown)");
  }

  private static String json(CollectionSpec spec) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      for (ProgramSpec program : spec.programs().values()) {
        json.writeStartObject();
        json.writeStringProperty("name", program.name());
        json.writeStringProperty("type", type(program));
        json.writeStringProperty("section", program.section());
        json.writeBooleanProperty("autoload", program.autoload());
        json.writeNumberProperty("insns", program.bytecode().size());
        json.writeName("functions");
        json.writeStartArray();
        program.functions().forEach(function -> json.writeString(function.name()));
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return out.toString();
  }
}
