package org.ebpf4j.runtime.internal.engine;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.runtime.HelperFunction;
import org.ebpf4j.runtime.internal.helper.HelperBody;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// A helper that the application wrote: what it throws ends the run as a fault.
///
/// @param label how messages name it
/// @param arguments what it takes, where it writes to memory that programs pass; else empty
public record ApplicationHelper(String label, Argument[] arguments, HelperFunction function)
    implements HelperBody {
  private static final Argument[] NONE = {};

  /// What an application can do something with.
  private static final Set<Argument.Kind> KINDS =
      EnumSet.of(
          Argument.Kind.ANYTHING,
          Argument.Kind.CONTEXT,
          Argument.Kind.MAP,
          Argument.Kind.MAP_KEY,
          Argument.Kind.MAP_VALUE,
          Argument.Kind.MEMORY,
          Argument.Kind.SIZE,
          Argument.Kind.SIZE_OR_ZERO,
          Argument.Kind.STRING);

  /// A callee that does what an application's function does.
  ///
  /// @throws IllegalArgumentException if proven programs would rely on what the function cannot do:
  ///   give pointers, or set up and release what belongs to the host
  public static Callee callee(String label, HelperPrototype prototype, HelperFunction function) {
    HelperPrototype.Result result = prototype.result();
    if (result != HelperPrototype.Result.INTEGER && result != HelperPrototype.Result.VOID) {
      throw new IllegalArgumentException(
          "%s: an application's function gives a number (INTEGER) or nothing (VOID), not %s"
              .formatted(label, result));
    }
    List<Argument> arguments = prototype.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      require(label, arguments, i);
    }
    boolean writes = arguments.stream().anyMatch(ArgumentChecker::writes);
    Argument[] written = writes ? arguments.toArray(Argument[]::new) : NONE;
    return Callee.of(label, prototype, new ApplicationHelper(label, written, function));
  }

  private static void require(String label, List<Argument> arguments, int index) {
    Argument argument = arguments.get(index);
    boolean complete =
        switch (argument.kind()) {
          case MEMORY -> argument.size() > 0 || isSize(arguments, index + 1);
          case SIZE, SIZE_OR_ZERO ->
              index > 0 && arguments.get(index - 1).kind() == Argument.Kind.MEMORY;
          case MAP_KEY, MAP_VALUE ->
              arguments.subList(0, index).stream().anyMatch(a -> a.kind() == Argument.Kind.MAP);
          default -> KINDS.contains(argument.kind());
        };
    if (!complete || argument.has(Argument.Flag.RELEASES)) {
      throw new IllegalArgumentException(
          ("%s: an application's function cannot take %s as argument %d: it takes %s; memory has a"
                  + " size, here or in the next argument, and keys and values come after their map")
              .formatted(label, argument.kind(), index + 1, KINDS));
    }
  }

  private static boolean isSize(List<Argument> arguments, int index) {
    return index < arguments.size()
        && (arguments.get(index).kind() == Argument.Kind.SIZE
            || arguments.get(index).kind() == Argument.Kind.SIZE_OR_ZERO);
  }

  @Override
  public long call(Run run, long a, long b, long c, long d, long e) {
    try {
      if (arguments.length == 0) {
        return function.call(run, a, b, c, d, e);
      }
      try (WritingCall call = new WritingCall((CheckedMemory) run, arguments, a, b, c, d, e)) {
        return function.call(call, a, b, c, d, e);
      }
    } catch (ProgramFault inner) {
      throw inner; // of a program that the function ran
    } catch (Exception thrown) {
      throw new Fault(ProgramFault.Kind.HELPER, "%s threw %s".formatted(label, thrown), thrown);
    }
  }
}
