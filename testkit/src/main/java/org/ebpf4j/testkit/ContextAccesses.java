package org.ebpf4j.testkit;

import java.util.List;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Register;

/// Statements that store to the context, and near misses: stores to fields that may only be read,
/// accesses that are too wide, or begin inside a field.
final class ContextAccesses {
  private static final int NEAR_MISSES = 25;
  private static final int PAST_FIELD = 3;

  private final FunctionWriter to;
  private final Chance chance;

  ContextAccesses(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  /// Some access, if the context is at hand.
  void access() {
    if (!(to.model.register(6) instanceof Content.Context)) {
      return;
    }
    List<ContextFields.Field> writable = ContextFields.writable(to.program.type);
    if (chance.percent(NEAR_MISSES)) {
      nearMiss();
    } else if (!writable.isEmpty()) {
      ContextFields.Field field = chance.pick(writable);
      store(field.size(), field.at());
    }
  }

  private void store(MemorySize size, short at) {
    to.emit(new Store(size, Register.R6, at, new Imm((int) chance.edge())));
  }

  /// An access near a field whose loads are the same on every host.
  private void nearMiss() {
    ContextFields.Field field = chance.pick(ContextFields.of(to.program.type));
    MemorySize size = chance.percent(60) ? field.size() : chance.pick(MemorySize.values());
    int past = chance.percent(60) ? 0 : chance.below(PAST_FIELD + 1);
    short at = (short) (field.offset() + past);
    if (chance.percent(50)) {
      store(size, at);
    } else {
      int dst = to.free();
      to.emit(new Load(size, false, Register.of(dst), Register.R6, at));
      to.model.set(dst, to.number(Range.ofBytes(size.bytes())));
    }
  }
}
