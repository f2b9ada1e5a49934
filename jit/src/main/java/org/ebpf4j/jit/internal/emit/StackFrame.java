package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.memory.LocalCell;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.jit.internal.memory.SharedCell;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The frame of a proven function: cells in locals, and the rest in memory.
final class StackFrame {
  private static final ClassDesc MEMORY = Memory.class.describeConstable().orElseThrow();

  /// More words are cleared by a call.
  private static final int MOST_STORES = 16;

  private final FrameUse use;
  private final Map<FrameUse.Cell, LocalCell> locals = new HashMap<>();

  /// @param free the first local that is free
  StackFrame(FrameUse use, int free) {
    this.use = use;
    int local = free;
    for (FrameUse.Cell cell : use.cells()) {
      locals.put(cell, new LocalCell(local));
      local += 2;
    }
  }

  /// The local that some bytes of the frame are, if they are one.
  ///
  /// @param plain how memory is accessed, where the bytes must be there too
  Optional<MemoryEmitter> cell(long offset, MemorySize size, MemoryEmitter plain) {
    FrameUse.Cell cell = new FrameUse.Cell((int) offset, size);
    return Optional.ofNullable(locals.get(cell))
        .map(local -> use.isRead(cell) ? new SharedCell(local, plain) : local);
  }

  /// The cells in locals, in no order.
  Map<FrameUse.Cell, LocalCell> cells() {
    return Collections.unmodifiableMap(locals);
  }

  /// Clears the frame, so that nothing of an earlier run is seen.
  void clear(CodeBuilder code, Registers registers, MemoryEmitter plain) {
    locals.forEach((cell, local) -> {
      if (cell.size() == MemorySize.DOUBLE) {
        code.lconst_0().lstore(local.local());
      } else {
        code.iconst_0().istore(local.local());
      }
    });
    List<Integer> words = use.words();
    if (words.size() <= MOST_STORES) {
      for (int offset : words) {
        plain.store(
            code,
            MemorySize.DOUBLE,
            to -> {
              registers.pushFramePointer(to);
              to.loadConstant((long) offset).ladd();
            },
            CodeBuilder::lconst_0);
      }
    } else {
      registers.pushFramePointer(code);
      code.loadConstant((long) words.getFirst()).ladd();
      code.loadConstant((long) -words.getFirst()).iconst_0();
      code.invokestatic(MEMORY, "fill", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_byte));
    }
  }
}
