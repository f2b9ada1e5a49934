package org.ebpf4j.cli.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.ebpf4j.cli.generate.JavaRecords.Component;

/// The record of a struct: a component for each member.
///
/// @param struct its name in C; "" if it has none
record RecordSource(JavaType.Named named, String struct, List<Component> components) {

  String text() {
    String declared =
        components.stream()
            .map(c -> c.type().name() + " " + c.name())
            .collect(Collectors.joining(", "));
    List<String> encode = new ArrayList<>();
    encode.add("target.asSlice(0, %d).fill((byte) 0);".formatted(named.size()));
    components.forEach(
        c -> encode.add(c.type().write(c.offset(), "value.%s()".formatted(c.name()))));
    String decode =
        components.stream()
            .map(c -> "                " + c.type().read(c.offset()))
            .collect(Collectors.joining(",\n", "new " + named.name() + "(\n", ")"));
    return "  /// %s, %d bytes.%n".formatted(title(), named.size())
        + "  public record %s(%s) {%n".formatted(named.name(), declared)
        + checks()
        + EqualitySource.of(named.name(), components)
        + CodecSource.texts(components, "")
        + CodecSource.text(named, encode, decode)
        + "  }%n%n".formatted();
  }

  private String title() {
    return struct.isEmpty() ? "A struct without a name" : "`struct %s`".formatted(struct);
  }

  /// Arrays and lists have as many elements as in C, and bit-fields no more bits.
  private String checks() {
    String checks =
        components.stream()
            .map(c -> c.type().check(c.name()))
            .flatMap(Optional::stream)
            .map("      %s%n"::formatted)
            .collect(Collectors.joining());
    return checks.isEmpty() ? "" : "    public %s {%n%s    }%n%n".formatted(named.name(), checks);
  }
}
