package org.ebpf4j.cli.bench;

import java.util.List;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// A program that does nothing, to see what a host does around it.
final class EmptyProgram {
  static final String NAME = "empty";

  private static final String XDP_PASS = "r0 = 0x2\nexit\n";
  private static final String ZERO = "r0 = 0x0\nexit\n";

  private EmptyProgram() {}

  /// One of the same type and section.
  static CollectionSpec like(ProgramSpec program) {
    boolean xdp = program.kind().type().filter(type -> type == ProgramType.XDP).isPresent();
    Bytecode code = Assembler.assemble(xdp ? XDP_PASS : ZERO);
    return CollectionSpec.of(
        new ProgramSpec(
            NAME,
            program.section(),
            program.kind(),
            code,
            List.of(new ProgramFunction(0, code.size(), NAME, 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true));
  }
}
