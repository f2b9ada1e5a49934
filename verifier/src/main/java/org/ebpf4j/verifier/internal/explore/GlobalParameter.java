package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// What a parameter of a global function takes.
sealed interface GlobalParameter {
  record PlainNumber() implements GlobalParameter {}

  record Context() implements GlobalParameter {}

  record Memory(int size, boolean maybeNull) implements GlobalParameter {}

  record KernelObject(Target.Typed type, int flags) implements GlobalParameter {}

  record Dynptr() implements GlobalParameter {}

  record Arena() implements GlobalParameter {}

  /// Anything at all: the function may only load through it, and a load that fails gives 0.
  ///
  /// @param pointer what the function has of it
  record Untrusted(Value pointer) implements GlobalParameter {}

  /// The same for people.
  default String words() {
    return switch (this) {
      case PlainNumber n -> "a number";
      case Context c -> "the context as the program got it";
      case Memory(int size, boolean maybeNull) ->
          "a pointer to %d bytes of memory%s"
              .formatted(size, maybeNull ? ", or null" : ", not null");
      case KernelObject(Target.Typed type, int flags) ->
          "a pointer to a %s%s%s"
              .formatted(
                  (flags & Flags.TRUSTED) != 0 ? "trusted " : "",
                  type.btf().resolved(type.type()) instanceof BtfType.Composite c
                      ? c.name()
                      : "kernel object",
                  (flags & Flags.MAYBE_NULL) != 0 ? ", or null" : ", not null");
      case Dynptr d -> "a dynptr";
      case Arena a -> "a pointer into the arena, or a number";
      case Untrusted u -> "anything";
    };
  }
}
