package org.ebpf4j.conformance.tables;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;

/// Programs of a few instructions, which stand or fall with one of them.
final class TinyProgram {
  private static final String NAME = "tiny";

  private TinyProgram() {}

  /// A program that does something, returns what its type allows, and ends.
  static CollectionSpec of(
      Caller caller, List<MapSpec> maps, List<Reference> references, long... body) {
    ProgramTypes.Row row = ProgramTypes.of(caller.type());
    int result = Math.clamp(1, row.lowest(), row.highest());
    return returning(caller, result, maps, references, body);
  }

  /// A program that does something and returns a number.
  static CollectionSpec returning(
      Caller caller, int result, List<MapSpec> maps, List<Reference> references, long... body) {
    long[] slots = new long[body.length + 2];
    System.arraycopy(body, 0, slots, 0, body.length);
    slots[body.length] = Bytecode.slot(0xb7, 0, 0, (short) 0, result);
    slots[body.length + 1] = Bytecode.slot(0x95, 0, 0, (short) 0, 0);
    return CollectionSpec.of(
        maps,
        List.of(
            new ProgramSpec(
                NAME,
                "",
                new ProgramSpec.ProgramKind(
                    Optional.of(caller.type()),
                    caller.hook(),
                    "",
                    caller.type() == ProgramType.SYSCALL,
                    false),
                Bytecode.of(slots),
                List.of(new ProgramFunction(0, slots.length, NAME, 0, true)),
                references,
                List.of(),
                List.of(),
                true)));
  }
}
