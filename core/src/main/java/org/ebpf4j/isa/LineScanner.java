package org.ebpf4j.isa;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes a line of assembly apart, from left to right. Blanks between the parts do not matter.
final class LineScanner {
  /// How llvm-objdump heads a function: `0000000000000018 <name>:`.
  private static final Pattern SYMBOL = Pattern.compile("\\s*[0-9a-f]{16} <([^>]+)>:\\s*");

  /// More digits than any number has that fits 64 bits.
  private static final int MAX_DIGITS = 64;

  private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_UNSIGNED = BigInteger.ONE.shiftLeft(64);

  private final String text;
  private final int line;
  private int position;

  LineScanner(String text, int line) {
    this.text = withoutComment(text);
    this.line = line;
  }

  private static String withoutComment(String text) {
    int end = text.length();
    for (String start : new String[] {";", "#", "//"}) {
      int at = text.indexOf(start);
      if (at >= 0 && at < end) {
        end = at;
      }
    }
    return text.substring(0, end);
  }

  int position() {
    skipBlanks();
    return position;
  }

  void reset(int to) {
    position = to;
  }

  boolean atEnd() {
    return position() == text.length();
  }

  /// Passes over these characters if they come next.
  boolean accept(String literal) {
    if (!text.startsWith(literal, position())) {
      return false;
    }
    int end = position + literal.length();
    boolean word = isWordPart(literal.charAt(literal.length() - 1));
    if (word && end < text.length() && isWordPart(text.charAt(end))) {
      return false;
    }
    position = end;
    return true;
  }

  void expect(String literal) {
    if (!accept(literal)) {
      throw expected("\"" + literal + "\"");
    }
  }

  /// The name, keyword or register that comes next, or "" if none does.
  String word() {
    int start = position();
    while (position < text.length() && isWordPart(text.charAt(position))) {
      position++;
    }
    String word = text.substring(start, position);
    if (!word.isEmpty() && Character.isDigit(word.charAt(0))) {
      position = start;
      return "";
    }
    return word;
  }

  /// The name in a function's heading if the line is one, or "".
  String symbol() {
    Matcher heading = SYMBOL.matcher(text);
    if (!heading.matches()) {
      return "";
    }
    position = text.length();
    return heading.group(1);
  }

  /// What stands between `<` and `>`, or "" if nothing does.
  String annotation() {
    if (!accept("<")) {
      return "";
    }
    int end = text.indexOf('>', position);
    if (end < 0) {
      throw expected("\">\" at the end of a name in angle brackets");
    }
    String annotation = text.substring(position, end);
    position = end + 1;
    return annotation;
  }

  /// Whether a number comes next, with or without a sign.
  boolean atNumber() {
    int at = position();
    if (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
      at++;
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  /// A number, decimal or hexadecimal with `0x`, between two bounds. Where `unsignedBits` is not 0,
  /// numbers that fit it unsigned stand for the signed ones with the same bits.
  long number(long min, long max, int unsignedBits) {
    int start = position();
    boolean negative = accept("-");
    if (!negative) {
      accept("+");
    }
    BigInteger magnitude = magnitude();
    BigInteger value = negative ? magnitude.negate() : magnitude;
    if (value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_UNSIGNED) < 0) {
      long bits = value.longValue();
      if (unsignedBits == 32 && value.signum() >= 0 && value.bitLength() == 32) {
        bits = Arithmetic.signExtend(32, bits);
      }
      boolean wrapped = value.bitLength() > 63 && value.signum() > 0 && unsignedBits != 64;
      if (!wrapped && bits >= min && bits <= max) {
        return bits;
      }
    }
    position = start;
    throw fail("%s is out of range, %d to %d fit here".formatted(value, min, max));
  }

  private BigInteger magnitude() {
    int start = position();
    while (position < text.length() && isWordPart(text.charAt(position))) {
      position++;
    }
    String digits = text.substring(start, position);
    if (digits.length() > MAX_DIGITS) {
      position = start;
      throw fail("a number of " + digits.length() + " characters is out of range");
    }
    try {
      return digits.startsWith("0x")
          ? new BigInteger(digits.substring(2), 16)
          : new BigInteger(digits);
    } catch (NumberFormatException notDigits) {
      position = start;
      throw expected("a number");
    }
  }

  AssemblyException expected(String what) {
    String found = atEnd() ? "the end of the line" : "\"" + text.substring(position).strip() + "\"";
    return fail("expected " + what + ", found " + found);
  }

  AssemblyException fail(String problem) {
    return new AssemblyException(line, position() + 1, problem);
  }

  private void skipBlanks() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$';
  }
}
