package org.ebpf4j.btf;

import java.util.BitSet;
import org.ebpf4j.error.EbpfException;

/// Prints types as C that a compiler accepts, in an order in which everything is declared before it
/// is used: first all structs, unions and enumerations by name, then their definitions.
public final class BtfCPrinter {
  private static final int MAX_DEPTH = 1000;

  private final Btf btf;
  private final CWriter writer;
  private final CNames names;
  private final StringBuilder out;
  private final BitSet seen = new BitSet();
  private final BitSet seenByValue = new BitSet();
  private int depth;

  private BtfCPrinter(Btf btf, StringBuilder out) {
    this.btf = btf;
    this.names = new CNames(btf);
    this.writer = new CWriter(btf, names);
    this.out = out;
  }

  /// A header of all types, such as `vmlinux.h` of a kernel's. Programs that include it are
  /// relocated (CO-RE) unless they define `BPF_NO_PRESERVE_ACCESS_INDEX`.
  ///
  /// @throws EbpfException if the types hold or need each other in a way that no compiler makes
  public static String header(Btf btf) {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        #ifndef __VMLINUX_H__
        #define __VMLINUX_H__

        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
        #endif

        """);
    new BtfCPrinter(btf, out).printAll();
    out.append(
        """
        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute pop
        #endif

        #endif /* __VMLINUX_H__ */
        """);
    return out.toString();
  }

  /// All types, one after the other.
  ///
  /// @throws EbpfException if the types hold or need each other in a way that no compiler makes
  public static String types(Btf btf) {
    StringBuilder out = new StringBuilder();
    new BtfCPrinter(btf, out).printAll();
    return out.toString();
  }

  /// One type: the definition of a struct, union, enumeration or typedef, the declaration of a
  /// function or variable, or else the type as it is written in a cast, such as `char *`.
  ///
  /// @param id BTF id
  public static String type(Btf btf, int id) {
    CWriter writer = new CWriter(btf, new CNames(btf));
    return switch (btf.type(id)) {
      case BtfType.Composite type -> writer.composite(type, type.name(), 0) + ";";
      case BtfType.Enumeration type -> writer.enumeration(type, type.name(), 0) + ";";
      case BtfType.Typedef type -> "typedef " + writer.declare(type.target(), type.name(), 0) + ";";
      case BtfType.Function type -> writer.declare(type.prototype(), type.name(), 0) + ";";
      case BtfType.Variable type -> writer.declare(type.type(), type.name(), 0) + ";";
      case BtfType.Forward type -> writer.tag(id) + ";";
      default -> writer.declare(id, "", 0);
    };
  }

  private void printAll() {
    for (int id = 1; id < btf.endId(); id++) {
      switch (btf.type(id)) {
        case BtfType.Composite type when !type.name().isEmpty() -> line(writer.tag(id));
        case BtfType.Forward type -> line(writer.tag(id));
        default -> {}
      }
    }
    out.append('\n');
    BitSet used = usedEnumerations();
    for (int id = 1; id < btf.endId(); id++) {
      if (btf.type(id) instanceof BtfType.Enumeration type
          && (!type.name().isEmpty() || !used.get(id))) {
        line(writer.enumeration(type, names.of(id), 0));
        out.append('\n');
      }
    }
    for (int id = 1; id < btf.endId(); id++) {
      switch (btf.type(id)) {
        case BtfType.Composite type when !type.name().isEmpty() -> require(id, true);
        case BtfType.Typedef type -> require(id, false);
        default -> {}
      }
    }
  }

  private void line(String declaration) {
    out.append(declaration).append(";\n");
  }

  /// Enumerations without a name are written where they are used, if they are.
  private BitSet usedEnumerations() {
    BitSet used = new BitSet();
    for (int id = 1; id < btf.endId(); id++) {
      switch (btf.type(id)) {
        case BtfType.Composite type -> type.members().forEach(m -> used.set(m.type()));
        case BtfType.Typedef type -> used.set(type.target());
        case BtfType.Pointer type -> used.set(type.target());
        case BtfType.Array type -> used.set(type.element());
        case BtfType.Qualifier type -> used.set(type.target());
        case BtfType.TypeTag type -> used.set(type.target());
        case BtfType.Prototype type -> {
          used.set(type.result());
          type.parameters().forEach(p -> used.set(p.type()));
        }
        default -> {}
      }
    }
    return used;
  }

  /// Prints what must come before a use of a type.
  ///
  /// @param byValue whether its size must be known; otherwise a name is enough
  private void require(int id, boolean byValue) {
    BitSet done = byValue ? seenByValue : seen;
    if (done.get(id)) {
      return;
    }
    done.set(id);
    if (++depth > MAX_DEPTH) {
      throw new EbpfException("types need each other over more than %d steps".formatted(MAX_DEPTH));
    }
    switch (btf.type(id)) {
      case BtfType.Composite type when type.name().isEmpty() ->
          type.members().forEach(member -> require(member.type(), true));
      case BtfType.Composite type -> {
        if (byValue) {
          type.members().forEach(member -> require(member.type(), true));
          line(writer.composite(type, names.of(id), 0));
          out.append('\n');
        }
      }
      case BtfType.Typedef type -> requireTypedef(id, type, byValue);
      case BtfType.Pointer type -> require(type.target(), false);
      case BtfType.Array type -> require(type.element(), true);
      case BtfType.Qualifier type -> require(type.target(), byValue);
      case BtfType.TypeTag type -> require(type.target(), byValue);
      case BtfType.Prototype type -> {
        require(type.result(), false);
        type.parameters().forEach(parameter -> require(parameter.type(), false));
      }
      case BtfType.VoidType type -> {}
      case BtfType.Int type -> {}
      case BtfType.Enumeration type -> {}
      case BtfType.Forward type -> {}
      case BtfType.FloatType type -> {}
      case BtfType.Function type -> {}
      case BtfType.Variable type -> {}
      case BtfType.DataSection type -> {}
      case BtfType.DeclarationTag type -> {}
    }
    depth--;
  }

  private void requireTypedef(int id, BtfType.Typedef type, boolean byValue) {
    if (!byValue) {
      require(type.target(), false);
      if (!type.name().equals(CWriter.BUILT_IN_VA_LIST)) {
        line("typedef " + writer.declare(type.target(), names.of(id), 0));
        out.append('\n');
      }
    } else {
      require(type.target(), true);
      require(id, false);
    }
  }
}
