package org.ebpf4j.verifier.internal.outcome;

import java.io.Serial;
import java.util.List;
import java.util.OptionalInt;
import org.ebpf4j.error.Errno;

/// The walk ends: the program is refused. Thrown inside the verifier only, and made into a
/// diagnosis at its edge.
public final class Refusal extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final Errno errno;
  private final int slot;
  private final int register;
  private final String detail;

  private Refusal(Errno errno, int slot, String reason, int register, String detail) {
    super(reason, null, false, false);
    this.errno = errno;
    this.slot = slot;
    this.register = register;
    this.detail = detail;
  }

  /// The instruction at `slot` is refused.
  ///
  /// @param errno the error number that Linux gives with these words
  public static Refusal at(Errno errno, int slot, String reason) {
    return new Refusal(errno, slot, reason, -1, "");
  }

  /// The instruction being looked at is refused.
  public static Refusal here(Errno errno, String reason) {
    return new Refusal(errno, -1, reason, -1, "");
  }

  /// The same, of a register that the reason does not name.
  ///
  /// @param why what is wrong with the register, where more is known than the reason says, else ""
  public Refusal blaming(int number, String why) {
    return new Refusal(errno, slot, reason(), number, why);
  }

  /// The register at fault, where the reason does not name it.
  public OptionalInt register() {
    return register < 0 ? OptionalInt.empty() : OptionalInt.of(register);
  }

  /// What is known beyond the reason, "" for nothing.
  public String detail() {
    return detail;
  }

  /// The error number that Linux gives: `EACCES` where a program does what it may not, `EINVAL`
  /// where its code or calls make no sense, and others.
  public Errno errno() {
    return errno;
  }

  /// The instruction at fault, -1 for the one being looked at.
  public int slot() {
    return slot;
  }

  /// Why, in one line.
  public String reason() {
    return String.valueOf(getMessage()).replace('\n', ' ');
  }

  /// Why, in the lines into which Linux's log breaks it.
  public List<String> lines() {
    return String.valueOf(getMessage()).lines().toList();
  }
}
