package org.ebpf4j.cli.prog;

import java.io.StringWriter;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.spec.ProgramSpec;
import tools.jackson.core.JsonGenerator;

/// The instructions of an object's programs as JSON. The schema is `prog-dump-file.schema.json`.
final class ObjectDumpJson implements AutoCloseable {
  private final StringWriter out = new StringWriter();
  private final JsonGenerator json = Json.generator(out);
  private final boolean opcodes;

  /// @param opcodes whether the encoding is wanted, too
  ObjectDumpJson(boolean opcodes) {
    this.opcodes = opcodes;
    json.writeStartArray();
  }

  /// Adds a program as this disassembler has it.
  void add(ProgramSpec program, Disassembler disassembler) {
    Map<Integer, String> functions =
        program.functions().stream()
            .collect(Collectors.toMap(ProgramFunction::slot, ProgramFunction::name, (a, b) -> a));
    Map<Integer, List<SourceLine>> lines =
        program.lines().stream().collect(Collectors.groupingBy(SourceLine::slot));
    TreeMap<Integer, String> instructions =
        new TreeMap<>(disassembler.instructions(program.bytecode()));
    byte[] code = program.bytecode().toBytes(ByteOrder.LITTLE_ENDIAN);
    json.writeStartObject();
    json.writeStringProperty("name", program.name());
    json.writeName("insns");
    json.writeStartArray();
    instructions.forEach((slot, text) -> {
      json.writeStartObject();
      json.writeNumberProperty("insn", slot);
      if (functions.containsKey(slot)) {
        json.writeStringProperty("function", functions.get(slot));
      }
      lines.getOrDefault(slot, List.of()).stream().limit(1).forEach(this::source);
      json.writeStringProperty("disasm", text);
      if (opcodes) {
        Integer next = instructions.higherKey(slot);
        int end = next == null ? program.bytecode().size() : next;
        json.writeStringProperty(
            "opcodes",
            HexFormat.of().formatHex(code, slot * Bytecode.SLOT_BYTES, end * Bytecode.SLOT_BYTES));
      }
      json.writeEndObject();
    });
    json.writeEndArray();
    json.writeEndObject();
  }

  private void source(SourceLine line) {
    json.writeStringProperty("src", line.text().strip());
    json.writeStringProperty("file", line.file());
    json.writeNumberProperty("line_num", line.line());
  }

  /// All that was added.
  String text() {
    json.writeEndArray();
    json.flush();
    return out.toString();
  }

  @Override
  public void close() {
    json.close();
  }
}
