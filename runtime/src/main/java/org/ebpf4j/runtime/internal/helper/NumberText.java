package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Numbers as text, as `bpf_strtol` and `bpf_strtoul` read them: spaces, a sign, for base 0 or 16 a
/// prefix, digits.
///
/// Source: `__bpf_strtoull` in `kernel/bpf/helpers.c`, `_parse_integer` in `lib/kstrtox.c`.
final class NumberText {
  private static final int MOST_CHARACTERS = 63;
  private static final long BASE = 0x1f;

  private NumberText() {}

  /// Reads a number and stores it at `to`, 0 if there is none.
  ///
  /// @return the characters taken; `EINVAL` if there is no number or the base is not known,
  ///   `ERANGE` if it does not fit
  static long parse(long text, long size, long flags, long to, boolean signed) {
    Memory.putLong(to, 0);
    int base = (int) (flags & BASE);
    if ((flags & ~BASE) != 0 || (base != 0 && base != 8 && base != 10 && base != 16)) {
      return Errno.EINVAL.negated();
    }
    long end = text + size;
    long at = text;
    while (at < end && isSpace(Memory.getByte(at))) {
      at++;
    }
    boolean negative = at < end && Memory.getByte(at) == '-';
    if (negative) {
      at++;
    }
    end = Math.min(end, at + MOST_CHARACTERS);
    boolean hexadecimal = prefixed(at, end);
    if (base == 0) {
      base = at < end && Memory.getByte(at) == '0' ? (hexadecimal ? 16 : 8) : 10;
    }
    if (base == 16 && at + 1 < end && Memory.getByte(at) == '0' && lower(at + 1) == 'x') {
      at += 2;
    }
    long digits = at;
    long value = 0;
    boolean overflow = false;
    for (; at < end; at++) {
      int digit = Character.digit(lower(at), base);
      if (digit < 0) {
        break;
      }
      overflow |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, base)) > 0;
      value = value * base + digit;
    }
    if (overflow) {
      return Errno.ERANGE.negated();
    }
    if (at == digits || (negative && !signed)) {
      return Errno.EINVAL.negated();
    }
    if (signed && (negative ? -value > 0 : value < 0)) {
      return Errno.ERANGE.negated();
    }
    Memory.putLong(to, negative ? -value : value);
    return at - text;
  }

  /// Whether `0x` and a hexadecimal digit follow.
  private static boolean prefixed(long at, long end) {
    return at + 2 < end
        && Memory.getByte(at) == '0'
        && lower(at + 1) == 'x'
        && Character.digit(lower(at + 2), 16) >= 0;
  }

  private static int lower(long address) {
    int character = Memory.getByte(address) & 0xff;
    return character >= 'A' && character <= 'Z' ? character | 0x20 : character;
  }

  private static boolean isSpace(byte character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
  }
}
