package org.ebpf4j.abi;

import java.util.List;

/// What a helper takes and gives: a row of the table that verifier, engines, tools and docs read.
///
/// @param id the number in the call instruction
/// @param name without the `bpf_` prefix, such as `map_lookup_elem`
/// @param result what it leaves in `R0`
/// @param resultType for BTF objects, the struct's name; else ""
/// @param arguments what it takes in `R1` to `R5`
/// @param gplOnly whether only programs with a GPL-compatible license may call it
/// @param unchecked how many registers it reads behind those of the arguments, whatever they hold:
///   Linux's prototypes leave out what a format asks for, and some flags
public record HelperPrototype(
    int id,
    String name,
    Result result,
    String resultType,
    List<Argument> arguments,
    boolean gplOnly,
    int unchecked) {
  private static final int REGISTERS = 5;

  public HelperPrototype {
    arguments = List.copyOf(arguments);
    if (arguments.size() + unchecked > REGISTERS) {
      throw new IllegalArgumentException(name + " takes more than 5 arguments");
    }
  }

  /// A helper that reads its arguments and nothing else.
  public HelperPrototype(
      int id,
      String name,
      Result result,
      String resultType,
      List<Argument> arguments,
      boolean gplOnly) {
    this(id, name, result, resultType, arguments, gplOnly, 0);
  }

  /// How many registers it reads, from `R1` on.
  public int registers() {
    return arguments.size() + unchecked;
  }

  /// A helper of numbers alone, as applications define them most.
  ///
  /// @param arguments how many
  public static HelperPrototype ofNumbers(int id, String name, int arguments) {
    return new HelperPrototype(
        id,
        name,
        Result.INTEGER,
        "",
        java.util.Collections.nCopies(arguments, Argument.of(Argument.Kind.ANYTHING)),
        false);
  }

  /// What `R0` holds afterwards. Source: `enum bpf_return_type` in Linux 6.18's
  /// `include/linux/bpf.h`.
  public enum Result {
    INTEGER,
    VOID,
    MAP_VALUE,
    MAP_VALUE_OR_NULL,
    SOCKET_OR_NULL,
    TCP_SOCKET_OR_NULL,
    SOCKET_COMMON_OR_NULL,
    RING_RECORD_OR_NULL,
    DYNPTR_MEMORY_OR_NULL,
    MEMORY_OR_BTF_OBJECT,
    MEMORY_OR_BTF_OBJECT_OR_NULL,
    BTF_OBJECT,
    BTF_OBJECT_OR_NULL
  }
}
