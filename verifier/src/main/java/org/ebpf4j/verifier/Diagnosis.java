package org.ebpf4j.verifier;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.SourceLine;

/// Why a program was refused, for people: the reason, the way there, what is known of the register
/// at fault and why, and what would make the program pass.
///
/// @param message the reason, in the Linux kernel's words where it has some
/// @param errno the error number that Linux gives with it
/// @param fault the sort of refusal, such as `PACKET_BOUNDS` or `NULL_CHECK`; `OTHER` where it is
///   of none that has a name
/// @param slot the instruction at fault, counted in slots of 8 bytes from the program's start
/// @param instruction the instruction as the kernel's log prints it, "" where it is none
/// @param source the line it comes from, if the object says
/// @param path the decisions at branches that lead there, each where it was made last, in order
/// @param steps the instructions that lead there, in order, the one at fault last; of a path of
///   more than 2,000, its end
/// @param suspect the register at fault, if one is
/// @param registers what was known of each initialised register before the instruction, such as
///   `R1=ctx()`
/// @param remedy what would make the program pass, "" if nothing is known to
public record Diagnosis(
    String message,
    Errno errno,
    String fault,
    int slot,
    String instruction,
    Optional<SourceLine> source,
    List<Branch> path,
    List<Step> steps,
    Optional<Suspect> suspect,
    List<String> registers,
    String remedy) {

  public Diagnosis {
    path = List.copyOf(path);
    steps = List.copyOf(steps);
    registers = List.copyOf(registers);
  }

  /// The same of an instruction that CO-RE could not adjust and so made the call of a helper that
  /// does not exist: what is missing says more than that call.
  ///
  /// @param problem what the kernel's types lack, such as `struct task_struct.state: the target has
  ///   no such field`
  public Diagnosis ofUnadjusted(String problem) {
    return new Diagnosis(
        message,
        errno,
        fault,
        slot,
        instruction,
        source,
        path,
        steps,
        suspect,
        registers,
        "CO-RE could not adjust this instruction to the kernel's types: %s. Correct the type, or guard this with bpf_core_field_exists or its like."
            .formatted(problem));
  }

  /// A conditional jump on the way. What a loop decides in round after round stands there once.
  ///
  /// @param slot where it is
  /// @param instruction as the kernel's log prints it: `if r1 > r3 goto pc+4`
  /// @param taken whether it jumped
  /// @param times how often the path goes this way there
  /// @param source the line it comes from, if the object says
  public record Branch(
      int slot, String instruction, boolean taken, int times, Optional<SourceLine> source) {

    /// The decision, such as `not taken` or `taken 9 times`.
    public String decision() {
      String word = taken ? "taken" : "not taken";
      return times == 1 ? word : "%s %,d times".formatted(word, times);
    }
  }

  /// An instruction on the way.
  ///
  /// @param slot where it is
  /// @param depth how many calls of functions it is in
  /// @param registers what was known before it
  public record Step(int slot, int depth, List<String> registers) {
    public Step {
      registers = List.copyOf(registers);
    }
  }

  /// The register at fault.
  ///
  /// @param register its number
  /// @param value what is known of it, in words
  /// @param origins where that comes from, in the order of the path
  public record Suspect(int register, String value, List<Origin> origins) {
    public Suspect {
      origins = List.copyOf(origins);
    }
  }

  /// An instruction that made a value what it is, or a branch that narrowed it.
  ///
  /// @param slot where it is
  /// @param source the line it comes from, if the object says
  /// @param instruction as the kernel's log prints it
  /// @param effect what it did to the value, such as `loaded from the packet at offset 12`
  /// @param value what is known afterwards, in words
  public record Origin(
      int slot, Optional<SourceLine> source, String instruction, String effect, String value) {}

  /// Location and message, on a line.
  @Override
  public String toString() {
    String at = source.map(line -> line.location() + ": ").orElse("");
    return "%sinstruction %d: %s".formatted(at, slot, message);
  }
}
