package org.ebpf4j.cli.prog;

import java.io.StringWriter;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.InstructionException;
import org.ebpf4j.isa.KernelSyntax;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxProgram;
import tools.jackson.core.JsonGenerator;

/// The instructions of a program in Linux as the verifier left them, with bpftool's words and field
/// names.
///
/// @param opcodes whether to show the encoding
/// @param lineNumbers whether to show where source lines are
record TranslatedListing(List<Line> lines, boolean opcodes, boolean lineNumbers) {
  /// The star of a pointer with a name behind it, which bpftool writes apart.
  private static final Pattern POINTER_NAME = Pattern.compile("\\*(?=\\w)");

  private static final int CALL = 0x85;
  private static final int LOCAL = 1;
  private static final int MOVE = 0xbf;

  /// `BPF_ADDR_PERCPU`, as the offset of a move.
  private static final int OF_THIS_CPU = -1;

  /// `BPF_ST | BPF_NOSPEC`.
  private static final int NO_SPECULATION = 0xc2;

  /// An instruction.
  ///
  /// @param function the function that begins here
  /// @param source the source line that begins here
  /// @param text in the kernel's syntax, with its opcode
  /// @param bytes the encoding
  private record Line(
      int slot,
      Optional<String> function,
      Optional<SourceLine> source,
      String text,
      byte[] bytes) {}

  static TranslatedListing of(
      LinuxHost host, LinuxProgram program, boolean opcodes, boolean lineNumbers) {
    Bytecode code = program.translated();
    Map<Integer, ProgramFunction> functions = bySlot(program.functions(), ProgramFunction::slot);
    Map<Integer, SourceLine> source = bySlot(program.lines(), SourceLine::slot);
    int btfId = program.info().btfId();
    Btf types = functions.isEmpty() ? Btf.empty() : host.btf(btfId);
    Map<Integer, String> callees = program.callees();
    List<Line> lines = new ArrayList<>();
    int slot = 0;
    while (slot < code.size()) {
      Optional<Instruction> instruction = decode(code, slot);
      int slots = Math.min(instruction.map(Instruction::slots).orElse(1), code.size() - slot);
      int at = slot;
      String text =
          instruction
              .map(known -> KernelSyntax.text(known, new Names(at, callees, functions)))
              .orElseGet(() -> internal(code.slot(at)));
      lines.add(
          new Line(
              slot,
              Optional.ofNullable(functions.get(slot)).map(f -> prototype(types, f)),
              Optional.ofNullable(source.get(slot)).filter(line -> !line.text().isEmpty()),
              "(%02x) %s".formatted(Bytecode.opcode(code.slot(slot)), text),
              bytes(code, slot, slots)));
      slot += slots;
    }
    return new TranslatedListing(lines, opcodes, lineNumbers);
  }

  private static <T> Map<Integer, T> bySlot(List<T> records, Function<T, Integer> slot) {
    return records.stream()
        .collect(Collectors.toMap(slot, record -> record, (first, second) -> first));
  }

  private static String prototype(Btf types, ProgramFunction function) {
    String declared = BtfCPrinter.type(types, function.type());
    return POINTER_NAME
        .matcher(declared.substring(0, declared.length() - 1).replace("(void)", "()"))
        .replaceAll("* ");
  }

  /// What no program may hold, and only the kernel puts in.
  private static String internal(long slot) {
    int opcode = Bytecode.opcode(slot);
    if (opcode == MOVE && Bytecode.offset(slot) == OF_THIS_CPU) {
      return "r%d = &(void __percpu *)(r%d)".formatted(Bytecode.dst(slot), Bytecode.src(slot));
    }
    return opcode == NO_SPECULATION ? "nospec" : "BUG_%02x".formatted(opcode);
  }

