package org.ebpf4j.isa;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// Assembly text that cannot be understood.
public final class AssemblyException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;
  private final String problem;

  /// @param line the line, from 1
  /// @param column the column, from 1
  /// @param problem what was expected there, or what is wrong
  public AssemblyException(int line, int column, String problem) {
    super("line " + line + ", column " + column + ": " + problem);
    this.line = line;
    this.column = column;
    this.problem = problem;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }

  public String problem() {
    return problem;
  }
}
