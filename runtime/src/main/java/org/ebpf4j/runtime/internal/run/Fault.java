package org.ebpf4j.runtime.internal.run;

import java.io.Serial;
import org.ebpf4j.ProgramFault;

/// A fault on its way out of the engine, before the program and source line are known. It has no
/// stack trace: the program's place is what counts.
public final class Fault extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final ProgramFault.Kind kind;
  private final long address;

  public Fault(ProgramFault.Kind kind, long address, String detail) {
    super(detail, null, false, false);
    this.kind = kind;
    this.address = address;
  }

  public Fault(ProgramFault.Kind kind, String detail, Throwable cause) {
    super(detail, cause, false, false);
    this.kind = kind;
    this.address = 0;
  }

  public ProgramFault.Kind kind() {
    return kind;
  }

  public long address() {
    return address;
  }
}
