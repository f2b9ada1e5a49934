package org.ebpf4j.linux.internal.load;

import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.relocation.Compatibility;

/// Holds a function that an object declares against the kernel's, as libbpf does for `.ksyms`.
final class Prototypes {
  private Prototypes() {}

  /// The first difference that makes a call of the one no call of the other, in words; empty if
  /// there is none.
  ///
  /// @param declared BTF id of the object's `FUNC`
  /// @param function BTF id of the kernel's
  static Optional<String> difference(Btf object, int declared, Btf kernel, int function) {
    if (!(prototype(object, declared) instanceof BtfType.Prototype ours)
        || !(prototype(kernel, function) instanceof BtfType.Prototype theirs)) {
      return Optional.of("one of the two has no prototype in its BTF");
    }
    int given = ours.parameters().size();
    int wanted = theirs.parameters().size();
    if (given != wanted) {
      return Optional.of("it takes %d arguments, not %d".formatted(wanted, given));
    }
    for (int i = 0; i < given; i++) {
      Optional<String> found =
          difference(
              "argument " + (i + 1),
              object,
              ours.parameters().get(i).type(),
              kernel,
              theirs.parameters().get(i).type());
      if (found.isPresent()) {
        return found;
      }
    }
    return difference("its result", object, ours.result(), kernel, theirs.result());
  }

  private static Optional<String> difference(
      String what, Btf object, int declared, Btf kernel, int type) {
    if (Compatibility.areCompatible(object, declared, kernel, type)) {
      return Optional.empty();
    }
    String wanted = name(kernel, type);
    String given = name(object, declared);
    return Optional.of(
        wanted.equals(given)
            ? "%s is %s, which the object declares but does not define".formatted(what, wanted)
            : "%s is %s, not %s".formatted(what, wanted, given));
  }

  /// A type as it is written in a cast.
  static String name(Btf btf, int id) {
    return switch (btf.resolved(id)) {
      case BtfType.Composite type -> (type.union() ? "union " : "struct ") + type.name();
      case BtfType.Enumeration type -> "enum " + type.name();
      default -> BtfCPrinter.type(btf, btf.resolve(id));
    };
  }

  private static BtfType prototype(Btf btf, int function) {
    return btf.type(function) instanceof BtfType.Function f ? btf.type(f.prototype()) : btf.type(0);
  }
}
