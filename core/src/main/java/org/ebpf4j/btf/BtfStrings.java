package org.ebpf4j.btf;

import java.util.Optional;
import org.ebpf4j.elf.StringTable;

/// The strings of a stored BTF. Those of a split BTF continue the offsets of its base.
final class BtfStrings {
  private final Optional<BtfStrings> base;
  private final StringTable own;

  BtfStrings(Optional<BtfStrings> base, StringTable own) {
    this.base = base;
    this.own = own;
  }

  /// The string at an offset that counts from the start of the base's strings.
  String at(long offset) {
    long start = start();
    return offset < start ? base.orElseThrow().at(offset) : own.at(offset - start);
  }

  /// One more than the last offset.
  long end() {
    return start() + own.size();
  }

  private long start() {
    return base.map(BtfStrings::end).orElse(0L);
  }
}
