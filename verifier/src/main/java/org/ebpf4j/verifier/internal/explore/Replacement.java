package org.ebpf4j.verifier.internal.explore;

import java.util.List;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.verifier.ReplacedProgram;
import org.ebpf4j.verifier.VerifierOptions;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;

/// Whether a program (`freplace/FUNCTION`) may stand in for a function of another one. Sources:
/// `bpf_check_attach_target` in Linux's `kernel/bpf/verifier.c`, `btf_check_func_type_match` in
/// `kernel/bpf/btf.c`.
public final class Replacement {
  private final ProgramCode code;
  private final Rules rules;
  private final ReplacedProgram replaced;
  private final ProgramCode targetCode;
  private final Rules targetRules;

  private Replacement(
      ProgramCode code, Rules rules, ReplacedProgram replaced, VerifierOptions options) {
    this.code = code;
    this.rules = rules;
    this.replaced = replaced;
    this.targetCode = new ProgramCode(replaced.program());
    this.targetRules = new Rules(replaced.program(), replaced.collection(), options);
  }

  /// Checks a program that replaces a function, and no other.
  ///
  /// @throws Refusal if it may not
  public static void check(ProgramCode code, Rules rules, VerifierOptions options) {
    if (rules.replaced().isPresent()) {
      ReplacedProgram replaced = rules.replaced().get();
      checkTarget(replaced);
      new Replacement(code, rules, replaced, options).check();
    }
  }

  private static void checkTarget(ReplacedProgram replaced) {
    ProgramType type = replaced.program().kind().type().orElse(null);
    AttachType hook = replaced.program().kind().attach().orElse(null);
    if (type == ProgramType.EXT) {
      throw Refusal.at(Errno.EINVAL, 0, "Cannot recursively attach");
    }
    if (type == ProgramType.TRACING
        && (hook == AttachType.TRACE_FENTRY || hook == AttachType.TRACE_FEXIT)) {
      throw Refusal.at(Errno.EINVAL, 0, "Cannot extend fentry/fexit");
    }
  }

  private void check() {
    String named = rules.program().kind().target();
    Subprogram target =
        target(
            named.isEmpty()
                ? replaced
                    .function()
                    .orElseThrow(() ->
                        new NotJudged("neither the section nor an option says what it replaces"))
                : named);
    if (target.isExceptionCallback) {
      throw Refusal.at(Errno.EINVAL, 0, "Extension programs cannot attach to exception callback");
    }
    if (isUnreliable(target)) {
      throw Refusal.at(Errno.EINVAL, 0, "Cannot replace static functions");
    }
    if (GlobalFunctions.changingPacket(code, rules)[0]
        && !GlobalFunctions.changingPacket(targetCode, targetRules)[target.index()]) {
      throw Refusal.at(
          Errno.EINVAL, 0, "Extension program changes packet data, while original does not");
    }
    if (GlobalFunctions.sleeping(code, rules)[0]
        && !GlobalFunctions.sleeping(targetCode, targetRules)[target.index()]) {
      throw Refusal.at(Errno.EINVAL, 0, "Extension program may sleep, while original does not");
    }
    checkTypes(code.subprogram(0), target);
  }

  private Subprogram target(String name) {
    for (ProgramFunction function : replaced.program().functions()) {
      if (function.name().equals(name)) {
        return targetCode.subprogram(targetCode.subprogramStarting(function.slot()));
      }
    }
    throw Refusal.at(Errno.EINVAL, 0, "Subprog %s doesn't exist".formatted(name));
  }

  /// Whether the walk of the other program pays no heed to the types of the function: static ones,
  /// and a program that does not declare to take just its context.
  private boolean isUnreliable(Subprogram target) {
    if (target.index() != 0) {
      return !target.isGlobal();
    }
    Btf btf = replaced.collection().btf();
    List<BtfType.Parameter> parameters = prototype(btf, target).parameters();
    return parameters.size() != 1
        || !(btf.resolved(parameters.getFirst().type()) instanceof BtfType.Pointer(int pointee))
        || !GlobalParameters.isContext(targetRules, btf, pointee);
  }

  private static BtfType.Prototype prototype(Btf btf, Subprogram function) {
    if (function.type() != 0
        && btf.type(function.type()) instanceof BtfType.Function f
        && btf.type(f.prototype()) instanceof BtfType.Prototype prototype) {
      return prototype;
    }
    throw Refusal.at(Errno.EINVAL, 0, "function %s has no BTF".formatted(function.name()));
  }

