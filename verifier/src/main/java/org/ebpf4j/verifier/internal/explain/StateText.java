package org.ebpf4j.verifier.internal.explain;

import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.ValueText;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// What is known of a frame, as the kernel's log prints it: ` R0=0 R10=fp0 fp-8=mmmmmmmm`. Source
/// of the form: `print_verifier_state` in `kernel/bpf/log.c` of Linux 6.18.
final class StateText {
  private static final char[] BYTE_LETTERS = {'?', 'r', 'm', '0', 'd', 'i', 'f'};

  private StateText() {}

  /// All of a frame.
  static String of(VerifierState state, Frame frame) {
    return of(state, frame, -1, -1L, false);
  }

  /// All of a frame of a checkpoint, with a `P` for what must be known precisely.
  static String ofCheckpoint(VerifierState state, Frame frame) {
    return of(state, frame, -1, -1L, true);
  }

  /// Part of a frame.
  ///
  /// @param registers a bit for each register to print
  /// @param slots a bit for each stack slot to print
  static String of(VerifierState state, Frame frame, int registers, long slots) {
    return of(state, frame, registers, slots, false);
  }

  private static String of(
      VerifierState state, Frame frame, int registers, long slots, boolean precise) {
    StringBuilder out = new StringBuilder();
    if (frame.number > 0) {
      out.append(" frame").append(frame.number).append(':');
    }
    for (int i = 0; i <= 10; i++) {
      if ((registers & 1 << i) != 0 && frame.register(i).isInitialized()) {
        out.append(" R").append(i).append('=');
        out.append(precise && (frame.preciseRegisters & 1 << i) != 0 ? "P" : "");
        out.append(ValueText.of(frame.register(i), frame.number));
      }
    }
    for (int i = 0; i < frame.slotCount(); i++) {
      if ((slots & 1L << i) != 0) {
        slot(out, frame, i, precise);
      }
    }
    references(out, state);
    if (frame.inCallback) {
      out.append(" cb");
    }
    if (frame.inAsyncCallback) {
      out.append(" async_cb");
    }
    return out.toString();
  }

  private static void slot(StringBuilder out, Frame frame, int slot, boolean precise) {
    StringBuilder letters = new StringBuilder();
    boolean valid = false;
    for (int j = 0; j < Frame.SLOT_BYTES; j++) {
      byte content = frame.byteAt(slot * Frame.SLOT_BYTES + j);
      valid |= content != StackByte.INVALID;
      letters.append(BYTE_LETTERS[content]);
    }
    if (!valid) {
      return;
    }
    out.append(" fp").append(-(slot + 1) * Frame.SLOT_BYTES).append('=');
    switch (frame.byteAt(slot * Frame.SLOT_BYTES + Frame.SLOT_BYTES - 1)) {
      case StackByte.SPILL -> {
        out.append(letters, 0, letters.indexOf("r"));
        out.append(precise && (frame.preciseSlots & 1L << slot) != 0 ? "P" : "");
        out.append(ValueText.of(frame.slot(slot), frame.number));
      }
      case StackByte.ITERATOR -> {
        if (frame.slot(slot).target()
            instanceof Target.Iterating(String type, boolean active, int depth)) {
          out.append(
              "iter_%s(ref_id=%d,state=%s,depth=%d)"
                  .formatted(
                      type, frame.slot(slot).reference(), active ? "active" : "drained", depth));
        } else {
          out.append(letters);
        }
      }
      case StackByte.DYNPTR -> {
        if (frame.slot(slot).target() instanceof Target.Dynamic(var type, boolean first)) {
          out.append("dynptr_").append(type.name().toLowerCase(java.util.Locale.ROOT));
        } else {
          out.append(letters);
        }
      }
      default -> out.append(letters);
    }
  }

  private static void references(StringBuilder out, VerifierState state) {
    String separator = " refs=";
    for (int i = 0; i < state.acquiredCount(); i++) {
      if (state.acquired(i).id() != 0 && state.acquired(i).kind() == Acquired.Kind.REFERENCE) {
        out.append(separator).append(state.acquired(i).id());
        separator = ",";
      }
    }
  }
}
