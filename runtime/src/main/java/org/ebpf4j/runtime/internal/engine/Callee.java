package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.runtime.internal.helper.HelperBody;

/// A helper or kernel function that a program calls.
///
/// @param label how messages name it, such as `bpf_map_lookup_elem#1`
/// @param arguments what its arguments are checked against
/// @param registers how many the body is handed, from `R1` on
/// @param body what it does
public record Callee(String label, Argument[] arguments, int registers, HelperBody body) {

  public static Callee of(String label, HelperPrototype prototype, HelperBody body) {
    return new Callee(
        label, prototype.arguments().toArray(Argument[]::new), prototype.registers(), body);
  }

  /// The same for programs that were not proven.
  public Callee ofUnproven() {
    return new Callee(label, arguments, registers, body.ofUnproven());
  }

  /// Whether there is nothing to check: it takes numbers, of any value.
  public boolean takesAnything() {
    for (Argument argument : arguments) {
      if (argument.kind() != Argument.Kind.ANYTHING) {
        return false;
      }
    }
    return true;
  }
}
