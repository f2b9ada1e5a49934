package org.ebpf4j.btf;

import java.util.List;

/// One type of a [Btf]. The kinds are closed; types refer to each other by id, 0 being `void`.
///
/// Source: Linux 6.18's `Documentation/bpf/btf.rst` and `include/uapi/linux/btf.h`.
public sealed interface BtfType {

  /// The name in C, or "" where the kind or the type has none.
  default String name() {
    return "";
  }

  /// `void`, id 0. Never stored.
  record VoidType() implements BtfType {}

  /// An integer. `bits` may be fewer than `size` bytes hold, from `bitOffset` on (old bit-fields).
  record Int(String name, int size, Encoding encoding, int bitOffset, int bits) implements BtfType {
    /// How the bits are shown.
    public enum Encoding {
      UNSIGNED,
      SIGNED,
      CHAR,
      BOOL
    }
  }

  /// A pointer to `target`.
  record Pointer(int target) implements BtfType {}

  /// `count` elements, one after the other.
  record Array(int element, int index, int count) implements BtfType {}

  /// A struct or a union of `size` bytes.
  record Composite(String name, boolean union, int size, List<Member> members) implements BtfType {
    public Composite {
      members = List.copyOf(members);
    }
  }

  /// A field, at `bitOffset` from the start. `bitFieldBits` is 0 unless it is a bit-field.
  record Member(String name, int type, int bitOffset, int bitFieldBits) {}

  /// An enumeration of `size` bytes. `wide` tells `ENUM64` from `ENUM`.
  record Enumeration(
      String name, int size, boolean signed, boolean wide, List<Enumerator> enumerators)
      implements BtfType {
    public Enumeration {
      enumerators = List.copyOf(enumerators);
    }

    /// Whether it is declared and not defined, for which clang writes no size.
    public boolean declaredOnly() {
      return size == 0 && enumerators.isEmpty();
    }
  }

  /// A named value, sign- or zero-extended as its enumeration says.
  record Enumerator(String name, long value) {}

  /// A struct or union declared and not defined.
  record Forward(String name, boolean union) implements BtfType {}

  /// Another name for `target`.
  record Typedef(String name, int target) implements BtfType {}

  /// `const`, `volatile` or `restrict` before `target`.
  record Qualifier(Word word, int target) implements BtfType {
    /// The word in C.
    public enum Word {
      CONST,
      VOLATILE,
      RESTRICT
    }
  }

  /// `__attribute__((btf_type_tag("name")))` before `target`, or, if `attribute`, the attribute
  /// `name` itself, such as `address_space(1)`.
  record TypeTag(String name, int target, boolean attribute) implements BtfType {}

  /// A function of this prototype.
  record Function(String name, int prototype, Linkage linkage) implements BtfType {}

  /// Result and parameters of a function. The last parameter of a variadic function has type 0 and
  /// no name.
  record Prototype(int result, List<Parameter> parameters) implements BtfType {
    public Prototype {
      parameters = List.copyOf(parameters);
    }
  }

  /// A parameter of a function.
  record Parameter(String name, int type) {}

  /// A global variable.
  record Variable(String name, int type, Linkage linkage) implements BtfType {}

  /// A section of data and the variables in it.
  record DataSection(String name, int size, List<SectionVariable> variables) implements BtfType {
    public DataSection {
      variables = List.copyOf(variables);
    }
  }

  /// A variable (or, in `.ksyms`, a function) at `offset` of its section.
  record SectionVariable(int type, int offset, int size) {}

  /// A floating-point number.
  record FloatType(String name, int size) implements BtfType {}

  /// `__attribute__((btf_decl_tag("name")))` on `target`, or on its member or parameter number
  /// `component` (-1: on the declaration itself). If `attribute`, it is the attribute `name`
  /// itself.
  record DeclarationTag(String name, int target, int component, boolean attribute)
      implements BtfType {}

  /// Who sees a function or variable.
  enum Linkage {
    STATIC,
    GLOBAL,
    EXTERN
  }
}
