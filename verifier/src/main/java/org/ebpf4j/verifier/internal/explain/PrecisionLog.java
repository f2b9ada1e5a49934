package org.ebpf4j.verifier.internal.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.ebpf4j.verifier.internal.explore.PrecisionObserver;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Writes how numbers are traced back as the kernel's log does at level 2. Source of the form:
/// `__mark_chain_precision`, `backtrack_insn` and `propagate_precision` of Linux 6.18.
final class PrecisionLog implements PrecisionObserver {
  private final InstructionText text;
  private final Consumer<String> out;

  /// @param out takes the lines
  PrecisionLog(InstructionText text, Consumer<String> out) {
    this.text = text;
    this.out = out;
  }

  @Override
  public void propagates(int frame, int registers, long slots) {
    List<String> wanted = new ArrayList<>(registerNames(registers));
    wanted.addAll(slotNames("fp", slots));
    if (!wanted.isEmpty()) {
      out.accept("frame %d: propagating %s".formatted(frame, String.join(",", wanted)));
    }
  }

  @Override
  public void stretch(int frame, int last, int first, int after) {
    out.accept(
        "mark_precise: frame%d: last_idx %d first_idx %d subseq_idx %d "
            .formatted(frame, last, first, after));
  }

  @Override
  public void undoes(int frame, int registers, long slots, int slot) {
    out.accept(
        "mark_precise: frame%d: %s before %d: %s"
            .formatted(frame, sets(registers, slots), slot, text.withOpcode(slot)));
  }

  @Override
  public void marks(int frame, int registers, long slots, VerifierState checkpoint) {
    out.accept(
        "mark_precise: frame%d: parent state %s: %s"
            .formatted(
                frame,
                sets(registers, slots),
                StateText.ofCheckpoint(checkpoint, checkpoint.frame(frame))));
  }

  @Override
  public void marksAll(VerifierState start) {
    out.accept(
        "mark_precise: frame%d: falling back to forcing all scalars precise"
            .formatted(start.depth()));
  }

  @Override
  public void forcesRegister(int frame, int register) {
    out.accept("force_precise: frame%d: forcing r%d to be precise".formatted(frame, register));
  }

  @Override
  public void forcesSlot(int frame, int slot) {
    out.accept("force_precise: frame%d: forcing fp%d to be precise".formatted(frame, offset(slot)));
  }

  private static String sets(int registers, long slots) {
    return "regs=%s stack=%s"
        .formatted(
            String.join(",", registerNames(registers)), String.join(",", slotNames("", slots)));
  }

  private static List<String> registerNames(int registers) {
    List<String> names = new ArrayList<>();
    for (int left = registers; left != 0; left &= left - 1) {
      names.add("r" + Integer.numberOfTrailingZeros(left));
    }
    return names;
  }

  private static List<String> slotNames(String prefix, long slots) {
    List<String> names = new ArrayList<>();
    for (long left = slots; left != 0; left &= left - 1) {
      names.add(prefix + offset(Long.numberOfTrailingZeros(left)));
    }
    return names;
  }

  private static int offset(int slot) {
    return -(slot + 1) * Frame.SLOT_BYTES;
  }
}
