package org.ebpf4j.cli.output;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.JsonStringEncoder;

/// Lays JSON out for people: a line for each field, four blanks deeper for each level; arrays of
/// plain values stay on one line, and objects of an array begin where the array does, as bpftool
/// has them.
final class JsonLines {
  private static final String INDENT = "    ";

  private JsonLines() {}

  /// Writes all of one value.
  static void write(JsonParser parser, StringBuilder out) {
    parser.nextToken();
    value(parser, out, 0);
  }

  private static void value(JsonParser parser, StringBuilder out, int depth) {
    switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, out, depth);
      case START_ARRAY -> array(parser, out, depth);
      case VALUE_STRING -> quoted(parser, out);
      default -> out.append(parser.getString());
    }
  }

  private static void quoted(JsonParser parser, StringBuilder out) {
    out.append('"')
        .append(JsonStringEncoder.getInstance().quoteAsCharArray(parser.getString()))
        .append('"');
  }

  private static void object(JsonParser parser, StringBuilder out, int depth) {
    out.append('{');
    boolean first = true;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      line(out, first, depth + 1);
      first = false;
      quoted(parser, out);
      out.append(": ");
      parser.nextToken();
      value(parser, out, depth + 1);
    }
    end(out, first, depth, '}');
  }

  private static void array(JsonParser parser, StringBuilder out, int depth) {
    out.append('[');
    boolean first = true;
    boolean lines = false;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken().isScalarValue()) {
        out.append(first ? "" : ", ");
        value(parser, out, depth + 1);
      } else {
        lines = true;
        out.append(first ? "" : ",");
        value(parser, out, depth + 1);
      }
      first = false;
    }
    end(out, !lines, depth, ']');
  }

  private static void line(StringBuilder out, boolean first, int depth) {
    out.append(first ? "\n" : ",\n").append(INDENT.repeat(depth));
  }

  private static void end(StringBuilder out, boolean onOneLine, int depth, char bracket) {
    if (!onOneLine) {
      out.append('\n').append(INDENT.repeat(depth));
    }
    out.append(bracket);
  }
}
