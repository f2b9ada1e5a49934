package org.ebpf4j.isa.classic;

import java.util.List;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Register;

/// How the loads of a classic program read one kind of context, whose address is in `R6`. They may
/// change `R1` to `R5`.
sealed interface ContextLoads permits PacketLoads, SeccompLoads {

  /// `A = the context at k`, for the loads of all sizes, indexed or not.
  List<Instruction> load(int index, ClassicInstruction instruction);

  /// `to = the length of the context`.
  Instruction length(Register to);

  /// Refuses instructions that programs of this kind may not have.
  void check(int index, ClassicInstruction instruction);
}
