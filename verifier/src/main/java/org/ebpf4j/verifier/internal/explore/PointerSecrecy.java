package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.jspecify.annotations.Nullable;

/// What Linux asks on top of programs loaded without `CAP_BPF` and `CAP_PERFMON`: no address may
/// become known, and arithmetic with pointers must be such that it can be masked where the
/// processor runs ahead with wrong operands. Asks nothing of others.
///
/// Source: `allow_ptr_leaks`, `bypass_spec_v1` and `sanitize_ptr_alu` in Linux's
/// `kernel/bpf/verifier.c`. What Linux walks as the processor might, running ahead, refuses no
/// program since 6.18: such paths end at a barrier that it puts in.
final class PointerSecrecy {
  private static final String PROHIBITED = "pointer arithmetic with it prohibited for !root";

  private final Walk walk;
  private final boolean on;
  private final @Nullable Masking[] maskings;
  private final @Nullable MapInfo[] tailCallMaps;
  private int abused = -1;

  /// How one instruction's operand is masked, which must be the same on all paths.
  private record Masking(
      boolean pointer, boolean negative, boolean constant, boolean left, long limit) {
    static final Masking NONE = new Masking(false, false, false, false, 0);
  }

  PointerSecrecy(Walk walk) {
    this.walk = walk;
    this.on = walk.rules.isUnprivileged();
    this.maskings = new @Nullable Masking[on ? walk.code.size() : 0];
    this.tailCallMaps = new @Nullable MapInfo[on ? walk.code.size() : 0];
  }

  boolean isOn() {
    return on;
  }

  /// Refuses what would make a register's address known.
  void check(int register, String misdeed) {
    if (on && !walk.peek(register).isScalar()) {
      throw walk.refuse(Errno.EACCES, "R%d %s", register, misdeed);
    }
  }

  /// What becomes of a pointer whose memory is gone: others may go on with the bare number.
  Value voided() {
    return on ? Value.UNINITIALIZED : Value.UNKNOWN;
  }

  /// How deep the stack may be read: others may read what nobody wrote.
  int readable(Frame frame) {
    return on ? frame.slotCount() * Frame.SLOT_BYTES : Frame.STACK_BYTES;
  }

  /// A tail call's index is masked by the map's size, which must be one on all paths.
  void tailCall(MapInfo map) {
    if (on) {
      MapInfo before = tailCallMaps[walk.slot];
      if (before != null && before != map) {
        abused = walk.slot;
      }
      tailCallMaps[walk.slot] = map;
    }
  }

  /// What only shows once everything is walked.
  void finish() {
    if (abused >= 0) {
      throw Refusal.at(Errno.EINVAL, abused, "tail_call abusing map_ptr");
    }
  }

  /// Arithmetic of numbers must not be arithmetic of pointers on another path.
  void scalars(Instruction.Alu alu) {
    if (isMasked(alu)) {
      settle(alu, Masking.NONE);
    }
  }

  /// The arithmetic could be masked.
  ///
  /// @return what the instruction's masking depends on, or nothing if there is no need of any
  @Nullable Scalar before(Instruction.Alu alu, Value pointer, Scalar number, boolean swapped) {
    if (!isMasked(alu)) {
      return null;
    }
    if (!number.isConstant() && (number.smin() < 0) != (number.smax() < 0)) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d has unknown scalar with mixed signed bounds, %s",
          swapped ? alu.dst().number() : source(alu),
          PROHIBITED);
    }
    limit(alu, pointer, toTheLeft(alu, number), swapped);
    return number;
  }

  /// The pointer after the arithmetic lies where pointers may, and on all paths alike.
  void after(
      Instruction.Alu alu, Value pointer, Value result, @Nullable Scalar number, boolean swapped) {
    if (!on) {
      return;
    }
    checkPlace(alu.dst().number(), result);
    if (number != null) {
      boolean left = toTheLeft(alu, number);
      long moved =
          Math.abs((int) (limit(alu, pointer, left, swapped) - limit(alu, result, left, swapped)));
      settle(alu, new Masking(true, number.smin() < 0, number.isConstant(), !swapped, moved));
    }
  }

  private boolean isMasked(Instruction.Alu alu) {
    return on
        && alu.src() instanceof Operand.Reg
        && (alu.operation() == AluOperation.ADD || alu.operation() == AluOperation.SUB);
  }

  private static int source(Instruction.Alu alu) {
    return alu.src() instanceof Operand.Reg(var register) ? register.number() : -1;
  }

  private static boolean toTheLeft(Instruction.Alu alu, Scalar number) {
    return (alu.operation() == AluOperation.ADD) == (number.smin() < 0);
  }

  private long limit(Instruction.Alu alu, Value pointer, boolean left, boolean swapped) {
    long limit;
    int most;
    if (pointer.kind() == Kind.STACK) {
      most = Frame.STACK_BYTES + (left ? 1 : 0);
      limit = -(pointer.number().value() + pointer.offset());
    } else if (pointer.is(Kind.MAP_VALUE, 0)) {
      most = RegionAccess.mapOf(pointer).valueSize();
      limit = (left ? pointer.number().smin() : pointer.number().umax()) + pointer.offset();
    } else {
      throw walk.refuse(
          Errno.EACCES,
          "R%d has pointer with unsupported alu operation, %s",
          swapped ? source(alu) : alu.dst().number(),
          PROHIBITED);
    }
    if (Integer.toUnsignedLong((int) limit) >= most) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d tried to %s beyond pointer bounds, %s",
          alu.dst().number(),
          verb(alu),
          PROHIBITED);
    }
    return limit;
  }

  private static String verb(Instruction.Alu alu) {
    return alu.operation() == AluOperation.ADD ? "add" : "sub";
  }

  private void settle(Instruction.Alu alu, Masking masking) {
    Masking before = maskings[walk.slot];
    if (before != null && !before.equals(masking)) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d tried to %s from different maps, paths or scalars, %s",
          alu.dst().number(),
          verb(alu),
          PROHIBITED);
    }
    maskings[walk.slot] = masking;
  }

  private void checkPlace(int register, Value pointer) {
    if (pointer.kind() == Kind.STACK) {
      if (!pointer.number().isConstant()) {
        throw walk.refuse(
            Errno.EACCES,
            "R%d variable stack access prohibited for !root, var_off=%s off=%d",
            register,
            pointer.number().bits(),
            pointer.offset() + pointer.number().bits().value());
      }
      long at = pointer.offset() + pointer.number().value();
      if (at >= 0 || at < -Frame.STACK_BYTES) {
        throw walk.refuse(
            Errno.EACCES,
            "R%d stack pointer arithmetic goes out of range, prohibited for !root; off=%d",
            register,
            at);
      }
    } else if (pointer.is(Kind.MAP_VALUE, 0)) {
      int size = RegionAccess.mapOf(pointer).valueSize();
      long low = pointer.offset() + pointer.number().smin();
      long high = pointer.offset() + pointer.number().umax();
      boolean inside =
          pointer.number().smin() >= -PointerArithmetic.MAX_OFFSET
              && low >= 0
              && Long.compareUnsigned(pointer.number().umax(), PointerArithmetic.MAX_OFFSET) < 0
              && high < size;
      if (!inside) {
        throw walk.refuse(
            Errno.EACCES,
            "R%d pointer arithmetic of map value goes out of range, prohibited for !root",
            register);
      }
    }
  }
}
