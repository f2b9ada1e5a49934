package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_VarHandle;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Accesses through one segment that is the whole address space. Segment and handles are constants,
/// of which HotSpot leaves nothing but the check that the address is not negative, unless it can be
/// seen that it is not.
final class SegmentMemory extends RawMemory {
  private static final ClassDesc SEGMENT = MemorySegment.class.describeConstable().orElseThrow();
  private static final ClassDesc ACCESS = SegmentAccess.class.describeConstable().orElseThrow();
  private static final VarHandle BYTES = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORTS = ValueLayout.JAVA_SHORT.varHandle();
  private static final VarHandle INTS = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle UNALIGNED_SHORTS = ValueLayout.JAVA_SHORT_UNALIGNED.varHandle();
  private static final VarHandle UNALIGNED_INTS = ValueLayout.JAVA_INT_UNALIGNED.varHandle();
  private static final VarHandle UNALIGNED_LONGS = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

  /// Above the addresses of any process, and so far below where the segment ends that HotSpot need
  /// not compare what is some bytes away.
  private static final long HIGHEST = (1L << 62) - 1;

  private final Constants constants;
  private final boolean called;

  /// @param called whether loads and stores are calls of [SegmentAccess]
  SegmentMemory(boolean shared, boolean called, Constants constants) {
    super(shared);
    this.constants = constants;
    this.called = called;
  }

  @Override
  public void bound(CodeBuilder code) {
    code.loadConstant(HIGHEST).land();
  }

  /// One call, of which HotSpot makes as many stores as it takes: each access through the segment
  /// uses up what it may draw in.
  @Override
  public void clear(CodeBuilder code, Push address, int bytes) {
    address.to(code);
    code.loadConstant(bytes);
    code.invokestatic(ACCESS, "clear", MethodTypeDesc.of(CD_void, CD_long, CD_int));
  }

  @Override
  void begin(CodeBuilder code, Access access, MemorySize size) {
    if (called && isOrdinary(access)) {
      return;
    }
    constants.push(code, access.unaligned() ? unaligned(size) : aligned(size), CD_VarHandle);
    constants.push(code, Memory.all(), SEGMENT);
  }

  @Override
  void call(CodeBuilder code, Access access, MemorySize size) {
    if (called && isOrdinary(access)) {
      ordinary(code, access, size);
      return;
    }
    List<ClassDesc> arguments = new ArrayList<>(List.of(SEGMENT, CD_long));
    arguments.addAll(Collections.nCopies(access.operands(), type(size)));
    code.invokevirtual(
        CD_VarHandle,
        access.handleName(),
        MethodTypeDesc.of(access.gives() ? type(size) : CD_void, arguments));
  }

  /// Whether it is a load or store as programs are full of.
  private static boolean isOrdinary(Access access) {
    return switch (access) {
      case GET, SET, GET_OPAQUE, SET_OPAQUE -> true;
      case GET_ACQUIRE,
          SET_RELEASE,
          GET_AND_ADD,
          GET_AND_OR,
          GET_AND_AND,
          GET_AND_XOR,
          GET_AND_SET,
          COMPARE_AND_EXCHANGE ->
          false;
    };
  }

  private static void ordinary(CodeBuilder code, Access access, MemorySize size) {
    String type =
        switch (size) {
          case BYTE -> "Byte";
          case HALF -> "Short";
          case WORD -> "Int";
          case DOUBLE -> "Long";
        };
    code.invokestatic(
        ACCESS,
        access.handleName() + type,
        access.gives()
            ? MethodTypeDesc.of(type(size), CD_long)
            : MethodTypeDesc.of(CD_void, CD_long, type(size)));
  }

  private static VarHandle aligned(MemorySize size) {
    return switch (size) {
      case BYTE -> BYTES;
      case HALF -> SHORTS;
      case WORD -> INTS;
      case DOUBLE -> LONGS;
    };
  }

  private static VarHandle unaligned(MemorySize size) {
    return switch (size) {
      case BYTE -> BYTES;
      case HALF -> UNALIGNED_SHORTS;
      case WORD -> UNALIGNED_INTS;
      case DOUBLE -> UNALIGNED_LONGS;
    };
  }
}
