package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.LineNumber;
import java.util.Locale;
import java.util.Optional;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;

/// Prints compiled code for people: the JVM's instructions, each below the instruction of the
/// program that it belongs to, and that below its source line.
final class Listing {
  private final LinkedProgram program;
  private final StringBuilder text = new StringBuilder();
  private Optional<SourceLine> line = Optional.empty();

  private Listing(LinkedProgram program) {
    this.program = program;
  }

  /// Prints the methods of a class that were made from the program.
  static String print(byte[] classFile, LinkedProgram program) {
    Listing listing = new Listing(program);
    ClassModel model = ClassFile.of().parse(classFile);
    for (MethodModel method : model.methods()) {
      if (method.methodName().stringValue().startsWith(ProgramEmitter.NAME_PREFIX)) {
        method.code().ifPresent(code -> listing.method(method, code));
      }
    }
    return listing.text.toString();
  }

  private void method(MethodModel method, CodeModel code) {
    StringBuilder body = new StringBuilder();
    int position = 0;
    for (CodeElement element : code) {
      if (element instanceof LineNumber number) {
        instruction(number.line() - 1, body);
      } else if (element instanceof Instruction instruction) {
        body.append("    %5d  %s%n".formatted(position, words(instruction)));
        position += instruction.sizeInBytes();
      }
    }
    text.append(
        "%s%s: %d bytes%n%s%n"
            .formatted(
                method.methodName().stringValue(),
                method.methodType().stringValue(),
                position,
                body));
  }

  /// The heading of the JVM instructions that belong to one of the program.
  private void instruction(int slot, StringBuilder body) {
    Optional<SourceLine> now = program.spec().line(slot);
    if (now.isPresent() && !now.equals(line)) {
      body.append("; %s: %s%n".formatted(now.get().location(), now.get().text().strip()));
    }
    line = now;
    Bytecode code = program.spec().bytecode();
    int opcode = Bytecode.opcode(code.slot(slot));
    boolean wide = opcode == 0x18 && slot + 1 < code.size();
    Bytecode one =
        wide ? Bytecode.of(code.slot(slot), code.slot(slot + 1)) : Bytecode.of(code.slot(slot));
    body.append("  %d: %s%n".formatted(slot, Disassembler.plain().print(one).strip()));
  }

  private static String words(Instruction instruction) {
    String name = instruction.opcode().name().toLowerCase(Locale.ROOT);
    String whole = instruction.toString();
    int comma = whole.indexOf(", ");
    String rest =
        comma < 0 || !whole.endsWith("]") ? "" : whole.substring(comma + 2, whole.length() - 1);
    return rest.isEmpty() ? name : "%-16s %s".formatted(name, rest);
  }
}
