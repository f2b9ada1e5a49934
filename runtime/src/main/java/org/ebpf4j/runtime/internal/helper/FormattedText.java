package org.ebpf4j.runtime.internal.helper;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.SequenceText;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// Text by a format, as `bpf_trace_printk`, `bpf_trace_vprintk` and `bpf_snprintf` make it: `%d %i
/// %u %x %X` with `l` or `ll`, `%c`, `%s %pks %pus`, `%p %px %pK %ps %pS %pB`, `%pi4 %pI4 %pi6
/// %pI6`, with flags `0 + - space` and a width. Pointers are shown as they are.
///
/// Source: `bpf_bprintf_prepare` in `kernel/bpf/helpers.c`, `bstr_printf` in `lib/vsprintf.c`.
final class FormattedText {
  /// `MAX_BPRINTF_BUF`, and the most that one string gives.
  private static final int MOST = 1024;

  /// `MAX_BPRINTF_VARARGS`.
  private static final int MOST_ARGUMENTS = 12;

  private final Run run;
  private final long[] arguments;
  private final byte[] format;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private final boolean valid;
  private int next;
  private int at;

  /// @param size the most bytes that the format may have, its NUL included
  FormattedText(Run run, long format, long size, long[] arguments) {
    this.run = run;
    this.arguments = arguments;
    int length = 0;
    while (length < size && Memory.getByte(format + length) != 0) {
      length++;
    }
    this.format = Memory.bytes(format, length);
    this.valid = length < size && expand();
  }

  /// Whether helpers take arguments in so many bytes at an address.
  static boolean takes(long address, long size) {
    return size % Long.BYTES == 0
        && size <= MOST_ARGUMENTS * Long.BYTES
        && (size == 0 || address != 0);
  }

