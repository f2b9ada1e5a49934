package org.ebpf4j.cli.generate;

import java.util.List;
import org.ebpf4j.cli.generate.JavaRecords.Component;

/// The record of a union: its bytes, and for each member a method that reads them as such, and one
/// that makes a union of it.
///
/// @param union its name in C; "" if it has none
record UnionSource(JavaType.Named named, String union, List<Component> components) {

  String text() {
    StringBuilder out = new StringBuilder();
    out.append("  /// %s, %d bytes.%n".formatted(title(), named.size()));
    out.append(
        """
          public record %1$s(byte[] bytes) {
            public %1$s {
              Layout.requireLength("bytes", bytes.length, %2$d);
            }

        """
            .formatted(named.name(), named.size()));
    out.append(EqualitySource.ofBytes(named.name()));
    components.forEach(c -> out.append(member(c)));
    out.append(CodecSource.texts(components, "()"));
    out.append(
        CodecSource.text(
            named,
            List.of(
                "MemorySegment.copy(value.bytes(), 0, target, ValueLayout.JAVA_BYTE, 0, %d);"
                    .formatted(named.size())),
            "new %s(source.asSlice(0, %d).toArray(ValueLayout.JAVA_BYTE))"
                .formatted(named.name(), named.size())));
    return out.append("  }%n%n".formatted()).toString();
  }

  private String title() {
    return union.isEmpty() ? "A union without a name" : "`union %s`".formatted(union);
  }

  private String member(Component c) {
    String capital = Character.toUpperCase(c.name().charAt(0)) + c.name().substring(1);
    return """
        /// One that holds `%1$s`; the bytes behind it are 0.
        public static %3$s of%2$s(%4$s %1$s) {
    %5$s      byte[] bytes = new byte[%6$d];
          MemorySegment target = MemorySegment.ofArray(bytes);
          %7$s
          return new %3$s(bytes);
        }

        /// The bytes as `%1$s`.
        public %4$s %1$s() {
          MemorySegment source = MemorySegment.ofArray(bytes);
          return %8$s;
        }

    """
        .formatted(
            c.name(),
            capital,
            named.name(),
            c.type().name(),
            c.type().check(c.name()).map("      %s%n"::formatted).orElse(""),
            named.size(),
            c.type().write(c.offset(), c.name()),
            c.type().read(c.offset()));
  }
}
