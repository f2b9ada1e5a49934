package org.ebpf4j.cli.output;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// JSON that was read.
public sealed interface JsonValue {
  record Members(Map<String, JsonValue> byName) implements JsonValue {}

  record Elements(List<JsonValue> values) implements JsonValue {}

  record Text(String text) implements JsonValue {}

  record Decimal(BigDecimal value) implements JsonValue {}

  record Truth(boolean value) implements JsonValue {}

  record Nothing() implements JsonValue {}

  /// What the parser says of where a value began, by words of its own.
  Pattern START = Pattern.compile(" \\(start marker at .*\\)$");

  /// Reads one value.
  ///
  /// @throws CommandException if the text is not one JSON value
  static JsonValue read(String name, String json) {
    try (JsonParser parser = Json.parser(json)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new CommandException(name + ": no JSON in it");
      }
      JsonValue value = value(parser);
      if (parser.nextToken() != null) {
        throw new CommandException(name + ": something follows the JSON value");
      }
      return value;
    } catch (JacksonException e) {
      throw new CommandException(
          "%s: line %d: %s"
              .formatted(
                  name,
                  e.getLocation().getLineNr(),
                  START.matcher(e.getOriginalMessage()).replaceFirst("")),
          e);
    }
  }

  private static JsonValue value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> members(parser);
      case START_ARRAY -> elements(parser);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Decimal(parser.getDecimalValue());
      case VALUE_TRUE -> new Truth(true);
      case VALUE_FALSE -> new Truth(false);
      case VALUE_NULL -> new Nothing();
      default -> new Text(parser.getString());
    };
  }

  private static JsonValue members(JsonParser parser) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return new Members(members);
  }

  private static JsonValue elements(JsonParser parser) {
    List<JsonValue> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value(parser));
    }
    return new Elements(elements);
  }
}
