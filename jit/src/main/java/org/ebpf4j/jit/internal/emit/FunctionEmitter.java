package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.RegisterTypes;
import org.ebpf4j.jit.internal.flow.SmallNumbers;

/// Writes a function as one method.
///
/// A jump backward never goes straight to its target: it goes forward, to the method's end, where a
/// `goto` leads back. HotSpot then recognises loops that a conditional jump backward, on the result
/// of a three-way comparison, would hide from it.
final class FunctionEmitter {
  /// How often the loops of one call that `may_goto` closes go round: `BPF_MAX_LOOPS` in Linux
  /// 6.18's `include/linux/bpf.h`.
  private static final int ROUNDS = 8 << 20;

  private final ProgramParts program;
  private final Function function;
  private final Map<Integer, Label> labels = new HashMap<>();
  private final Map<Integer, Label> trampolines = new LinkedHashMap<>();
  private int at;

  FunctionEmitter(ProgramParts program, Function function) {
    this.program = program;
    this.function = function;
  }

  /// Writes the method; called anew when the first try used short jumps that were too short.
  void emit(CodeBuilder code) {
    labels.clear();
    trampolines.clear();
    RegisterTypes types =
        program
            .facts()
            .map(facts -> SmallNumbers.of(function, program.graph(), facts))
            .orElse(RegisterTypes.LONGS);
    Registers registers = new Registers(types);
    Method method = new Method(code, registers, program);
    List<Block> blocks = function.blocks();
    blocks.forEach(block -> labels.put(block.start(), code.newLabel()));
    registers.begin(code, function.start());
    code.loadConstant(ROUNDS).istore(Registers.ROUNDS);
    if (program.checked()) {
      new CallEmitter(method).enterFunction(function.start());
    }
    if (blocks.getFirst().start() != function.start()) {
      code.goto_(label(function.start()));
    }
    BlockEmitter emitter = new BlockEmitter(method, target -> target(code, target));
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      at = block.start();
      code.labelBinding(label(block.start()));
      emitter.block(block, i + 1 < blocks.size() ? blocks.get(i + 1).start() : -1);
    }
    trampolines.forEach((target, trampoline) -> code.labelBinding(trampoline).goto_(label(target)));
  }

  private Label label(int slot) {
    Label label = labels.get(slot);
    if (label == null) {
      throw new IllegalStateException("no block begins at " + slot);
    }
    return label;
  }

  private Label target(CodeBuilder code, int slot) {
    return slot > at ? label(slot) : trampolines.computeIfAbsent(slot, _ -> code.newLabel());
  }
}
