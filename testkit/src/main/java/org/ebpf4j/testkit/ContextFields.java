package org.ebpf4j.testkit;

import java.util.List;
import java.util.stream.Stream;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.MemorySize;

/// The fields of contexts that hold plain numbers and that a test run gives as they were put in, on
/// every host.
///
/// Source: `convert___skb_to_skb` and `bpf_prog_test_run_raw_tp` in Linux 6.18's
/// `net/bpf/test_run.c`.
final class ContextFields {
  /// Bytes of `struct __sk_buff` up to and including `cb`.
  static final int SKB_BYTES = 68;

  /// Arguments of a raw tracepoint that are given.
  static final int ARGUMENTS = 4;

  private static final List<Field> SKB =
      List.of(
          new Field(MemorySize.WORD, 0),
          new Field(MemorySize.BYTE, 0),
          new Field(MemorySize.WORD, 8),
          new Field(MemorySize.HALF, 8),
          new Field(MemorySize.WORD, 32),
          new Field(MemorySize.WORD, 48),
          new Field(MemorySize.DOUBLE, 48),
          new Field(MemorySize.WORD, 52),
          new Field(MemorySize.BYTE, 56),
          new Field(MemorySize.DOUBLE, 56),
          new Field(MemorySize.WORD, 64));

  private static final List<Field> XDP = List.of(new Field(MemorySize.WORD, 16));

  private static final List<Field> ARGUMENT_FIELDS =
      List.of(
          new Field(MemorySize.DOUBLE, 0),
          new Field(MemorySize.DOUBLE, 8),
          new Field(MemorySize.DOUBLE, 16),
          new Field(MemorySize.DOUBLE, 24));

  /// `cb`, which every program on a `struct __sk_buff` may write.
  private static final List<Field> SCRATCH =
      List.of(
          new Field(MemorySize.WORD, 48),
          new Field(MemorySize.HALF, 54),
          new Field(MemorySize.BYTE, 57),
          new Field(MemorySize.DOUBLE, 56),
          new Field(MemorySize.WORD, 64));

  private static final List<Field> CLASSIFIERS =
      Stream.concat(
              SCRATCH.stream(),
              Stream.of(new Field(MemorySize.WORD, 8), new Field(MemorySize.WORD, 32)))
          .toList();

  private ContextFields() {}

  /// A load or store of a number.
  record Field(MemorySize size, int offset) {
    short at() {
      return (short) offset;
    }
  }

  /// What programs may store to.
  ///
  /// Source: `sk_filter_is_valid_access` and `tc_cls_act_is_valid_access` in Linux 6.18's
  /// `net/core/filter.c`.
  static List<Field> writable(ProgramType type) {
    return switch (type) {
      case SOCKET_FILTER -> SCRATCH;
      case SCHED_CLS -> CLASSIFIERS;
      default -> List.of();
    };
  }

  static List<Field> of(ProgramType type) {
    return switch (type) {
      case XDP -> XDP;
      case RAW_TRACEPOINT -> ARGUMENT_FIELDS;
      default -> SKB;
    };
  }
}
