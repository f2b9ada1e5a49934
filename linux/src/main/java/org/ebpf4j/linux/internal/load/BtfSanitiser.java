package org.ebpf4j.linux.internal.load;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// Makes BTF plainer for kernels that do not know all kinds of types yet. Ids stay the same; only
/// what a type says of itself gets less.
final class BtfSanitiser {
  private BtfSanitiser() {}

  /// How plain. Each level does what those before it do.
  enum Level {
    /// Without 64-bit enumerations (Linux 6.0).
    NO_ENUM64,
    /// Without tags on declarations and types (Linux 5.16, 5.17).
    NO_TAGS,
    /// Without floating-point numbers (Linux 5.13).
    NO_FLOATS,
    /// Without global functions (Linux 5.6).
    NO_GLOBAL_FUNCTIONS,
    /// Without sections, variables and functions (Linux 5.0 to 5.2).
    NO_FUNCTIONS
  }

  static Btf sanitise(Btf btf, Level level) {
    List<BtfType> types = new ArrayList<>();
    for (BtfType type : btf.ownTypes()) {
      types.add(sanitise(type, level));
    }
    return Btf.of(types, btf.order());
  }

  private static BtfType sanitise(BtfType type, Level level) {
    return switch (type) {
      case BtfType.Enumeration t when t.wide() ->
          new BtfType.Composite(
              t.name(), true, t.size(), List.of()); // a union of that size without members
      case BtfType.DeclarationTag t when level.compareTo(Level.NO_TAGS) >= 0 -> placeholder();
      case BtfType.TypeTag t when level.compareTo(Level.NO_TAGS) >= 0 ->
          new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, t.target());
      case BtfType.FloatType t when level.compareTo(Level.NO_FLOATS) >= 0 ->
          new BtfType.Composite(t.name(), false, t.size(), List.of());
      case BtfType.Function t when level.compareTo(Level.NO_FUNCTIONS) >= 0 ->
          new BtfType.Typedef(t.name(), 0);
      case BtfType.Function t
          when level.compareTo(Level.NO_GLOBAL_FUNCTIONS) >= 0
              && t.linkage() == BtfType.Linkage.GLOBAL ->
          new BtfType.Function(t.name(), t.prototype(), BtfType.Linkage.STATIC);
      case BtfType.Prototype t when level.compareTo(Level.NO_FUNCTIONS) >= 0 -> placeholder();
      case BtfType.Variable t when level.compareTo(Level.NO_FUNCTIONS) >= 0 -> placeholder();
      case BtfType.DataSection t when level.compareTo(Level.NO_FUNCTIONS) >= 0 -> placeholder();
      default -> type;
    };
  }

  private static BtfType placeholder() {
    return new BtfType.Int("int", 1, BtfType.Int.Encoding.UNSIGNED, 0, 8);
  }
}