  private void checkTypes(Subprogram own, Subprogram target) {
    Side here = new Side(rules.objectBtf(), own.name());
    Side there = new Side(replaced.collection().btf(), target.name());
    requireGlobal(here, own);
    requireGlobal(there, target);
    BtfType.Prototype given = prototype(here.btf(), own);
    BtfType.Prototype wanted = prototype(there.btf(), target);
    int count = given.parameters().size();
    if (count != wanted.parameters().size()) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "%s() has %d args while %s() has %d args"
              .formatted(here.name(), count, there.name(), wanted.parameters().size()));
    }
    if (!here.isAlike(given.result(), there, wanted.result())) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "Return type %s of %s() doesn't match type %s of %s()"
              .formatted(
                  here.typeText(given.result()),
                  here.name(),
                  there.typeText(wanted.result()),
                  there.name()));
    }
    for (int i = 0; i < count; i++) {
      checkArgument(
          i, here, given.parameters().get(i).type(), there, wanted.parameters().get(i).type());
    }
  }

  private static void requireGlobal(Side side, Subprogram function) {
    if (side.btf().type(function.type()) instanceof BtfType.Function f
        && f.linkage() != BtfType.Linkage.GLOBAL) {
      throw Refusal.at(Errno.EINVAL, 0, "%s() is not a global function".formatted(side.name()));
    }
  }

  private static void checkArgument(int index, Side here, int given, Side there, int wanted) {
    if (!here.isAlike(given, there, wanted)) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "arg%d in %s() is %s while %s() has %s"
              .formatted(
                  index, here.name(), here.typeText(given), there.name(), there.typeText(wanted)));
    }
    BtfType type = here.btf().resolved(given);
    if (!(type instanceof BtfType.Pointer) && here.size(given) != there.size(wanted)) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "arg%d in %s() has size %d while %s() has %d"
              .formatted(index, here.name(), here.size(given), there.name(), there.size(wanted)));
    }
    switch (type) {
      case BtfType.Int t -> {}
      case BtfType.Enumeration t -> {}
      case BtfType.Pointer(int pointee) -> {
        String struct = structAt(index, here, pointee);
        String other = structAt(index, there, pointeeOf(there, wanted));
        if (!struct.equals(other)) {
          throw Refusal.at(
              Errno.EINVAL,
              0,
              "arg%d %s(struct %s *) doesn't match %s(struct %s *)"
                  .formatted(index, here.name(), struct, there.name(), other));
        }
      }
      default ->
          throw Refusal.at(
              Errno.EINVAL, 0, "arg%d in %s() has unrecognized type".formatted(index, here.name()));
    }
  }

  private static int pointeeOf(Side side, int pointer) {
    return side.btf().resolved(pointer) instanceof BtfType.Pointer(int pointee) ? pointee : 0;
  }

  private static String structAt(int index, Side side, int pointee) {
    if (side.btf().resolved(pointee) instanceof BtfType.Composite struct) {
      return struct.name();
    }
    throw Refusal.at(
        Errno.EINVAL, 0, "arg%d in %s() is not a pointer to context".formatted(index, side.name()));
  }

  /// One of the two functions.
  private record Side(Btf btf, String name) {
    /// Whether two types are of one kind; the kernel compares kinds, lengths of lists and flags.
    boolean isAlike(int type, Side other, int otherType) {
      BtfType a = btf.resolved(type);
      BtfType b = other.btf.resolved(otherType);
      if (a instanceof BtfType.Composite s && b instanceof BtfType.Composite t) {
        return s.union() == t.union() && s.members().size() == t.members().size();
      }
      if (a instanceof BtfType.Enumeration s && b instanceof BtfType.Enumeration t) {
        return s.wide() == t.wide()
            && s.signed() == t.signed()
            && s.enumerators().size() == t.enumerators().size();
      }
      return a.getClass() == b.getClass();
    }

    int size(int type) {
      return new BtfLayout(btf).sizeOf(type).orElse(0);
    }

    /// Source: `btf_type_str`.
    String typeText(int type) {
      return switch (btf.resolved(type)) {
        case BtfType.VoidType t -> "UNKNOWN";
        case BtfType.Int t -> "INT";
        case BtfType.Pointer t -> "PTR";
        case BtfType.Array t -> "ARRAY";
        case BtfType.Composite t -> t.union() ? "UNION" : "STRUCT";
        case BtfType.Enumeration t -> t.wide() ? "ENUM64" : "ENUM";
        case BtfType.Forward t -> "FWD";
        case BtfType.Prototype t -> "FUNC_PROTO";
        case BtfType.FloatType t -> "FLOAT";
        case BtfType.Function t -> "FUNC";
        case BtfType.Variable t -> "VAR";
        case BtfType.DataSection t -> "DATASEC";
        case BtfType.DeclarationTag t -> "DECL_TAG";
        case BtfType.Typedef t -> throw new IllegalStateException("a resolved typedef");
        case BtfType.Qualifier t -> throw new IllegalStateException("a resolved qualifier");
        case BtfType.TypeTag t -> throw new IllegalStateException("a resolved tag");
      };
    }
  }
}
