package org.ebpf4j.cli.generate;

import java.util.List;
import java.util.stream.Collectors;
import org.ebpf4j.cli.generate.JavaRecords.Component;

/// `equals` and `hashCode` of a record that holds arrays: Java compares those by identity, and a
/// key that was read from a map would equal no other.
final class EqualitySource {
  private EqualitySource() {}

  /// Both methods, or nothing where the record needs none.
  static String of(String record, List<Component> components) {
    if (components.stream().noneMatch(EqualitySource::isArray)) {
      return "";
    }
    return text(
        record,
        components.stream()
            .map(EqualitySource::same)
            .collect(Collectors.joining("\n          && ")),
        components.stream().map(EqualitySource::hash).collect(Collectors.joining(", ")));
  }

  /// Those of a union.
  static String ofBytes(String union) {
    return text(
        union,
        "java.util.Arrays.equals(this.bytes, that.bytes)",
        "java.util.Arrays.hashCode(this.bytes)");
  }

  private static String text(String record, String same, String hash) {
    return """
        /// Arrays are equal if their elements are.
        @Override
        public boolean equals(Object other) {
          return other instanceof %1$s that
              && %2$s;
        }

        @Override
        public int hashCode() {
          return java.util.Objects.hash(%3$s);
        }

    """
        .formatted(record, same, hash);
  }

  private static boolean isArray(Component component) {
    return component.type().name().endsWith("[]");
  }

  private static String same(Component c) {
    String helper = isArray(c) ? "Arrays" : "Objects";
    return "java.util.%s.equals(this.%2$s, that.%2$s)".formatted(helper, c.name());
  }

  private static String hash(Component c) {
    return isArray(c)
        ? "java.util.Arrays.hashCode(this.%s)".formatted(c.name())
        : "this." + c.name();
  }
}
