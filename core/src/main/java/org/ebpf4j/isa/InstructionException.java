package org.ebpf4j.isa;

import java.io.Serial;
import java.util.Locale;
import org.ebpf4j.error.EbpfException;

/// An instruction that is unknown, malformed or out of place.
public final class InstructionException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final int slot;
  private final Field field;
  private final String problem;

  /// @param slot index of the instruction's slot, from the program's start
  /// @param field the part of the encoding that is wrong
  /// @param problem what is wrong with it, and what would be right
  public InstructionException(int slot, Field field, String problem) {
    super("instruction " + slot + ", " + field.text() + ": " + problem);
    this.slot = slot;
    this.field = field;
    this.problem = problem;
  }

  public int slot() {
    return slot;
  }

  public Field field() {
    return field;
  }

  public String problem() {
    return problem;
  }

  /// The fields of an encoded instruction (RFC 9669, section 3.1).
  public enum Field {
    OPCODE,
    DST,
    SRC,
    OFFSET,
    IMMEDIATE;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
