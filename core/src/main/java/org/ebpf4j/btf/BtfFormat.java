package org.ebpf4j.btf;

/// Numbers of the stored form of BTF.
///
///      31    30 29 28      24 23      16 15                 0
///     ┌──────┬─────┬──────────┬──────────┬────────────────────┐
///     │ flag │  0  │   kind   │    0     │  number of parts   │  `info` of a type
///     └──────┴─────┴──────────┴──────────┴────────────────────┘
///
/// Source: Linux 6.18's `Documentation/bpf/btf.rst` and `include/uapi/linux/btf.h`.
final class BtfFormat {
  static final int MAGIC = 0xeb9f;
  static final int VERSION = 1;

  /// Bytes of the header of `.BTF`.
  static final int HEADER_BYTES = 24;

  /// Bytes of the fixed part of a type.
  static final int TYPE_BYTES = 12;

  static final int KIND_INT = 1;
  static final int KIND_POINTER = 2;
  static final int KIND_ARRAY = 3;
  static final int KIND_STRUCT = 4;
  static final int KIND_UNION = 5;
  static final int KIND_ENUM = 6;
  static final int KIND_FORWARD = 7;
  static final int KIND_TYPEDEF = 8;
  static final int KIND_VOLATILE = 9;
  static final int KIND_CONST = 10;
  static final int KIND_RESTRICT = 11;
  static final int KIND_FUNCTION = 12;
  static final int KIND_PROTOTYPE = 13;
  static final int KIND_VARIABLE = 14;
  static final int KIND_DATA_SECTION = 15;
  static final int KIND_FLOAT = 16;
  static final int KIND_DECLARATION_TAG = 17;
  static final int KIND_TYPE_TAG = 18;
  static final int KIND_ENUM64 = 19;

  static final int INT_SIGNED = 1;
  static final int INT_CHAR = 2;
  static final int INT_BOOL = 4;

  private BtfFormat() {}

  static int info(int kind, boolean flag, int parts) {
    return (flag ? 1 << 31 : 0) | kind << 24 | parts;
  }

  static int kind(int info) {
    return info >>> 24 & 0x1f;
  }

  static boolean flag(int info) {
    return info < 0;
  }

  static int parts(int info) {
    return info & 0xffff;
  }
}