  /// The arguments in some memory.
  static long[] arguments(long address, long size) {
    long[] arguments = new long[(int) size / Long.BYTES];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = Memory.getLong(address + (long) i * Long.BYTES);
    }
    return arguments;
  }

  /// Prints to the environment; the length, or `EINVAL` for a format that cannot be.
  long print() {
    if (!valid) {
      return Errno.EINVAL.negated();
    }
    int length = text.size();
    byte[] bytes = text.toByteArray();
    int shown = Math.min(length, MOST - 1);
    while (shown > 0 && bytes[shown - 1] == '\n') {
      shown--;
    }
    run.environment().print(new String(bytes, 0, shown, StandardCharsets.UTF_8));
    return length;
  }

  /// Stores the text, cut to fit, with a NUL; the length with NUL that it would take, or `EINVAL`.
  long store(long to, long size) {
    if (!valid) {
      return Errno.EINVAL.negated();
    }
    if (size > 0) {
      int stored = (int) Math.min(text.size(), size - 1);
      Memory.copy(text.toByteArray(), 0, to, stored);
      Memory.putByte(to + stored, (byte) 0);
    }
    return text.size() + 1L;
  }

  /// Appends the text to what an iterator's program has written; 0, `EOVERFLOW` if it does not fit,
  /// or `EINVAL`.
  long append(SequenceText to) {
    if (!valid) {
      return Errno.EINVAL.negated();
    }
    return to.append(text.toByteArray()) ? 0 : Errno.EOVERFLOW.negated();
  }

  private boolean expand() {
    while (at < format.length) {
      byte character = format[at++];
      if ((character >= 0 && character < ' ' && !isSpace(character)) || character == 0x7f) {
        return false;
      }
      if (character != '%') {
        text.write(character);
      } else if (peek(0) == '%') {
        text.write('%');
        at++;
      } else if (next >= arguments.length || !conversion(arguments[next++])) {
        return false;
      }
    }
    return true;
  }

  private int peek(int ahead) {
    return at + ahead < format.length ? format[at + ahead] : 0;
  }

  private boolean conversion(long argument) {
    boolean zeros = false;
    boolean left = false;
    boolean plus = false;
    boolean space = false;
    while (peek(0) == '0' || peek(0) == '+' || peek(0) == '-' || peek(0) == ' ') {
      int flag = format[at++];
      zeros |= flag == '0';
      plus |= flag == '+';
      left |= flag == '-';
      space |= flag == ' ';
    }
    int width = 0;
    while (peek(0) >= '0' && peek(0) <= '9') {
      width = Math.min(width * 10 + format[at++] - '0', MOST);
    }
    int longs = 0;
    while (peek(0) == 'l' && longs < 2) {
      longs++;
      at++;
    }
    int kind = peek(0);
    at++;
    if (longs > 0 && "diuxX".indexOf(kind) < 0) {
      return false;
    }
    String shown;
    switch (kind) {
      case 'd', 'i' -> {
        long number = longs == 0 ? (int) argument : argument;
        shown = (number < 0 ? "" : plus ? "+" : space ? " " : "") + number;
      }
      case 'u' -> shown = Long.toUnsignedString(longs == 0 ? argument & 0xffff_ffffL : argument);
      case 'x' -> shown = Long.toHexString(longs == 0 ? argument & 0xffff_ffffL : argument);
      case 'X' -> {
        String digits = Long.toHexString(longs == 0 ? argument & 0xffff_ffffL : argument);
        shown = digits.toUpperCase(Locale.ROOT);
      }
      case 'c' -> shown = String.valueOf((char) (argument & 0xff));
      case 's' -> {
        if (!endsWord()) {
          return false;
        }
        shown = string(argument);
      }
      case 'p' -> {
        String pointer = pointer(argument, width);
        if (pointer == null) {
          return false;
        }
        shown = pointer;
      }
      default -> {
        return false;
      }
    }
    pad(shown, width, zeros && !left && "diuxX".indexOf(kind) >= 0, left);
    return true;
  }

  /// What `%p` and its variants show; `null` for those that are not known.
  ///
  /// @param width 0 if the format has none: then addresses have all their digits
  private @Nullable String pointer(long argument, int width) {
    String digits = width == 0 ? "%016x".formatted(argument) : Long.toHexString(argument);
    if (endsWord()) {
      return digits;
    }
    int variant = peek(0);
    at++;
    return switch (variant) {
      case 'x', 'K' -> digits;
      case 's', 'S', 'B' -> "0x" + Long.toHexString(argument);
      case 'k', 'u' -> {
        boolean string = peek(0) == 's';
        at++;
        if (string && endsWord()) {
          yield string(argument);
        }
        yield null;
      }
      case 'i', 'I' -> {
        int version = peek(0);
        at++;
        yield switch (version) {
          case '4' -> ipv4(argument, variant == 'i');
          case '6' -> ipv6(argument, variant == 'I');
          default -> null;
        };
      }
      default -> null;
    };
  }

  private byte[] probe(long address, int size) {
    return run.readable(address, size) ? Memory.bytes(address, size) : new byte[size];
  }

  /// `%pI4` without, `%pi4` with leading zeros.
  private String ipv4(long address, boolean zeros) {
    byte[] bytes = probe(address, 4);
    String octet = zeros ? "%03d" : "%d";
    return String.join(".", octet, octet, octet, octet)
        .formatted(bytes[0] & 0xff, bytes[1] & 0xff, bytes[2] & 0xff, bytes[3] & 0xff);
  }

  /// `%pI6` with, `%pi6` without colons.
  private String ipv6(long address, boolean colons) {
    byte[] bytes = probe(address, 16);
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      if (colons && i > 0 && i % 2 == 0) {
        shown.append(':');
      }
      shown.append("%02x".formatted(bytes[i]));
    }
    return shown.toString();
  }

  /// The bytes of a string, one to a character; nothing if they may not be read.
  private String string(long address) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < MOST; i++) {
      int character = run.byteAt(address + i);
      if (character < 0) {
        return "";
      }
      if (character == 0) {
        break;
      }
      shown.append((char) character);
    }
    return shown.toString();
  }

  private void pad(String shown, int width, boolean zeros, boolean left) {
    byte[] bytes = shown.getBytes(StandardCharsets.ISO_8859_1);
    int missing = width - bytes.length;
    int sign = zeros && bytes.length > 0 && "+- ".indexOf(bytes[0]) >= 0 ? 1 : 0;
    text.write(bytes, 0, sign);
    for (int i = 0; i < missing && !left; i++) {
      text.write(zeros ? '0' : ' ');
    }
    text.write(bytes, sign, bytes.length - sign);
    for (int i = 0; i < missing && left; i++) {
      text.write(' ');
    }
  }

  private boolean endsWord() {
    int following = peek(0);
    return following == 0 || isSpace((byte) following) || isPunctuation(following);
  }

  private static boolean isSpace(byte character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
  }

  private static boolean isPunctuation(int character) {
    return character > ' ' && character < 0x7f && !Character.isLetterOrDigit(character);
  }
}
