package org.ebpf4j.cli;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.InstructionException;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.ProgramStructure;

/// The functions of a program that came without symbols.
final class Functions {
  private Functions() {}

  /// @throws InstructionException if the program's structure is unsound
  static List<ProgramFunction> of(Bytecode code) {
    ProgramStructure structure = ProgramStructure.check(code);
    List<ProgramFunction> functions = new ArrayList<>();
    for (int i = 0; i < structure.functionCount(); i++) {
      int start = structure.functionStart(i);
      functions.add(
          new ProgramFunction(start, structure.functionEnd(i) - start, "f" + start, 0, false));
    }
    return functions;
  }
}
