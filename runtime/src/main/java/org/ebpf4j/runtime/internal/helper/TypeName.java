package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// How a type is named before a value of it.
///
/// Source: `btf_show_name` in Linux 6.18's `kernel/bpf/btf.c`.
///
/// @param declaration such as `struct sk_buff *`
/// @param parenthesis what opens a value of it: `{`, `[` or nothing
record TypeName(String declaration, String parenthesis) {
  /// `BTF_SHOW_MAX_ITER`: types that nest deeper have no name.
  private static final int MOST_NESTED = 10;

  private static final TypeName NONE = new TypeName("", "");

  static TypeName of(Btf types, int declared) {
    String typedef = "";
    boolean array = false;
    boolean pointer = false;
    StringBuilder suffix = new StringBuilder();
    StringBuilder stars = new StringBuilder();
    BtfType type = types.type(declared);
    int nested = 0;
    while (nested < MOST_NESTED) {
      int next;
      switch (type) {
        case BtfType.Typedef(String name, int target) -> {
          typedef = typedef.isEmpty() ? name : typedef;
          next = target;
        }
        case BtfType.Array(int element, int index, int count) -> {
          array = true;
          suffix.append("[]");
          next = element;
        }
        case BtfType.Pointer(int target) -> {
          pointer = true;
          stars.append('*');
          next = target;
        }
        default -> next = 0;
      }
      if (next == 0) {
        break;
      }
      type = unqualified(types, next);
      nested++;
    }
    if (nested == MOST_NESTED) {
      return NONE;
    }
    String name = typedef.isEmpty() ? type.name() : typedef;
    String prefix =
        switch (type) {
          case BtfType.Composite struct -> struct.union() ? "union" : "struct";
          case BtfType.Enumeration enumeration -> "enum";
          default -> "";
        };
    boolean braces = type instanceof BtfType.Composite && !array && !pointer;
    if (!typedef.isEmpty()) {
      prefix = "";
    }
    String declaration =
        prefix
            + (prefix.isEmpty() || name.isEmpty() ? "" : " ")
            + name
            + (stars.isEmpty() ? "" : " ")
            + stars
            + suffix;
    return new TypeName(declaration, braces ? "{" : array && !pointer ? "[" : "");
  }

  /// Without qualifiers and tags, but with typedefs.
  private static BtfType unqualified(Btf types, int id) {
    BtfType type = types.type(id);
    while (true) {
      switch (type) {
        case BtfType.Qualifier qualifier -> type = types.type(qualifier.target());
        case BtfType.TypeTag tag -> type = types.type(tag.target());
        default -> {
          return type;
        }
      }
    }
  }
}
