package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_VarHandle;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Accesses through one segment that is the whole address space. Segment and handles are constants,
/// of which HotSpot leaves nothing but the check that the address is not negative.
final class SegmentMemory extends RawMemory {
  private static final ClassDesc SEGMENT = MemorySegment.class.describeConstable().orElseThrow();
  private static final Map<MemorySize, VarHandle> ALIGNED = new EnumMap<>(MemorySize.class);
  private static final Map<MemorySize, VarHandle> UNALIGNED = new EnumMap<>(MemorySize.class);

  static {
    ALIGNED.put(MemorySize.BYTE, ValueLayout.JAVA_BYTE.varHandle());
    ALIGNED.put(MemorySize.HALF, ValueLayout.JAVA_SHORT.varHandle());
    ALIGNED.put(MemorySize.WORD, ValueLayout.JAVA_INT.varHandle());
    ALIGNED.put(MemorySize.DOUBLE, ValueLayout.JAVA_LONG.varHandle());
    UNALIGNED.put(MemorySize.BYTE, ValueLayout.JAVA_BYTE.varHandle());
    UNALIGNED.put(MemorySize.HALF, ValueLayout.JAVA_SHORT_UNALIGNED.varHandle());
    UNALIGNED.put(MemorySize.WORD, ValueLayout.JAVA_INT_UNALIGNED.varHandle());
    UNALIGNED.put(MemorySize.DOUBLE, ValueLayout.JAVA_LONG_UNALIGNED.varHandle());
  }

  private final Constants constants;

  SegmentMemory(boolean shared, Constants constants) {
    super(shared);
    this.constants = constants;
  }

  @Override
  void begin(CodeBuilder code, Access access, MemorySize size) {
    Map<MemorySize, VarHandle> handles = access.unaligned() ? UNALIGNED : ALIGNED;
    constants.push(code, handles.get(size), CD_VarHandle);
    constants.push(code, Memory.all(), SEGMENT);
  }

  @Override
  void call(CodeBuilder code, Access access, MemorySize size) {
    List<ClassDesc> arguments = new ArrayList<>(List.of(SEGMENT, CD_long));
    arguments.addAll(Collections.nCopies(access.operands(), type(size)));
    code.invokevirtual(
        CD_VarHandle,
        access.handleName(),
        MethodTypeDesc.of(access.gives() ? type(size) : CD_void, arguments));
  }
}
