package org.ebpf4j.testkit;

import java.util.List;
import org.ebpf4j.abi.ProgramType;

/// What sort of programs to generate.
///
/// @param types the program types to choose from
/// @param statements statements in a program, at most; one makes a handful of instructions
/// @param wrongPerMille how often, in a thousand decisions, the wrong one is made: a bound that is
///   one too large, a check left out, a record not given back
public record Settings(List<ProgramType> types, int statements, int wrongPerMille) {
  /// All types, programs of up to 200 instructions, about half of them near misses.
  public static final Settings DEFAULT =
      new Settings(
          List.of(
              ProgramType.XDP,
              ProgramType.SCHED_CLS,
              ProgramType.SOCKET_FILTER,
              ProgramType.RAW_TRACEPOINT),
          24,
          50);

  public Settings {
    types = List.copyOf(types);
    if (types.isEmpty() || statements < 1 || wrongPerMille < 0) {
      throw new IllegalArgumentException("no programs are like this");
    }
  }

  public Settings withStatements(int count) {
    return new Settings(types, count, wrongPerMille);
  }

  public Settings withWrongPerMille(int count) {
    return new Settings(types, statements, count);
  }
}
