package org.ebpf4j.verifier.internal.state;

import java.util.StringJoiner;
import org.ebpf4j.verifier.internal.domain.Scalar;

/// Values in words, in the style of the kernel's log: `map_value(off=4,umax=60,var_off=(0x0;
/// 0x3c))`.
final class ValueText {
  private ValueText() {}

  static String of(Value value) {
    Scalar number = value.number();
    if (value.isScalar() && number.isConstant()) {
      return Long.toString(number.value());
    }
    StringJoiner parts = new StringJoiner(",", "(", ")");
    parts.setEmptyValue("");
    if (value.id() != 0 && !value.isScalar()) {
      parts.add("id=" + value.idWithoutConstant());
    }
    if (value.reference() != 0) {
      parts.add("ref_obj_id=" + value.reference());
    }
    if (value.kind().isPacket()) {
      parts.add("r=" + value.range());
    }
    if (value.target() instanceof Target.InMap in) {
      parts.add("map=" + in.map().name());
    }
    if (value.target() instanceof Target.Sized(int size, int dynptr, boolean packet)) {
      parts.add("sz=" + size);
    }
    if (value.offset() != 0 && !value.isScalar()) {
      parts.add("off=" + value.offset());
    }
    if (!number.isConstant()) {
      bounds(parts, number);
    } else if (number.value() != 0) {
      parts.add("imm=" + number.value());
    }
    return value.typeName() + parts;
  }

  private static void bounds(StringJoiner parts, Scalar number) {
    if (number.smin() != Long.MIN_VALUE) {
      parts.add("smin=" + number.smin());
    }
    if (number.smax() != Long.MAX_VALUE) {
      parts.add("smax=" + number.smax());
    }
    if (number.umin() != 0) {
      parts.add("umin=" + Long.toUnsignedString(number.umin()));
    }
    if (number.umax() != -1) {
      parts.add("umax=" + Long.toUnsignedString(number.umax()));
    }
    if (number.smin32() != Integer.MIN_VALUE && number.smin32() != number.smin()) {
      parts.add("smin32=" + number.smin32());
    }
    if (number.smax32() != Integer.MAX_VALUE && number.smax32() != number.smax()) {
      parts.add("smax32=" + number.smax32());
    }
    if (!number.bits().isUnknown()) {
      parts.add("var_off=" + number.bits());
    }
  }
}
