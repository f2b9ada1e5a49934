package org.ebpf4j.relocation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.EssentialName;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.spec.CoreRelocation;
import org.ebpf4j.spec.ProgramSpec;

/// Adjusts the programs of one object to the types of a target.
///
/// For every relocation, candidates are the target's types of the same kind and name, flavours
/// aside. Those in which the field, enumerator or type is found must all give the same answer; it
/// is put into the instruction. Where the target has nothing, questions for existence are answered
/// with no, and all other instructions are poisoned: they become a call of a helper that does not
/// exist, which does no harm as long as it cannot be reached.
///
/// Rules and results are libbpf's (`tools/lib/bpf/relo_core.c`). Like there, a candidate that did
/// not match once is not asked again for the same type, so programs are to be relocated in the
/// object's order. Not thread-safe.
public final class CoreRelocator {
  private final Btf local;
  private final Btf target;
  private final Candidates candidates;
  private final Map<Integer, List<Integer>> remaining = new HashMap<>();

  /// @param local the object's own types
  /// @param target the types to adjust to, such as the kernel's; may be split
  public CoreRelocator(Btf local, Btf target) {
    this.local = local;
    this.target = target;
    this.candidates = new Candidates(target);
  }

  /// A relocated program.
  ///
  /// @param program the program with its bytecode patched and no relocations left
  /// @param failures why instructions were poisoned, by slot
  public record Result(ProgramSpec program, Map<Integer, String> failures) {
    public Result {
      failures = Collections.unmodifiableMap(new TreeMap<>(failures));
    }
  }

  /// Relocates a program.
  ///
  /// @throws CoreRelocationException if a relocation is malformed or its answer ambiguous
  public Result relocate(ProgramSpec program) {
    long[] slots = program.bytecode().toSlots();
    Map<Integer, String> failures = new TreeMap<>();
    for (CoreRelocation relocation : program.relocations()) {
      int slot = relocation.slot();
      try {
        Patch patch = new Patch(slots, slot);
        Optional<String> failure = relocate(relocation, patch);
        if (failure.isPresent()) {
          patch.poison();
          failures.put(slot, failure.get());
        }
      } catch (MalformedException e) {
        throw new CoreRelocationException(program.name(), slot, e.problem());
      }
    }
    ProgramSpec relocated =
        new ProgramSpec(
            program.name(),
            program.section(),
            program.kind(),
            Bytecode.of(slots),
            program.functions(),
            program.references(),
            List.of(),
            program.lines(),
            program.autoload());
    return new Result(relocated, failures);
  }

  /// @return why the instruction is to be poisoned, if it is
  private Optional<String> relocate(CoreRelocation relocation, Patch patch)
      throws MalformedException {
    CoreRelocation.Kind kind = relocation.kind();
    Access access = Access.parse(local, relocation);
    if (kind == CoreRelocation.Kind.TYPE_ID_LOCAL) {
      Answer same = Answer.to(kind, access).orElseThrow();
      return patch.apply(same, local, same, local);
    }
    if (local.type(relocation.type()).name().isEmpty()) {
      throw new MalformedException(
          "type %d has no name to find it by in the target".formatted(relocation.type()));
    }
    List<Access> matches = matches(kind, access);
    Optional<Answer> from = Answer.to(kind, access);
    if (from.isEmpty() && Answer.missing(kind).isEmpty()) {
      throw new MalformedException("%s cannot be asked of %s".formatted(kind, access));
    }
    Optional<Answer> to = matches.isEmpty() ? Answer.missing(kind) : agreed(kind, matches);
    if (from.isEmpty() || to.isEmpty()) {
      return Optional.of(reason(access, matches));
    }
    return patch
        .apply(from.get(), local, to.get(), target)
        .map(problem -> "%s: %s".formatted(access, problem));
  }

  private List<Access> matches(CoreRelocation.Kind kind, Access access) {
    List<Integer> asked =
        remaining.computeIfAbsent(access.root(), id -> candidates.of(local.type(id)));
    List<Access> matches = new ArrayList<>();
    List<Integer> matching = new ArrayList<>();
    for (int candidate : asked) {
      AccessMatcher.match(kind, access, target, candidate)
          .ifPresent(match -> {
            matches.add(match);
            matching.add(candidate);
          });
    }
    if (!matching.isEmpty()) {
      remaining.put(access.root(), matching);
    }
    return matches;
  }

  /// The answer that all matches give.
  private static Optional<Answer> agreed(CoreRelocation.Kind kind, List<Access> matches)
      throws MalformedException {
    Access first = matches.getFirst();
    Optional<Answer> answer = Answer.to(kind, first);
    for (Access other : matches) {
      Optional<Answer> otherAnswer = Answer.to(kind, other);
      if (other.bitOffset() != first.bitOffset()
          || !otherAnswer.map(Answer::value).equals(answer.map(Answer::value))) {
        throw new MalformedException(
            "the target gives two answers for %s: %s and %s"
                .formatted(first, describe(first, answer), describe(other, otherAnswer)));
      }
    }
    return answer;
  }

  private static String describe(Access access, Optional<Answer> answer) {
    return "%s in type %d"
        .formatted(answer.map(a -> Long.toString(a.value())).orElse("none"), access.root());
  }

  private String reason(Access access, List<Access> matches) {
    if (!matches.isEmpty()) {
      return access + ": no single load of the target covers it";
    }
    BtfType root = local.type(access.root());
    String name = EssentialName.of(root.name());
    return candidates.of(root).isEmpty()
        ? "%s: the target has no type %s".formatted(access, name)
        : "%s: the target's type %s lacks it, or has it with another type".formatted(access, name);
  }
}
