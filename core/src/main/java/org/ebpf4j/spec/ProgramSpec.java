package org.ebpf4j.spec;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.SectionName;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;

/// A program of an object file, linked with the subprograms that it calls: pure data, the same on
/// every system.
///
/// @param name the function's name
/// @param section the section it comes from, which says its type and hook, such as `xdp` or
///   `tracepoint/syscalls/sys_enter_open`
/// @param kind the type that the section's name stands for
/// @param bytecode all functions, one after the other, in the order of `functions`; calls and
///   function addresses between them are resolved, everything else waits in `references`
/// @param functions where each function starts
/// @param references what a host must fill in; until then the instruction tells by its source
///   register what kind of reference it is, and its immediate is 0 (the upper one is the offset in
///   the map's value)
/// @param relocations what is to be adjusted to the kernel's types before loading
/// @param lines the source, by ascending slot
/// @param autoload whether a collection loads it unless told otherwise (`?` before the section name
///   says no)
public record ProgramSpec(
    String name,
    String section,
    ProgramKind kind,
    Bytecode bytecode,
    List<ProgramFunction> functions,
    List<Reference> references,
    List<CoreRelocation> relocations,
    List<SourceLine> lines,
    boolean autoload) {

  public ProgramSpec {
    functions = List.copyOf(functions);
    references = List.copyOf(references);
    relocations = List.copyOf(relocations);
    lines = List.copyOf(lines);
  }

  /// A program of one function with no references, for tests and tools that make programs of their
  /// own.
  public static ProgramSpec of(String name, ProgramType type, Bytecode bytecode) {
    return new ProgramSpec(
        name,
        "",
        ProgramKind.of(type),
        bytecode,
        List.of(new ProgramFunction(0, bytecode.size(), name, 0, true)),
        List.of(),
        List.of(),
        List.of(),
        true);
  }

  /// The same program, for something else.
  public ProgramSpec withKind(ProgramKind changed) {
    return inSection(section, changed);
  }

  private ProgramSpec inSection(String name, ProgramKind changed) {
    return new ProgramSpec(
        this.name, name, changed, bytecode, functions, references, relocations, lines, autoload);
  }

  /// The same program, as if its section were named otherwise; what it attaches to stays.
  ///
  /// @param type a section's name that says a type, such as `xdp` or `tcx/ingress`
  /// @throws IllegalArgumentException if it says none
  public ProgramSpec withType(String type) {
    SectionName row =
        SectionName.of(type)
            .orElseThrow(() ->
                new IllegalArgumentException("'" + type + "' is no type that a section names"));
    return inSection(type, ProgramKind.of(row, kind.target()));
  }

  /// The source of the instruction at a slot, if the object says.
  public Optional<SourceLine> line(int slot) {
    SourceLine found = null;
    for (SourceLine line : lines) {
      if (line.slot() > slot) {
        break;
      }
      found = line;
    }
    return Optional.ofNullable(found);
  }

  /// The function that holds a slot.
  public Optional<ProgramFunction> function(int slot) {
    return functions.stream()
        .filter(f -> slot >= f.slot() && slot < f.slot() + f.slots())
        .findFirst();
  }

  /// What a program is for, as its section's name says.
  ///
  /// @param type the program type, empty when the section name is not one that libbpf knows or
  ///   knew; an application's own program types are found by section name
  /// @param attach the hook, where the type leaves it open
  /// @param target the rest of the section's name, such as a function or tracepoint; "" for none
  /// @param sleepable whether it may sleep (`.s`)
  /// @param frags whether it takes packets in several buffers (`.frags`)
  public record ProgramKind(
      Optional<ProgramType> type,
      Optional<AttachType> attach,
      String target,
      boolean sleepable,
      boolean frags) {

    /// Programs of a type, without more. Those of type SYSCALL may sleep: Linux takes no others.
    public static ProgramKind of(ProgramType type) {
      boolean sleepable = type == ProgramType.SYSCALL;
      return new ProgramKind(Optional.of(type), Optional.empty(), "", sleepable, false);
    }

    /// Programs of a row of section names.
    ///
    /// @param target what they attach to, "" for nothing
    public static ProgramKind of(SectionName row, String target) {
      return new ProgramKind(
          Optional.of(row.type()), row.attach(), target, row.sleepable(), row.frags());
    }
  }
}
