package org.ebpf4j;

import java.io.Serial;
import java.util.Optional;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.isa.SourceLine;

/// A program that did, while it ran, what no program may do. The run ended there; locks and
/// references that it held were released.
public final class ProgramFault extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String program;
  private final Kind kind;
  private final int slot;
  private final transient Optional<SourceLine> line;
  private final long address;
  private final String detail;

  /// @param program the program's name
  /// @param kind what sort of fault
  /// @param slot the instruction, in slots of 8 bytes from the program's start
  /// @param line the source of that instruction, if known
  /// @param address the address at fault, 0 where none is
  /// @param detail the fault in words: the access, and the region it missed
  public ProgramFault(
      String program, Kind kind, int slot, Optional<SourceLine> line, long address, String detail) {
    super(
        "program %s, instruction %d%s: %s"
            .formatted(program, slot, line.map(ProgramFault::describe).orElse(""), detail));
    this.program = program;
    this.kind = kind;
    this.slot = slot;
    this.line = line;
    this.address = address;
    this.detail = detail;
  }

  private static String describe(SourceLine line) {
    String text = line.text().strip();
    return " (" + line.location() + (text.isEmpty() ? "" : ": " + text) + ")";
  }

  public String program() {
    return program;
  }

  public Kind kind() {
    return kind;
  }

  public int slot() {
    return slot;
  }

  public Optional<SourceLine> line() {
    return line;
  }

  public long address() {
    return address;
  }

  public String detail() {
    return detail;
  }

  /// What went wrong.
  public enum Kind {
    /// A load, store or atomic outside of what the run may touch.
    ACCESS,
    /// A helper or kernel function called with arguments that it does not take, or that is not
    /// there.
    CALL,
    /// More instructions than the budget allows.
    BUDGET,
    /// More nested calls than 8, or another limit of the machine.
    LIMIT,
    /// The program ended and held a lock, a ring record or another reference.
    LEAK,
    /// An instruction that cannot run, such as one that CO-RE could not relocate.
    INSTRUCTION,
    /// An application's own helper threw an exception (the cause).
    HELPER
  }
}
