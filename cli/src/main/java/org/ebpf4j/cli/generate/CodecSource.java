package org.ebpf4j.cli.generate;

import java.util.List;
import java.util.stream.Collectors;
import org.ebpf4j.cli.generate.JavaRecords.Component;

/// What the records of structs, unions and enumerations have in common.
final class CodecSource {
  private CodecSource() {}

  /// The constant `CODEC`.
  ///
  /// @param encode statements that write `value` to `target`
  /// @param decode an expression that reads one from `source`
  static String text(JavaType.Named named, List<String> encode, String decode) {
    return """
        /// How it is laid out in C.
        public static final Codec<%1$s> CODEC =
            new Codec<%1$s>() {
              @Override
              public int size() {
                return %2$d;
              }

              @Override
              public void encode(%1$s value, MemorySegment target) {
    %3$s
              }

              @Override
              public %1$s decode(MemorySegment source) {
                return %4$s;
              }
            };

    """
        .formatted(
            named.name(),
            named.size(),
            encode.stream().map(line -> "            " + line).collect(Collectors.joining("\n")),
            decode);
  }

  /// Methods that give arrays of `char` as text.
  static String texts(List<Component> components, String access) {
    StringBuilder out = new StringBuilder();
    for (Component c : components) {
      if (c.type() instanceof JavaType.ScalarArray numbers && numbers.text()) {
        out.append(
            """
                /// `%1$s` as text, up to its first zero.
                public String %1$sText() {
                  return Layout.text(%1$s%2$s);
                }

            """
                .formatted(c.name(), access));
      }
    }
    return out.toString();
  }
}
