package org.ebpf4j.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Turns text in llvm-objdump's syntax into a program; [Disassembler] goes the other way.
///
/// A line holds labels (`name:`), an instruction, or both. Numbers are decimal, or hexadecimal with
/// `0x`; jumps and calls go to a label (`goto out`) or a distance in slots (`goto +3`). `;`, `#`
/// and `//` start comments. `call 6` calls helper 6, `call name` the function at that label, `call
/// 0x10 <name>` or `call 0x10 <local>` the function 16 slots on, and `call 0x1234 <kernel:0x0>` the
/// kernel function with that BTF id. `ld_pseudo r1, SOURCE, LOW, HIGH` loads a 64-bit immediate
/// with another source than a plain value; `HIGH` may be left out. llvm-objdump's slot numbers are
/// passed over, and its headings of functions are labels.
public final class Assembler {
  private final List<Statement> statements = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private int slot;

  private Assembler() {}

  /// Assembles a program.
  ///
  /// @throws AssemblyException for the first line that is wrong
  public static Bytecode assemble(String text) {
    Assembler assembler = new Assembler();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      assembler.read(new LineScanner(line, number));
    }
    List<Instruction> instructions = new ArrayList<>();
    for (Statement statement : assembler.statements) {
      instructions.add(statement.resolve(assembler.labels));
    }
    return InstructionCodec.encode(instructions);
  }

  private void read(LineScanner in) {
    String symbol = in.symbol();
    if (!symbol.isEmpty()) {
      define(symbol, in);
      return;
    }
    skipSlotNumber(in);
    while (readLabel(in)) {}
    if (in.atEnd()) {
      return;
    }
    Statement statement = new StatementParser(in, slot).parse();
    if (!in.atEnd()) {
      throw in.expected("the end of the line");
    }
    statements.add(statement);
    slot += statement.slots();
  }

  private static void skipSlotNumber(LineScanner in) {
    int start = in.position();
    if (in.atNumber()) {
      in.number(0, Integer.MAX_VALUE, 0);
      if (!in.accept(":")) {
        in.reset(start);
      }
    }
  }

  private boolean readLabel(LineScanner in) {
    int start = in.position();
    String name = in.word();
    if (name.isEmpty() || !in.accept(":")) {
      in.reset(start);
      return false;
    }
    define(name, in);
    return true;
  }

  private void define(String label, LineScanner in) {
    if (labels.put(label, slot) != null) {
      in.reset(0);
      throw in.fail("label " + label + " is there already");
    }
  }

  /// An instruction, or the place that it still waits for.
  sealed interface Statement {
    int slots();

    Instruction resolve(Map<String, Integer> labels);

    /// An instruction that stands for itself.
    record Complete(Instruction instruction) implements Statement {
      @Override
      public int slots() {
        return instruction.slots();
      }

      @Override
      public Instruction resolve(Map<String, Integer> labels) {
        return instruction;
      }
    }

    /// An instruction that goes to a label.
    record ToLabel(int slot, String label, Target target, LineScanner in, int position)
        implements Statement {
      @Override
      public int slots() {
        return 1;
      }

      @Override
      public Instruction resolve(Map<String, Integer> labels) {
        in.reset(position);
        Integer to = labels.get(label);
        if (to == null) {
          throw in.fail("there is no label " + label);
        }
        int offset = to - slot - 1;
        if (!target.reaches(offset)) {
          throw in.fail(
              "label %s is %d slots away, too far for 16 bits; use gotol".formatted(label, offset));
        }
        return target.at(offset);
      }
    }
  }

  /// An instruction as a function of how far it goes.
  interface Target {
    Instruction at(int offset);

    /// Whether the instruction can go that far.
    default boolean reaches(int offset) {
      return offset == (short) offset;
    }
  }
}
