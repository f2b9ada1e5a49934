package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Bounds of accesses to memory of a known size: map keys and values, packets, memory that helpers
/// return.
final class RegionAccess {
  private final Walk walk;

  RegionAccess(Walk walk) {
    this.walk = walk;
  }

  /// Whether a constant access fits.
  private static boolean fits(long offset, int size, int limit, boolean zeroAllowed) {
    return offset >= 0 && (size > 0 || (size == 0 && zeroAllowed)) && offset + size <= limit;
  }

  /// Checks that `size` bytes at `offset` plus the pointer's variable part lie within `limit`.
  void checkRegion(
      int register, Value pointer, int offset, int size, int limit, boolean zeroAllowed) {
    Scalar number = pointer.number();
    long min = number.smin() + offset;
    if (number.smin() < 0 && (number.smin() == Long.MIN_VALUE || min != (int) min || min < 0)) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d min value is negative, either use unsigned index or do a if (index >=0) check.",
          register);
    }
    if (!fits(min, size, limit, zeroAllowed)) {
      throw walk.refuse(
          Errno.EACCES, "R%d min value is outside of the allowed memory range", register);
    }
    if (Long.compareUnsigned(number.umax(), PointerArithmetic.MAX_OFFSET) >= 0) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d unbounded memory access, make sure to bounds check any such access",
          register);
    }
    if (!fits(number.umax() + offset, size, limit, zeroAllowed)) {
      throw walk.refuse(
          Errno.EACCES, "R%d max value is outside of the allowed memory range", register);
    }
  }

  void checkPacket(int register, Value pointer, int offset, int size, boolean zeroAllowed) {
    if (pointer.number().smin() < 0) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d min value is negative, either use unsigned index or do a if (index >=0) check.",
          register);
    }
    if (pointer.range() < 0 || !fits(offset, size, pointer.range(), zeroAllowed)) {
      Errno errno = pointer.range() < 0 ? Errno.EINVAL : Errno.EACCES;
      throw walk.refuse(errno, "R%d offset is outside of the packet", register);
    }
  }

  /// The map that a pointer to a map, key or value belongs to.
  MapInfo map(Value pointer) {
    return mapOf(pointer);
  }

  static MapInfo mapOf(Value pointer) {
    if (pointer.target() instanceof Target.InMap in) {
      return in.map();
    }
    throw new IllegalStateException("a pointer into a map without its map");
  }

  void checkMapAccess(Value pointer, int offset, int size, boolean write) {
    MapInfo map = map(pointer);
    if (write && !map.isWritable()) {
      throw walk.refuse(
          Errno.EACCES,
          "write into map forbidden, value_size=%d off=%d size=%d",
          map.valueSize(),
          offset,
          size);
    }
    if (!write && !map.isReadable()) {
      throw walk.refuse(
          Errno.EACCES,
          "read from map forbidden, value_size=%d off=%d size=%d",
          map.valueSize(),
          offset,
          size);
    }
  }

  /// Checks an access to a map's value, and that it leaves the value's special fields alone.
  void checkMapValue(
      int register,
      Value pointer,
      int offset,
      int size,
      boolean zeroAllowed,
      boolean byInstruction) {
    MapInfo map = map(pointer);
    checkRegion(register, pointer, offset, size, map.valueSize(), zeroAllowed);
    Scalar number = pointer.number();
    for (SpecialField field : map.fields()) {
      if (overlaps(field, number, offset, size)) {
        checkField(field, number, offset, size, byInstruction);
      }
    }
    for (SpecialField field : map.withheld()) {
      if (overlaps(field, number, offset, size)) {
        throw notDirectly(field);
      }
    }
  }

  private static boolean overlaps(SpecialField field, Scalar number, int offset, int size) {
    return number.smin() + offset < field.offset() + (long) field.size()
        && field.offset() < number.umax() + offset + size;
  }

  private Refusal notDirectly(SpecialField field) {
    return walk.refuse(
        Errno.EACCES, "%s cannot be accessed directly by load/store", field.kind().typeName());
  }

  private void checkField(
      SpecialField field, Scalar number, int offset, int size, boolean byInstruction) {
    if (!field.kind().isPointer()) {
      throw notDirectly(field);
    }
    if (!byInstruction) {
      throw walk.refuse(Errno.EACCES, "kptr cannot be accessed indirectly by helper");
    }
    if (!number.isConstant()) {
      throw walk.refuse(Errno.EACCES, "kptr access cannot have variable offset");
    }
    if (field.offset() != offset + number.value()) {
      throw walk.refuse(
          Errno.EACCES,
          "kptr access misaligned expected=%d off=%d",
          field.offset(),
          offset + number.value());
    }
    if (size != 8) {
      throw walk.refuse(Errno.EACCES, "kptr access size must be BPF_DW");
    }
  }

  /// Checks that a pointer comes as it was given: at offset 0, or a constant one where `fixedOk`.
  void checkUnmodified(int register, Value pointer, boolean fixedOk) {
    if (pointer.offset() < 0) {
      throw walk.refuse(
          Errno.EACCES,
          "negative offset %s ptr R%d off=%d disallowed",
          pointer.typeName(),
          register,
          pointer.offset());
    }
    if (!fixedOk && pointer.offset() != 0) {
      throw walk.refuse(
          Errno.EACCES,
          "dereference of modified %s ptr R%d off=%d disallowed",
          pointer.typeName(),
          register,
          pointer.offset());
    }
    if (!pointer.number().isZero()) {
      throw walk.refuse(
          Errno.EACCES,
          "variable %s access var_off=%s disallowed",
          pointer.typeName(),
          pointer.number().bits());
    }
  }

  /// Checks the offset of a pointer given to a helper or kernel function, which may be moved only
  /// where the rules of its kind check how far. Source: `check_func_arg_reg_off`.
  ///
  /// @param releases whether the function takes back the reference that the pointer holds
  void checkArgumentOffset(int register, Value pointer, boolean releases) {
    if (releases) {
      if (pointer.offset() != 0) {
        throw walk.refuse(
            Errno.EINVAL,
            "R%d must have zero offset when passed to release func or trusted arg to kfunc",
            register);
      }
      checkUnmodified(register, pointer, false);
      return;
    }
    switch (pointer.kind()) {
      case STACK, PACKET, PACKET_META, MAP_KEY, MAP_VALUE, MEMORY, BUFFER, ARENA, SCALAR -> {}
      case BTF_OBJECT -> checkUnmodified(register, pointer, mayBeMoved(pointer));
      // Linux looks for a constant offset, and of such a register knows nothing.
      case UNINITIALIZED ->
          throw walk.refuse(
                  Errno.EACCES, "variable ? access var_off=(0x0; 0xffffffffffffffff) disallowed")
              .blaming(register, "");
      case CONTEXT,
          MAP,
          PACKET_END,
          FLOW_KEYS,
          SOCKET,
          SOCK_COMMON,
          TCP_SOCK,
          TRACE_BUFFER,
          XDP_SOCK,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          checkUnmodified(register, pointer, false);
    }
  }

  private static boolean mayBeMoved(Value object) {
    int flags = object.flags();
    int owned = Flags.ALLOCATED | Flags.NON_OWNING;
    return flags == 0
        || flags == Flags.ALLOCATED
        || flags == Flags.TRUSTED
        || flags == Flags.RCU
        || flags == owned
        || flags == (owned | Flags.RCU);
  }

  /// Checks an access to a buffer whose size the hook checks.
  void checkBuffer(String what, int register, Value pointer, int offset, int size) {
    if (offset < 0) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d invalid %s buffer access: off=%d, size=%d",
          register,
          what,
          offset,
          size);
    }
    if (!pointer.number().isZero()) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d invalid variable buffer offset: off=%d, var_off=%s",
          register,
          offset,
          pointer.number().bits());
    }
  }
}
