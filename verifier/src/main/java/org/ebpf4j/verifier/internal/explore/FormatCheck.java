package org.ebpf4j.verifier.internal.explore;

/// Whether a format says what Linux can print. Source: `bpf_bprintf_prepare` in Linux's
/// `kernel/bpf/helpers.c`.
final class FormatCheck {
  private final byte[] text;
  private int at;

  private FormatCheck(byte[] text, int start) {
    this.text = text;
    this.at = start;
  }

  /// Whether the format that begins at `start` and ends with a 0 asks for no more than so many
  /// values, each in a way that is known.
  static boolean isValid(byte[] text, int start, long values) {
    FormatCheck check = new FormatCheck(text, start);
    long used = 0;
    while (check.next() != 0) {
      boolean ascii = check.next() > 0;
      if (ascii && !isPrintable(check.next()) && !isSpace(check.next())) {
        return false;
      }
      if (check.next() == '%') {
        check.at++;
        if (check.next() != '%') {
          if (used++ >= values || !check.conversion()) {
            return false;
          }
          continue;
        }
      }
      check.at++;
    }
    return true;
  }

  private int next() {
    return at < text.length ? text[at] : 0;
  }

  private int after(int distance) {
    return at + distance < text.length ? text[at + distance] : 0;
  }

  /// Reads what follows a percent sign.
  private boolean conversion() {
    while (next() == '0' || next() == '+' || next() == '-' || next() == ' ') {
      at++;
    }
    if (next() != '0') {
      while (isDigit(next())) {
        at++;
      }
    }
    return switch (next()) {
      case 'p' -> pointer();
      case 's' -> endsWord(1);
      case 'c' -> {
        at++;
        yield true;
      }
      default -> number();
    };
  }

  private boolean pointer() {
    int kind = after(1);
    if (kind == 0 || isSpace(kind) || isPunctuation(kind)) {
      at++;
      return true;
    }
    if ((kind == 'k' || kind == 'u') && after(2) == 's') {
      return endsWord(3);
    }
    if (kind == 'K' || kind == 'x' || kind == 's' || kind == 'S' || kind == 'B') {
      at += 2;
      return true;
    }
    boolean address = (kind == 'i' || kind == 'I') && (after(2) == '4' || after(2) == '6');
    at += 3;
    return address;
  }

  /// Whether the conversion of so many letters ends here.
  private boolean endsWord(int letters) {
    int end = after(letters);
    at += letters;
    return end == 0 || isSpace(end) || isPunctuation(end);
  }

  private boolean number() {
    for (int i = 0; i < 2 && next() == 'l'; i++) {
      at++;
    }
    int kind = next();
    at++;
    return kind == 'i' || kind == 'd' || kind == 'u' || kind == 'x' || kind == 'X';
  }

  private static boolean isDigit(int letter) {
    return letter >= '0' && letter <= '9';
  }

  private static boolean isSpace(int letter) {
    return letter == ' ' || (letter & 0xff) == 0xa0 || (letter >= '\t' && letter <= '\r');
  }

  private static boolean isPrintable(int letter) {
    return letter >= ' ' && letter <= '~';
  }

  /// Linux takes text for Latin 1.
  private static boolean isPunctuation(int letter) {
    int latin = letter & 0xff;
    return (latin > 0xa0 && latin < 0xc0) || latin == 0xd7 || latin == 0xf7 || isAsciiSign(letter);
  }

  private static boolean isAsciiSign(int letter) {
    return isPrintable(letter)
        && letter != ' '
        && !isDigit(letter)
        && !((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z');
  }
}
