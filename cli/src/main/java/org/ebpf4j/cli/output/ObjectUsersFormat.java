package org.ebpf4j.cli.output;

import java.util.List;
import java.util.stream.Collectors;
import org.ebpf4j.linux.ObjectUser;
import tools.jackson.core.JsonGenerator;

/// Shows the processes that hold an object, with bpftool's words and field names.
public final class ObjectUsersFormat {
  private ObjectUsersFormat() {}

  /// ` pids name(number),…` after a separator, or nothing.
  public static String text(String separator, List<ObjectUser> users) {
    return users.isEmpty()
        ? ""
        : users.stream()
            .map(user -> "%s(%d)".formatted(user.command(), user.process()))
            .collect(Collectors.joining(",", separator + "pids ", ""));
  }

  /// The field `pids`, left out if there are none.
  public static void json(JsonGenerator json, List<ObjectUser> users) {
    if (users.isEmpty()) {
      return;
    }
    json.writeName("pids");
    json.writeStartArray();
    for (ObjectUser user : users) {
      json.writeStartObject();
      json.writeNumberProperty("pid", user.process());
      json.writeStringProperty("comm", user.command());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /// A field with a list of ids.
  public static void ids(JsonGenerator json, String field, List<Integer> ids) {
    json.writeName(field);
    json.writeStartArray();
    ids.forEach(json::writeNumber);
    json.writeEndArray();
  }

  /// ` field 1,2` after a separator, or nothing.
  public static String ids(String separator, String field, List<Integer> ids) {
    return ids.isEmpty()
        ? ""
        : ids.stream()
            .map(String::valueOf)
            .collect(Collectors.joining(",", separator + field + " ", ""));
  }
}
