package org.ebpf4j.btf;

import java.util.List;
import org.ebpf4j.error.EbpfException;

/// Writes declarations of types in C.
///
/// A declaration is built from the inside out: the name is wrapped in `*`, `[]` and `()` on the way
/// down to the type that has a name of its own, which then goes in front.
final class CWriter {
  /// Every compiler has this type built in, but not with the layout of the types' own machine.
  static final String BUILT_IN_VA_LIST = "__builtin_va_list";

  private final Btf btf;
  private final CNames names;
  private final BtfLayout layout;
  private long partsLeft = 100_000;

  CWriter(Btf btf, CNames names) {
    this.btf = btf;
    this.names = names;
    this.layout = new BtfLayout(btf);
    for (BtfType type : btf.ownTypes()) {
      if (type instanceof BtfType.Composite composite) {
        partsLeft += 64L * composite.members().size();
      }
    }
  }

  /// A declaration of `name` with a type, without the semicolon.
  ///
  /// @param depth how far the lines of an anonymous struct inside are indented
  String declare(int id, String name, int depth) {
    return declare(id, name, new Qualifiers("", ""), depth);
  }

  /// Words that go before the type they qualify, and attributes that go after it.
  private record Qualifiers(String words, String attributes) {
    static final Qualifiers NONE = new Qualifiers("", "");

    /// GCC qualifies an array and its elements, which is the same thing said twice.
    Qualifiers plusWord(String word) {
      return List.of(words.split(" ")).contains(word)
          ? this
          : new Qualifiers(join(words, word), attributes);
    }

    Qualifiers plusAttribute(String attribute) {
      return new Qualifiers(words, attributes + " __attribute__((" + attribute + "))");
    }
  }

  private String declare(int id, String inner, Qualifiers qualifiers, int depth) {
    return switch (btf.type(id)) {
      case BtfType.Pointer(int target) -> {
        String attributes = qualifiers.attributes().strip();
        String pointer = "*" + join(qualifiers.words(), join(attributes, inner));
        yield declare(
            target,
            needsParentheses(target) ? "(" + pointer + ")" : pointer,
            Qualifiers.NONE,
            depth);
      }
      case BtfType.Array(int element, int index, int count) ->
          declare(element, inner + "[" + count + "]", qualifiers, depth);
      case BtfType.Prototype prototype ->
          declare(
              prototype.result(),
              inner + "(" + parameters(prototype, depth) + ")",
              Qualifiers.NONE,
              depth);
      case BtfType.Qualifier(BtfType.Qualifier.Word word, int target) ->
          declare(
              target,
              inner,
              qualifiers.plusWord(
                  switch (word) {
                    case CONST -> "const";
                    case VOLATILE -> "volatile";
                    case RESTRICT -> "restrict";
                  }),
              depth);
      case BtfType.TypeTag(String tag, int target, boolean attribute) ->
          declare(
              target,
              inner,
              qualifiers.plusAttribute(attribute ? tag : "btf_type_tag(\"" + tag + "\")"),
              depth);
      case BtfType.Composite composite ->
          specify(
              composite.name().isEmpty() ? composite(composite, "", depth) : tag(id),
              inner,
              qualifiers);
      case BtfType.Enumeration enumeration ->
          specify(
              enumeration.name().isEmpty() ? enumeration(enumeration, "", depth) : tag(id),
              inner,
              qualifiers);
      case BtfType.Forward type -> specify(tag(id), inner, qualifiers);
      case BtfType.Typedef(String name, int target) when name.equals(BUILT_IN_VA_LIST) ->
          declare(target, inner, qualifiers, depth);
      case BtfType.Typedef type -> specify(names.of(id), inner, qualifiers);
      case BtfType.Int type -> specify(type.name(), inner, qualifiers);
      case BtfType.FloatType type -> specify(type.name(), inner, qualifiers);
      case BtfType.VoidType type -> specify("void", inner, qualifiers);
      case BtfType.Function function -> declare(function.prototype(), inner, qualifiers, depth);
      case BtfType.Variable variable -> declare(variable.type(), inner, qualifiers, depth);
      case BtfType.DataSection type -> specify("/* " + type.name() + " */", inner, qualifiers);
      case BtfType.DeclarationTag type -> declare(type.target(), inner, qualifiers, depth);
    };
  }

