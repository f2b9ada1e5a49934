package org.ebpf4j.jit;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;

/// XDP programs from assembly.
final class Sources {
  static final String NAME = "test";
  static final LoadOptions UNVERIFIED = LoadOptions.defaults().withUnverified(true);

  private Sources() {}

  static CollectionSpec xdp(String text) {
    Bytecode code = Assembler.assemble(text);
    return CollectionSpec.of(
        new ProgramSpec(
            NAME,
            "xdp",
            new ProgramKind(Optional.of(ProgramType.XDP), Optional.empty(), "", false, false),
            code,
            List.of(new ProgramFunction(0, code.size(), NAME, 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true));
  }
}
