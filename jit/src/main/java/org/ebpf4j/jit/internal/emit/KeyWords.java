package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.Origin;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.memory.LocalCell;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.verifier.RegisterFact;

/// Writes what leaves the key of a map as words of eight bytes, as they would be loaded from
/// memory. Bytes that are locals of the method are put together from those: a load of a word that
/// was just stored in pieces would have to wait until all of them are in memory.
final class KeyWords {
  private final CodeBuilder code;
  private final Registers registers;
  private final MemoryEmitter memory;
  private final Map<FrameUse.Cell, LocalCell> cells;
  private final Optional<Origins> origins;

  KeyWords(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.memory = method.program().memory().plain();
    this.origins = method.origins();
    this.cells = method.frame().map(StackFrame::cells).orElse(Map.of());
  }

  /// Whether this machine's words are put together as this class does it.
  static boolean isSupported() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  /// Pushes words, the last filled up with zeros; 0 for those beyond the key.
  ///
  /// @param key the register with the key's address
  /// @param fact what is known of it
  /// @param size bytes in the key
  void push(int slot, Register key, RegisterFact fact, int size, int words) {
    for (int word = 0; word < words; word++) {
      code.lconst_0();
      int end = Math.min(size, (word + 1) * Long.BYTES);
      for (int at = word * Long.BYTES; at < end; ) {
        at += piece(slot, key, fact, at, end - at);
      }
    }
  }

  /// Adds some bytes to the word on the stack, and gives how many.
  ///
  /// @param at the first byte of the key that is wanted
  /// @param most how many are
  private int piece(int slot, Register key, RegisterFact fact, int at, int most) {
    int shift = (at % Long.BYTES) * Byte.SIZE;
    if (fact instanceof RegisterFact.Pointer pointer && FrameUse.isOwn(pointer)) {
      int offset = (int) pointer.minOffset() + at;
      Optional<FrameUse.Cell> cell = cell(offset);
      if (cell.isPresent()) {
        int skipped = offset - cell.get().offset();
        int bytes = Math.min(most, cell.get().size().bytes() - skipped);
        local(cell.get());
        code.loadConstant(skipped * Byte.SIZE).lushr();
        add(bytes, shift);
        return bytes;
      }
    }
    MemorySize size = size(Math.min(most, unbroken(slot, key, at)), at);
    memory.load(
        code,
        size,
        to -> {
          registers.push(to, slot, key);
          to.loadConstant((long) at).ladd();
        });
    widen(size);
    add(size.bytes(), shift);
    return size.bytes();
  }

  /// How many bytes of the key are surely not from several stores: the machine can hand over to a
  /// load what one store is about to write, but not what two are.
  private int unbroken(int slot, Register key, int at) {
    return origins.isPresent()
            && origins.get().before(slot, key).plus(at) instanceof Origin.Frame(long offset)
        ? (int) Math.min(origins.get().seamAfter(slot, offset) - offset, Long.BYTES)
        : Long.BYTES;
  }

  private Optional<FrameUse.Cell> cell(int offset) {
    return cells.keySet().stream()
        .filter(cell -> cell.offset() <= offset && offset < cell.offset() + cell.size().bytes())
        .findAny();
  }

  private void local(FrameUse.Cell cell) {
    LocalCell local = cells.get(cell);
    if (local == null) {
      throw new IllegalStateException("no local is " + cell);
    }
    local.load(code, cell.size(), to -> {});
    widen(cell.size());
  }

  private void widen(MemorySize size) {
    if (size != MemorySize.DOUBLE) {
      code.i2l().loadConstant(mask(size.bytes())).land();
    }
  }

  private void add(int bytes, int shift) {
    if (bytes < Long.BYTES) {
      code.loadConstant(mask(bytes)).land();
    }
    code.loadConstant(shift).lshl().lor();
  }

  private static long mask(int bytes) {
    return (1L << (bytes * Byte.SIZE)) - 1;
  }

  private static MemorySize size(int most, int at) {
    if (most >= 8) {
      return MemorySize.DOUBLE;
    }
    if (most >= 4 && at % 4 == 0) {
      return MemorySize.WORD;
    }
    return most >= 2 && at % 2 == 0 ? MemorySize.HALF : MemorySize.BYTE;
  }
}
