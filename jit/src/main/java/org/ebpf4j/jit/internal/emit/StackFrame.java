package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.memory.LocalCell;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.jit.internal.memory.Push;
import org.ebpf4j.jit.internal.memory.SharedCell;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The frame of a proven function: cells in locals, and the rest in memory.
///
/// In a part of a function cells are locals only while control is in the part: [#load] takes them
/// from their place in the frame, [#save] puts back those that the part writes to.
final class StackFrame {
  private static final ClassDesc MEMORY = Memory.class.describeConstable().orElseThrow();

  /// More words are cleared by a call.
  private static final int MOST_STORES = 16;

  private final FrameUse use;
  private final List<Integer> words;
  private final Map<FrameUse.Cell, LocalCell> locals = new LinkedHashMap<>();

  private StackFrame(FrameUse use, Collection<FrameUse.Cell> cells, int free, List<Integer> words) {
    this.use = use;
    this.words = words;
    int local = free;
    for (FrameUse.Cell cell : cells) {
      locals.put(cell, new LocalCell(local));
      local += 2;
    }
  }

  /// @param free the first local that is free
  static StackFrame of(FrameUse use, int free) {
    return new StackFrame(use, use.cells(), free, use.words());
  }

  /// The frame between the parts of a function: all of it memory.
  static StackFrame inMemory(FrameUse use) {
    return new StackFrame(use, List.of(), 0, use.words());
  }

  /// The frame in a part of a function, which the whole function has cleared.
  ///
  /// @param cells what the part has in locals
  static StackFrame ofPart(FrameUse use, Collection<FrameUse.Cell> cells, int free) {
    return new StackFrame(use, cells, free, List.of());
  }

  /// The local that some bytes of the frame are, if they are one.
  ///
  /// @param plain how memory is accessed, where the bytes must be there too
  Optional<MemoryEmitter> cell(long offset, MemorySize size, MemoryEmitter plain) {
    FrameUse.Cell cell = new FrameUse.Cell((int) offset, size);
    return Optional.ofNullable(locals.get(cell))
        .map(local -> use.isRead(cell) ? new SharedCell(local, plain) : local);
  }

  /// Whether some bytes of the frame are a local and nothing else.
  boolean isLocal(long offset, MemorySize size) {
    FrameUse.Cell cell = new FrameUse.Cell((int) offset, size);
    return locals.containsKey(cell) && !use.isRead(cell);
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
    if (isSmall() && isOnePiece()) {
      plain.clear(code, address(registers, words.getFirst()), words.size() * Long.BYTES);
    } else if (isSmall()) {
      for (int offset : words) {
        plain.store(code, MemorySize.DOUBLE, address(registers, offset), CodeBuilder::lconst_0);
      }
    } else {
      registers.pushFramePointer(code);
      code.loadConstant((long) words.getFirst()).ladd();
      code.loadConstant((long) -words.getFirst()).iconst_0();
      code.invokestatic(MEMORY, "fill", MethodTypeDesc.of(CD_void, CD_long, CD_long, CD_byte));
    }
  }

  /// Whether little of the frame is memory.
  boolean isSmall() {
    return words.size() <= MOST_STORES;
  }

  private boolean isOnePiece() {
    return words.size() > 1
        && words.getLast() - words.getFirst() == Long.BYTES * (words.size() - 1);
  }

  /// Takes the cells from memory.
  void load(CodeBuilder code, Registers registers, MemoryEmitter plain) {
    locals.forEach((cell, local) ->
        local.store(
            code,
            cell.size(),
            to -> {},
            to -> plain.load(to, cell.size(), address(registers, cell.offset()))));
  }

  /// Puts some cells back into memory, those that are not there already.
  void save(
      CodeBuilder code,
      Registers registers,
      MemoryEmitter plain,
      Predicate<FrameUse.Cell> changed) {
    locals.forEach((cell, local) -> {
      if (changed.test(cell) && !use.isRead(cell)) {
        Push address = address(registers, cell.offset());
        plain.store(code, cell.size(), address, to -> local.load(to, cell.size(), address));
      }
    });
  }

  private static Push address(Registers registers, int offset) {
    return to -> {
      registers.pushFramePointer(to);
      to.loadConstant((long) offset).ladd();
    };
  }
}
