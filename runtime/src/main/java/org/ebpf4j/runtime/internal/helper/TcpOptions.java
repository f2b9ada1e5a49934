package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.memory.Memory;

/// The options of a TCP header, one after the other: kind, length in all, value.
///
///     ┌──────┬────────┬─ ─ ─ ─ ─ ─┐
///     │ kind │ length │ value     │     kind 0 ends the list, kind 1 fills; both are one byte
///     └──────┴────────┴─ ─ ─ ─ ─ ─┘
///
/// Sources: RFC 9293, section 3.1; RFC 6994; `bpf_search_tcp_opt` in `net/core/filter.c` of Linux
/// 6.18.
final class TcpOptions {
  /// What [#find] gives where there is no such option: the list goes on, has been ended, or is
  /// broken.
  static final long ABSENT = 0;

  static final long ENDED = -1;
  static final long BROKEN = -2;

  private static final int END = 0;
  private static final int NOTHING = 1;
  private static final int VALUE = 2;

  private TcpOptions() {}

  static int kind(long option) {
    return Memory.getByte(option) & 0xff;
  }

  static int length(long option) {
    return Memory.getByte(option + 1) & 0xff;
  }

  /// Whether options of a kind are one byte and say nothing.
  static boolean isFiller(int kind) {
    return kind == END || kind == NOTHING;
  }

  /// Whether a kind is for experiments, which a magic number tells apart.
  static boolean isExperiment(int kind) {
    return kind == 253 || kind == 254;
  }

  /// The address of an option, or why there is none.
  ///
  /// @param wanted an option of that kind, whose value begins with the magic number
  /// @param magic bytes of the magic number
  static long find(long from, long end, long wanted, int magic) {
    long option = from;
    while (option < end) {
      int kind = kind(option);
      if (kind == END) {
        return ENDED;
      }
      if (kind == NOTHING) {
        option++;
        continue;
      }
      if (end - option < VALUE || end - option < length(option) || length(option) < VALUE) {
        return BROKEN;
      }
      if (kind == kind(wanted)) {
        if (magic > length(option) - VALUE) {
          return ABSENT;
        }
        if (Memory.equal(option + VALUE, wanted + VALUE, magic)) {
          return option;
        }
      }
      option += length(option);
    }
    return ABSENT;
  }
}
