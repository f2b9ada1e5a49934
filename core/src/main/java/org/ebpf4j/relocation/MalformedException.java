package org.ebpf4j.relocation;

import java.io.Serial;

/// A relocation that does not fit the object's own types or the instruction, or whose answer is
/// ambiguous. [CoreRelocator] adds where it is.
final class MalformedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final String problem;

  MalformedException(String problem) {
    super(problem);
    this.problem = problem;
  }

  String problem() {
    return problem;
  }
}
