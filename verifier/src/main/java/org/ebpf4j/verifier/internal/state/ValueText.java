package org.ebpf4j.verifier.internal.state;

import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.domain.Scalar;

/// Values in words, as the kernel's log prints them: `map_value(map=counts,ks=4,vs=8,off=4)`.
/// Source of the form: `print_reg_state` and `print_scalar_ranges` in `kernel/bpf/log.c` of Linux
/// 6.18.
public final class ValueText {
  private final StringBuilder out = new StringBuilder();
  private String separator = "";

  private ValueText() {}

  /// A value in a register or slot of a frame.
  ///
  /// @param frame the frame's number: pointers into the stack of others name theirs
  public static String of(Value value, int frame) {
    ValueText text = new ValueText();
    text.print(value, frame);
    return text.out.toString();
  }

  /// A value as its own frame prints it.
  static String of(Value value) {
    return of(value, value.target() instanceof Target.InFrame(int frame) ? frame : 0);
  }

  private void print(Value value, int frame) {
    Scalar number = value.number();
    if (value.isScalar() && number.isConstant()) {
      out.append(signed(number.value()));
      return;
    }
    out.append(value.typeName());
    if (value.kind() == Kind.ARENA) {
      return;
    }
    if (value.kind() == Kind.STACK) {
      if (value.target() instanceof Target.InFrame(int index) && index != frame) {
        out.append('[').append(index).append(']');
      }
      if (number.isConstant()) {
        out.append(signed(number.value() + value.offset()));
        return;
      }
    }
    if (value.kind() == Kind.BTF_OBJECT
        && value.target() instanceof Target.Typed(var btf, int type)
        && btf.has(type)
        && btf.resolved(type) instanceof BtfType.Composite struct) {
      out.append(struct.name());
    }
    out.append('(');
    details(value, number);
    out.append(')');
  }

  private void details(Value value, Scalar number) {
    if (value.id() != 0) {
      add("id=" + value.idWithoutConstant());
      if ((value.id() & Value.PLUS_CONSTANT) != 0) {
        out.append("%+d".formatted(value.offset()));
      }
    }
    if (value.reference() != 0) {
      add("ref_obj_id=" + value.reference());
    }
    if (value.has(Flags.NON_OWNING)) {
      add("non_own_ref");
    }
    if (value.target() instanceof Target.InMap(var map, int instance)) {
      if (!map.kernelName().isEmpty()) {
        add("map=" + map.kernelName());
      }
      add("ks=%d,vs=%d".formatted(map.keySize(), map.valueSize()));
    }
    if (value.offset() != 0 && !value.isScalar()) {
      add("off=" + signed(value.offset()));
    }
    if (value.kind().isPacket()) {
      add("r=" + unsigned(range(value.range())));
    }
    if (value.kind() == Kind.MEMORY
        && value.target() instanceof Target.Sized(int size, int dynptr, Target.End end)) {
      add("sz=" + unsigned(size));
    }
    if (!number.isConstant()) {
      ranges(number);
      if (!number.bits().isUnknown()) {
        add("var_off=" + number.bits());
      }
    } else if (number.value() != 0) {
      add("imm=" + signed(number.value()));
    }
  }

  /// The kernel's numbers for a packet pointer at the packet's end, or beyond.
  private static long range(int range) {
    return switch (range) {
      case Value.AT_END -> -1;
      case Value.BEYOND_END -> -2;
      default -> range;
    };
  }

  private void add(String part) {
    out.append(separator).append(part);
    separator = ",";
  }

  /// Bounds, those of one value together: `smin=umin=4`.
  private void ranges(Scalar number) {
    String[] names = {"smin", "smax", "umin", "umax", "smin32", "smax32", "umin32", "umax32"};
    long[] bounds = {
      number.smin(),
      number.smax(),
      number.umin(),
      number.umax(),
      bound32(number.smin32()),
      bound32(number.smax32()),
      number.umin32() & 0xffff_ffffL,
      number.umax32() & 0xffff_ffffL
    };
    boolean[] omit = {
      number.smin() == Long.MIN_VALUE,
      number.smax() == Long.MAX_VALUE,
      number.umin() == 0,
      number.umax() == -1,
      number.smin32() == Integer.MIN_VALUE,
      number.smax32() == Integer.MAX_VALUE,
      number.umin32() == 0,
      number.umax32() == -1
    };
    for (int i = 0; i < names.length; i++) {
      if (omit[i]) {
        continue;
      }
      boolean negative = names[i].startsWith("s") && bounds[i] < 0;
      StringBuilder part = new StringBuilder(names[i]).append('=');
      for (int j = i + 2; j < names.length; j += 2) {
        boolean alsoNegative = names[j].startsWith("s") && bounds[j] < 0;
        if (!omit[j] && bounds[j] == bounds[i] && negative == alsoNegative) {
          omit[j] = true;
          part.append(names[j]).append('=');
        }
      }
      add(part + (names[i].startsWith("s") ? signed(bounds[i]) : unsigned(bounds[i])));
    }
  }

  /// A signed bound of 32 bits: a small one with its sign, another one as its bits.
  private static long bound32(int bound) {
    return bound == (short) bound ? bound : bound & 0xffff_ffffL;
  }

  /// Small numbers are decimal, others hexadecimal.
  private static String signed(long number) {
    return number == (short) number ? Long.toString(number) : "0x" + Long.toHexString(number);
  }

  private static String unsigned(long number) {
    return number >>> 16 == 0 ? Long.toString(number) : "0x" + Long.toHexString(number);
  }
}
