package org.ebpf4j.cli.generate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.btf.BtfType;

/// The record of an enumeration: a number, with a constant for each enumerator. It is no Java enum,
/// for a program may store any number.
record EnumerationSource(JavaType.Named named, BtfType.Enumeration type) {

  String text() {
    JavaType.Scalar number = new JavaType.Scalar(type.size(), false);
    JavaNames names = new JavaNames(Set.of("value"));
    StringBuilder constants = new StringBuilder();
    Map<Long, String> shown = new LinkedHashMap<>();
    for (BtfType.Enumerator enumerator : type.enumerators()) {
      constants.append(
          "    public static final %1$s %2$s = new %1$s(%3$s);%n"
              .formatted(
                  named.name(),
                  names.constant(enumerator.name()),
                  literal(number, enumerator.value())));
      shown.putIfAbsent(enumerator.value(), enumerator.name());
    }
    StringBuilder cases = new StringBuilder();
    shown.forEach((value, name) ->
        cases.append(
            "      if (value == %s) {%n        return \"%s\";%n      }%n"
                .formatted(literal(number, value), name)));
    return "  /// `enum %s`.%n".formatted(type.name())
        + "  public record %s(%s value) {%n".formatted(named.name(), number.name())
        + constants
        + """

            /// The enumerator's name in C, or the number where there is none for it.
            @Override
            public String toString() {
        %s      return String.valueOf(value);
            }

        """
            .formatted(cases)
        + CodecSource.text(
            named,
            List.of(number.write(0, "value.value()")),
            "new %s(%s)".formatted(named.name(), number.read(0)))
        + "  }%n%n".formatted();
  }

  private static String literal(JavaType.Scalar number, long value) {
    return switch (number.name()) {
      case "long" -> value + "L";
      case "int" -> String.valueOf((int) value);
      default -> "(%s) %d".formatted(number.name(), value);
    };
  }
}
