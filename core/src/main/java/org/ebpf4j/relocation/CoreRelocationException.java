package org.ebpf4j.relocation;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// A CO-RE relocation that makes no sense, or for which the target gives more than one answer.
///
/// What the target merely lacks is no error: see [CoreRelocator.Result#failures()].
public final class CoreRelocationException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String program;
  private final int slot;
  private final String problem;

  /// @param program the program's name
  /// @param slot the instruction's slot in it
  /// @param problem what is wrong
  public CoreRelocationException(String program, int slot, String problem) {
    super("program %s, instruction %d: %s".formatted(program, slot, problem));
    this.program = program;
    this.slot = slot;
    this.problem = problem;
  }

  public String program() {
    return program;
  }

  public int slot() {
    return slot;
  }

  public String problem() {
    return problem;
  }
}