  private static Optional<Instruction> decode(Bytecode code, int slot) {
    long word = code.slot(slot);
    if (Bytecode.opcode(word) == CALL
        && Bytecode.src(word) == LOCAL
        && Bytecode.offset(word) != 0) {
      // The number of the function has taken the place of the distance.
      return Optional.of(new Instruction.CallLocal(Bytecode.offset(word)));
    }
    try {
      return Optional.of(InstructionCodec.decode(code, slot));
    } catch (InstructionException kernelInternal) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(Bytecode code, int slot, int slots) {
    long[] words = new long[slots];
    for (int i = 0; i < slots; i++) {
      words[i] = code.slot(slot + i);
    }
    return Bytecode.of(words).toBytes(ByteOrder.nativeOrder());
  }

  /// What instructions refer to once the kernel has resolved it.
  private record Names(
      int slot, Map<Integer, String> callees, Map<Integer, ProgramFunction> functions)
      implements KernelSyntax.Names {
    @Override
    public String helper(int id) {
      String callee = callees.get(id);
      return callee != null
          ? callee
          : Helpers.byId(id).map(HelperPrototype::name).orElse("unknown"); // such as tail calls
    }

    @Override
    public String kernelFunction(Instruction.CallKernel call) {
      return "%s#%d".formatted(callees.getOrDefault(call.btfId(), "unknown"), call.btfId());
    }

    @Override
    public String local(int offset) {
      ProgramFunction function = functions.get(slot + 1 + offset);
      return "pc%+d%s".formatted(offset, function == null ? "" : "#" + function.name());
    }

    @Override
    public String immediate(Instruction.LoadImmediate64 load) {
      return switch (load.source()) {
        case VALUE, BTF_ID -> "0x" + Long.toHexString(load.value());
        case MAP_FD, MAP_INDEX -> "map[id:%d]".formatted(load.low());
        case MAP_VALUE, MAP_INDEX_VALUE -> "map[id:%d][0]+%d".formatted(load.low(), load.high());
        case FUNCTION -> "subprog[%+d]".formatted(load.low());
      };
    }
  }

  /// The instructions in words, by slot.
  SortedMap<Integer, String> texts() {
    SortedMap<Integer, String> texts = new TreeMap<>();
    lines.forEach(line -> texts.put(line.slot(), line.text()));
    return texts;
  }

  void text(Console console) {
    for (Line line : lines) {
      line.function().ifPresent(prototype -> console.line(prototype + ":"));
      line.source().ifPresent(source -> console.line("; " + source.text().strip() + place(source)));
      console.line("%4d: %s".formatted(line.slot(), line.text()));
      if (opcodes) {
        console.line("       " + HexFormat.ofDelimiter(" ").formatHex(line.bytes()));
      }
    }
  }

  private String place(SourceLine line) {
    return lineNumbers
        ? " [file:%s line_num:%d line_col:%d]".formatted(line.file(), line.line(), line.column())
        : "";
  }

  String json() {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      lines.forEach(line -> json(json, line));
      json.writeEndArray();
    }
    return out.toString();
  }

  private void json(JsonGenerator json, Line line) {
    json.writeStartObject();
    line.function().ifPresent(prototype -> json.writeStringProperty("proto", prototype));
    line.source()
        .ifPresent(source -> {
          json.writeStringProperty("src", source.text().strip());
          if (lineNumbers) {
            json.writeStringProperty("file", source.file());
            json.writeNumberProperty("line_num", source.line());
            if (source.column() != 0) {
              json.writeNumberProperty("line_col", source.column());
            }
          }
        });
    json.writeStringProperty("disasm", line.text());
    if (opcodes) {
      opcodes(json, line.bytes());
    }
    json.writeEndObject();
  }

  /// The fields of the encoding.
  private static void opcodes(JsonGenerator json, byte[] bytes) {
    json.writeName("opcodes");
    json.writeStartObject();
    json.writeStringProperty("code", "0x%02x".formatted(bytes[0]));
    json.writeStringProperty("src_reg", "0x" + Integer.toHexString((bytes[1] >> 4) & 15));
    json.writeStringProperty("dst_reg", "0x" + Integer.toHexString(bytes[1] & 15));
    array(json, "off", bytes, 2, 4);
    array(json, "imm", bytes, 4, bytes.length);
    json.writeEndObject();
  }

  private static void array(JsonGenerator json, String name, byte[] bytes, int from, int to) {
    json.writeName(name);
    json.writeStartArray();
    for (int i = from; i < to; i++) {
      json.writeString("0x%02x".formatted(bytes[i]));
    }
    json.writeEndArray();
  }
}
