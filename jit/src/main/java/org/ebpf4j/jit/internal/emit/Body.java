package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.jit.internal.flow.Block;

/// Writes the blocks of a method, and joins them.
///
/// A jump backward never goes straight to its target: it goes forward, to the method's end, where a
/// `goto` leads back. HotSpot then recognises loops that a conditional jump backward, on the result
/// of a three-way comparison, would hide from it. Jumps to blocks of other methods go to the end,
/// too, where the method is left.
final class Body {
  private final CodeBuilder code;
  private final List<Block> blocks;
  private final BlockEmitter emitter;
  private final Map<Integer, Label> labels = new HashMap<>();
  private final Map<Integer, Label> backward = new LinkedHashMap<>();
  private final Map<Integer, Label> outward = new LinkedHashMap<>();
  private int at;

  Body(Method method, List<Block> blocks) {
    this.code = method.code();
    this.blocks = blocks;
    this.emitter =
        new BlockEmitter(
            method, new DrawnIn(method.program(), method.frame()).among(blocks), this::target);
    blocks.forEach(block -> labels.put(block.start(), code.newLabel()));
  }

  /// Where a block of this method begins.
  Label label(int slot) {
    Label label = labels.get(slot);
    if (label == null) {
      throw new IllegalStateException("no block begins at " + slot);
    }
    return label;
  }

  /// Writes all blocks, and the ends of jumps backward.
  void emit() {
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      at = block.start();
      code.labelBinding(label(block.start()));
      emitter.block(block, i + 1 < blocks.size() ? blocks.get(i + 1).start() : -1);
    }
    backward.forEach((target, jump) -> code.labelBinding(jump).goto_(label(target)));
  }

  /// The blocks of other methods that jumps go to, by slot, and where the jumps come to.
  Map<Integer, Label> outward() {
    return outward;
  }

  private Label target(int slot) {
    if (!labels.containsKey(slot)) {
      return outward.computeIfAbsent(slot, _ -> code.newLabel());
    }
    return slot > at ? label(slot) : backward.computeIfAbsent(slot, _ -> code.newLabel());
  }
}
