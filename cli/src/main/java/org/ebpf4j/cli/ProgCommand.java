package org.ebpf4j.cli;

import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ebpf prog`: the programs of an object file.
@Command(
    name = "prog",
    mixinStandardHelpOptions = true,
    description = "Shows programs: ebpf prog show file F, ebpf prog dump file F.")
final class ProgCommand extends NounCommand {
  ProgCommand(Console console) {
    super(console);
  }

  @Command(name = "show", aliases = "list", description = "Lists the programs of an object file.")
  void show(@Parameters(paramLabel = "file F") List<String> words) {
    CollectionSpec spec = file(parse(words).selector());
    if (json()) {
      console().line(json(spec));
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
      description = "Prints instructions in llvm-objdump's syntax, with C source lines.")
  void dump(
      @Parameters(paramLabel = "file F") List<String> words,
      @Option(names = "--program", paramLabel = "NAME", description = "Only this program.")
          Optional<String> name,
      @Option(names = "--opcodes", description = "The encoding, too.") boolean opcodes) {
    CollectionSpec spec = file(parse(words).selector());
    if (name.isPresent() && !spec.programs().containsKey(name.get())) {
      throw new CommandException(
          "%s: no program named %s; it has %s"
              .formatted(spec.name(), name.get(), String.join(", ", spec.programs().keySet())));
    }
    for (ProgramSpec program : spec.programs().values()) {
      if (name.isEmpty() || name.get().equals(program.name())) {
        dump(program, opcodes);
      }
    }
  }

  private void dump(ProgramSpec program, boolean opcodes) {
    Disassembler disassembler =
        Disassembler.plain()
            .with(Disassembler.Option.SLOT_NUMBERS)
            .withFunctions(program.functions())
            .withLines(program.lines())
            .withHelpers(id -> Helpers.byId(id).map(row -> "bpf_" + row.name()));
    if (opcodes) {
      disassembler = disassembler.with(Disassembler.Option.RAW_BYTES);
    }
    console().line(disassembler.print(program.bytecode()));
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
