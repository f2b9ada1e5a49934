package org.ebpf4j.isa;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.CallKernel;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.MayGoto;

/// Prints programs in llvm-objdump's syntax, which [Assembler] takes back.
///
/// Slots that hold no instruction print as `<unknown>`, as there, and the next slot is tried.
///
/// @param options what to print beside the instructions
/// @param functions the functions of the program; each gets a `name:` line, and jumps name their
///   targets as bytes from them, as in `<main+0x18>`
/// @param lines C source to print as `; text` before the instruction that it became
/// @param helpers names that go as comments behind calls
/// @param notes what else goes as a comment behind an instruction, by its slot
public record Disassembler(
    Set<Option> options,
    List<ProgramFunction> functions,
    List<SourceLine> lines,
    HelperNames helpers,
    Map<Integer, String> notes) {

  public Disassembler {
    options = Set.copyOf(options);
    functions = List.copyOf(functions);
    lines = List.copyOf(lines);
    notes = Map.copyOf(notes);
  }

  /// A disassembler that prints instructions and nothing else.
  public static Disassembler plain() {
    return new Disassembler(Set.of(), List.of(), List.of(), _ -> Optional.empty(), Map.of());
  }

  /// Prints these, too.
  public Disassembler with(Option... more) {
    Set<Option> all = new HashSet<>(options);
    all.addAll(List.of(more));
    return new Disassembler(all, functions, lines, helpers, notes);
  }

  public Disassembler withFunctions(List<ProgramFunction> functions) {
    return new Disassembler(options, functions, lines, helpers, notes);
  }

  public Disassembler withLines(List<SourceLine> lines) {
    return new Disassembler(options, functions, lines, helpers, notes);
  }

  public Disassembler withHelpers(HelperNames helpers) {
    return new Disassembler(options, functions, lines, helpers, notes);
  }

  public Disassembler withNotes(Map<Integer, String> notes) {
    return new Disassembler(options, functions, lines, helpers, notes);
  }

  /// The whole program, a line each for functions, source and instructions.
  public String print(Bytecode code) {
    StringBuilder out = new StringBuilder();
    Map<Integer, List<SourceLine>> source =
        lines.stream().collect(Collectors.groupingBy(SourceLine::slot));
    for (int slot = 0; slot < code.size(); ) {
      printHeader(out, slot, source);
      Optional<Instruction> instruction = decode(code, slot);
      int slots = instruction.map(Instruction::slots).orElse(1);
      if (options.contains(Option.SLOT_NUMBERS)) {
        out.append("%8d:".formatted(slot));
      }
      if (options.contains(Option.RAW_BYTES)) {
        out.append('\t').append(raw(code, slot, slots));
      }
      out.append('\t').append(text(instruction, slot)).append(note(slot)).append('\n');
      slot += slots;
    }
    return out.toString();
  }

  /// The instructions without their lines' decoration but for notes, by slot.
  public SequencedMap<Integer, String> instructions(Bytecode code) {
    SequencedMap<Integer, String> texts = new LinkedHashMap<>();
    for (int slot = 0; slot < code.size(); ) {
      Optional<Instruction> instruction = decode(code, slot);
      texts.put(slot, text(instruction, slot) + note(slot));
      slot += instruction.map(Instruction::slots).orElse(1);
    }
    return texts;
  }

  private String note(int slot) {
    return notes.containsKey(slot) ? " # " + notes.get(slot) : "";
  }

  /// One instruction without its line's decoration, as if it started at this slot.
  public String print(Instruction instruction, int slot) {
    return InstructionPrinter.print(instruction) + annotation(instruction, slot);
  }

  private String text(Optional<Instruction> instruction, int slot) {
    return instruction.isEmpty() ? "<unknown>" : print(instruction.get(), slot);
  }

  private void printHeader(StringBuilder out, int slot, Map<Integer, List<SourceLine>> source) {
    for (ProgramFunction function : functions) {
      if (function.slot() == slot) {
        out.append(slot == 0 ? "" : "\n").append(function.name()).append(":\n");
      }
    }
    for (SourceLine line : source.getOrDefault(slot, List.of())) {
      out.append("; ")
          .append(line.text().isEmpty() ? line.location() : line.text().strip())
          .append('\n');
    }
  }

  private String annotation(Instruction instruction, int slot) {
    return switch (instruction) {
      case Jump i -> place(slot + 1L + i.offset());
      case Goto i -> place(slot + 1L + i.offset());
      case MayGoto i -> place(slot + 1L + i.offset());
      case CallHelper i -> helpers.name(i.helper()).map(name -> " # " + name).orElse("");
      case CallLocal i when !options.contains(Option.BARE_CALLS) -> {
        String place = place(slot + 1L + i.offset());
        yield place.isEmpty() ? " <local>" : place;
      }
      case CallKernel i when !options.contains(Option.BARE_CALLS) ->
          " <kernel:0x%x>".formatted(Short.toUnsignedInt(i.module()));
      default -> "";
    };
  }

  /// The place as bytes from the function that holds it, or "" when none does.
  private String place(long slot) {
    for (ProgramFunction function : functions) {
      long distance = slot - function.slot();
      // The slot behind the last function belongs to it, as llvm-objdump has it.
      boolean behindAll = distance == function.slots() && function == functions.getLast();
      if (distance >= 0 && (distance < function.slots() || behindAll)) {
        String bytes = Long.toHexString(distance * Bytecode.SLOT_BYTES);
        return distance == 0
            ? " <" + function.name() + ">"
            : " <" + function.name() + "+0x" + bytes + ">";
      }
    }
    return "";
  }

  private static Optional<Instruction> decode(Bytecode code, int slot) {
    try {
      return Optional.of(InstructionCodec.decode(code, slot));
    } catch (InstructionException unknown) {
      return Optional.empty();
    }
  }

  /// The bytes as a little-endian file has them.
  private static String raw(Bytecode code, int slot, int slots) {
    StringBuilder out = new StringBuilder();
    for (int i = slot; i < slot + slots; i++) {
      byte[] bytes = new byte[Bytecode.SLOT_BYTES];
      for (int b = 0; b < bytes.length; b++) {
        bytes[b] = (byte) (code.slot(i) >>> (8 * b));
      }
      out.append(i == slot ? "" : " ").append(HexFormat.ofDelimiter(" ").formatHex(bytes));
    }
    return out.toString();
  }

  /// What a disassembler prints beside the instructions.
  public enum Option {
    /// The slot's number before each instruction.
    SLOT_NUMBERS,
    /// The encoding, in the byte order of a little-endian file, before each instruction.
    RAW_BYTES,
    /// Calls of local and of kernel functions print as bare numbers, just as llvm-objdump prints
    /// them. Otherwise they carry `<name>`, or `<local>` where functions have no names, and
    /// `<kernel:MODULE>`, and [Assembler] can tell them from helpers.
    BARE_CALLS
  }

  /// Names helpers by their numbers.
  public interface HelperNames {
    Optional<String> name(int helper);
  }
}