  private static String specify(String specifier, String inner, Qualifiers qualifiers) {
    String typed = join(qualifiers.words(), specifier) + qualifiers.attributes();
    return inner.startsWith("[") ? typed + inner : join(typed, inner);
  }

  private static String join(String left, String right) {
    return left.isEmpty() || right.isEmpty() ? left + right : left + " " + right;
  }

  /// Whether a pointer to the type must be in parentheses: `(*a)[2]` is not `*a[2]`.
  private boolean needsParentheses(int target) {
    return switch (btf.type(target)) {
      case BtfType.Array type -> true;
      case BtfType.Prototype type -> true;
      case BtfType.Qualifier type -> needsParentheses(type.target());
      case BtfType.TypeTag type -> needsParentheses(type.target());
      default -> false;
    };
  }

  private String parameters(BtfType.Prototype prototype, int depth) {
    if (prototype.parameters().isEmpty()) {
      return "void";
    }
    StringBuilder text = new StringBuilder();
    for (BtfType.Parameter parameter : prototype.parameters()) {
      if (!text.isEmpty()) {
        text.append(", ");
      }
      // The last parameter is `...` if its type is void.
      text.append(
          parameter.type() == 0 ? "..." : declare(parameter.type(), parameter.name(), depth));
    }
    return text.toString();
  }

  /// `struct name`, `union name` or `enum name`.
  String tag(int id) {
    String keyword =
        switch (btf.type(id)) {
          case BtfType.Composite type -> type.union() ? "union " : "struct ";
          case BtfType.Forward type -> type.union() ? "union " : "struct ";
          default -> "enum ";
        };
    return keyword + names.of(id);
  }

  /// The definition of a struct or union, without the semicolon.
  ///
  /// @param name its name, "" to leave it anonymous
  String composite(BtfType.Composite composite, String name, int depth) {
    StringBuilder text =
        new StringBuilder(join(composite.union() ? "union" : "struct", name)).append(" {\n");
    CMembers members = new CMembers(composite, layout);
    String indent = "\t".repeat(depth + 1);
    for (BtfType.Member member : composite.members()) {
      if (--partsLeft < 0) {
        throw new EbpfException(
            "the types hold each other so often that their C would have no end: " + name);
      }
      members.paddingBefore(member).forEach(line -> text.append(indent).append(line).append('\n'));
      text.append(indent).append(declare(member.type(), member.name(), depth + 1));
      if (member.bitFieldBits() > 0) {
        text.append(": ").append(member.bitFieldBits());
      }
      text.append(";\n");
    }
    members.paddingAfter().forEach(line -> text.append(indent).append(line).append('\n'));
    text.append("\t".repeat(depth)).append('}');
    return (members.packed() ? text.append(" __attribute__((packed))") : text).toString();
  }

  /// The definition of an enumeration, without the semicolon: a line for each constant, so that
  /// whoever looks for one in the types of a kernel finds it and not two hundred.
  ///
  /// @param name its name, "" to leave it anonymous
  String enumeration(BtfType.Enumeration type, String name, int depth) {
    StringBuilder text = new StringBuilder(join("enum", name));
    if (!type.enumerators().isEmpty()) {
      String end = "\n" + "\t".repeat(depth);
      text.append(" {");
      for (BtfType.Enumerator enumerator : type.enumerators()) {
        text.append(end)
            .append('\t')
            .append(names.enumerator(enumerator.name()))
            .append(" = ")
            .append(literal(enumerator.value(), type))
            .append(',');
      }
      text.append(end).append('}');
    }
    return text.append(mode(type)).toString();
  }

  private static String literal(long value, BtfType.Enumeration type) {
    if (!type.wide()) {
      return Long.toString(value);
    }
    if (!type.signed()) {
      return Long.toUnsignedString(value) + "ULL";
    }
    // There is no literal for the smallest number.
    return value == Long.MIN_VALUE ? "(" + (value + 1) + "LL - 1)" : value + "LL";
  }

  /// The attribute for a size other than the compiler would choose.
  private static String mode(BtfType.Enumeration type) {
    return switch (type.size()) {
      case 1 -> " __attribute__((mode(byte)))";
      case 2 -> " __attribute__((mode(HI)))";
      case 8 -> type.enumerators().isEmpty() ? "" : " __attribute__((mode(DI)))";
      default -> "";
    };
  }
}
