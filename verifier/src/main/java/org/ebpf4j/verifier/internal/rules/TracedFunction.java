package org.ebpf4j.verifier.internal.rules;

import java.util.Optional;
import java.util.function.IntSupplier;
import org.ebpf4j.verifier.HookResult;
import org.ebpf4j.verifier.internal.state.Value;

/// A function of the kernel's whose arguments are a program's context.
public interface TracedFunction {

  /// What a load from the context gives; nothing if there is no such argument, or it may not be
  /// loaded so.
  ///
  /// @param offset bytes from the context's start
  /// @param size bytes
  /// @param newId makes ids
  Optional<Value> load(int offset, int size, IntSupplier newId);

  /// How many arguments the context holds.
  int arguments();

  /// The number that it returned, where the context holds it and not every number may be there.
  Optional<HookResult> result();

  /// Whether it returns nothing.
  boolean returnsNothing();

  /// The member that the program is for, in a struct of functions; else nothing.
  Optional<Member> member();

  /// A member of a struct of functions.
  record Member(String struct, String name) {}
}
