package org.ebpf4j.verifier.internal.explain;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.explore.Observer;
import org.ebpf4j.verifier.internal.explore.PrecisionObserver;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Writes the log of a walk in the form of the kernel's at level 2: every instruction with its
/// source line, and behind it what is known of the registers and stack slots that it used.
///
/// Source of the form: `do_check` and `print_insn_state` of Linux 6.18. How numbers are traced back
/// is told by [PrecisionLog].
public final class LogWriter implements Observer {
  private static final int ALL = -1;
  private static final int CALLER_SAVED = 0x3f;
  private static final int ALIGNMENT = 40;
  private static final int MIN_ALIGNMENT = 8;

  private final ProgramCode code;
  private final ControlFlow flow;
  private final Btf types;
  private final InstructionText text;
  private final Consumer<String> out;

  /// The instruction printed last, while what it changed can still go on its line.
  private @Nullable String open;

  /// Registers and stack slots used since the state was printed last.
  private int usedRegisters;

  private long usedSlots;
  private @Nullable SourceLine lastLine;
  private boolean resumed;
  private int previous;
  private @Nullable Frame running;
  private @Nullable Frame beforeCall;
  private @Nullable Subprogram validated;

  /// @param out takes the lines
  public LogWriter(ProgramCode code, Rules rules, ControlFlow flow, Consumer<String> out) {
    this.code = code;
    this.flow = flow;
    this.types = rules.objectBtf();
    this.text = new InstructionText(code, rules);
    this.out = out;
  }

  /// What is known before any path is walked: the functions, and which registers are read later.
  public void start() {
    for (int i = 0; i < code.subprogramCount(); i++) {
      line("func#%d @%d", i, code.subprogram(i).start());
    }
    line("Live regs before insn:");
    for (int slot = 0; slot < code.size(); slot++) {
      if (code.isSecondHalf(slot)) {
        continue;
      }
      StringBuilder live = new StringBuilder();
      for (int i = 0; i < 10; i++) {
        live.append((flow.liveBefore(slot) & 1 << i) != 0 ? (char) ('0' + i) : '.');
      }
      String loop = flow.loop(slot) == 0 ? "" : String.valueOf(flow.loop(slot));
      line("%3s %3d: %s %s", loop, slot, live, text.withOpcode(slot));
    }
  }

  /// The end of a walk.
  ///
  /// @param reason the lines that say why the program is refused, if it is
  public void end(List<String> reason, long processed) {
    close();
    reason.forEach(out);
    validatedSafe(reason.isEmpty());
    StringBuilder depths = new StringBuilder();
    for (int i = 0; i < code.subprogramCount(); i++) {
      depths.append(i == 0 ? "" : "+").append(code.subprogram(i).stackDepth);
    }
    line("stack depth %s", depths);
    line("processed %d insns (limit 1000000)", processed);
  }

  @Override
  public void resumes(VerifierState state, int from, int slot) {
    close();
    usedRegisters = ALL;
    usedSlots = ALL;
    previous = from;
    resumed = from >= 0;
    if (from < 0 && slot > 0) {
      validatedSafe(true);
      Subprogram subprogram = code.subprogram(code.subprogramStarting(slot));
      line("Validating %s() func#%d...", subprogram.declaredName(types), subprogram.index());
      validated = subprogram;
    }
  }

  private void validatedSafe(boolean safe) {
    Subprogram subprogram = validated;
    if (safe && subprogram != null) {
      line(
          "Func#%d ('%s') is safe for any args that match its prototype",
          subprogram.index(), subprogram.declaredName(types));
    }
    validated = null;
  }

  @Override
  public void before(VerifierState state, int slot) {
    if (resumed) {
      resumed = false;
      line("");
      line("from %d to %d:%s", previous, slot, StateText.of(state, state.top()));
    }
    printUsed(state, slot);
    sourceLine(slot);
    open = "%d: %s".formatted(slot, text.withOpcode(slot));
    running = state.top();
    beforeCall = null;
    uses(state, slot);
  }

  private void sourceLine(int slot) {
    Optional<SourceLine> line = code.program().line(slot);
    if (line.isPresent() && !isLast(line.get())) {
      Path file = Path.of(line.get().file()).getFileName();
      line("; %s @ %s:%d", line.get().text().strip(), file == null ? "" : file, line.get().line());
      lastLine = line.get();
    }
  }

  /// Whether a line is the one printed last, of which another column may be meant.
  private boolean isLast(SourceLine line) {
    SourceLine last = lastLine;
    return last != null && last.line() == line.line() && last.file().equals(line.file());
  }

  /// What was used since the state was printed: on the line of the instruction, if nothing came
  /// between.
  private void printUsed(VerifierState state, int slot) {
    if (usedRegisters == 0 && usedSlots == 0) {
      close();
      return;
    }
    String known = StateText.of(state, state.top(), usedRegisters, usedSlots);
    String instruction = open;
    if (instruction != null) {
      int used = instruction.length() + 1;
      int column = Math.max(used + MIN_ALIGNMENT / 2, ALIGNMENT);
      int rounded = (column + MIN_ALIGNMENT - 1) / MIN_ALIGNMENT * MIN_ALIGNMENT;
      out.accept(instruction + " ".repeat(rounded - used - 1) + ";" + known);
      open = null;
    } else {
      line("%d:%s", slot, known);
    }
    usedRegisters = 0;
    usedSlots = 0;
  }

  @Override
  public void after(VerifierState state, int slot, int next) {
    previous = slot;
    if (code.at(slot) instanceof Instruction.Jump) {
      printUsed(state, slot);
    }
    Frame before = running;
    if (next < 0 || before == null) {
      return;
    }
    Frame unwritten = beforeCall;
    if (unwritten != null && state.top().number == before.number) {
      useWritten(unwritten, state.top());
    }
    if (state.top().number > before.number) {
      close();
      line("caller:");
      out.accept(StateText.of(state, state.frame(before.number)));
      line("callee:");
      out.accept(StateText.of(state, state.top()));
      usedRegisters = ALL;
      usedSlots = ALL;
    } else if (state.top().number < before.number) {
      close();
      line("returning from callee:");
      out.accept(StateText.of(state, before));
      line("to caller at %d:", next);
      out.accept(StateText.of(state, state.top()));
    } else if (code.at(slot) instanceof Instruction.CallLocal(int offset)) {
      int callee = code.subprogramStarting(slot + offset + 1);
      if (callee >= 0) {
        close();
        String name = code.subprogram(callee).declaredName(types);
        line("Func#%d ('%s') is global and assumed valid.", callee, name);
      }
    }
  }

  @Override
  public void covered(VerifierState state, int from, int slot) {
    if (resumed) {
      resumed = false;
      line("");
      line("from %d to %d: safe", from, slot);
    } else {
      close();
      line("%d: safe", slot);
    }
  }

  private void close() {
    String instruction = open;
    if (instruction != null) {
      out.accept(instruction);
      open = null;
    }
  }

  @Override
  public Optional<PrecisionObserver> precision() {
    return Optional.of(
        new PrecisionLog(
            text,
            line -> {
              close();
              out.accept(line);
            }));
  }

  private void line(String format, Object... arguments) {
    out.accept(format.formatted(arguments));
  }

  /// The registers that an instruction names, and the slots that it reads or writes.
  private void uses(VerifierState state, int slot) {
    switch (code.at(slot)) {
      case Instruction.Alu i -> {
        use(i.dst());
        use(i.src());
      }
      case Instruction.Negate i -> use(i.dst());
      case Instruction.SwapBytes i -> use(i.dst());
      case Instruction.MoveSignExtended i -> {
        use(i.dst());
        use(i.src());
      }
      case Instruction.CastAddressSpace i -> {
        use(i.dst());
        use(i.src());
      }
      case Instruction.Load i -> {
        use(i.dst());
        use(i.src());
        useStack(state, i.src(), i.offset(), i.size().bytes());
      }
      case Instruction.LoadAcquire i -> {
        use(i.dst());
        use(i.src());
        useStack(state, i.src(), i.offset(), i.size().bytes());
      }
      case Instruction.Store i -> {
        use(i.dst());
        use(i.src());
        useStack(state, i.dst(), i.offset(), i.size().bytes());
      }
      case Instruction.StoreRelease i -> {
        use(i.dst());
        use(i.src());
        useStack(state, i.dst(), i.offset(), i.size().bytes());
      }
      case Instruction.Atomic i -> {
        use(i.dst());
        use(i.src());
        if (i.operation() == AtomicOperation.CMPXCHG) {
          use(Register.R0);
        }
        useStack(state, i.dst(), i.offset(), i.size().bytes());
      }
      case Instruction.Jump i -> {
        use(i.dst());
        use(i.src());
      }
      case Instruction.LoadImmediate64 i -> use(i.dst());
      case Instruction.LoadPacket i -> {
        usedRegisters |= CALLER_SAVED | 1 << 6;
      }
      case Instruction.CallHelper i -> useCall(state);
      case Instruction.CallKernel i -> useCall(state);
      case Instruction.CallLocal i -> usedRegisters |= CALLER_SAVED;
      case Instruction.Exit i -> usedRegisters |= 1;
      case null -> {}
      case Instruction.Goto i -> {}
      case Instruction.MayGoto i -> {}
    }
  }

  /// A call may write the stack: what differs afterwards tells.
  private void useCall(VerifierState state) {
    usedRegisters |= CALLER_SAVED;
    beforeCall = state.top().copy();
  }

  private void useWritten(Frame before, Frame after) {
    for (int i = 0; i < after.slotCount(); i++) {
      boolean same = before.slot(i) == after.slot(i);
      for (int j = i * Frame.SLOT_BYTES; same && j < (i + 1) * Frame.SLOT_BYTES; j++) {
        same = before.byteAt(j) == after.byteAt(j);
      }
      if (!same) {
        usedSlots |= 1L << i;
      }
    }
  }

  private void use(Register register) {
    usedRegisters |= 1 << register.number();
  }

  private void use(Operand operand) {
    if (operand instanceof Operand.Reg(var register)) {
      use(register);
    }
  }

  private void useStack(VerifierState state, Register base, int offset, int size) {
    Value pointer = state.register(base.number());
    boolean own =
        pointer.kind() == Kind.STACK
            && pointer.isFixed()
            && pointer.target() instanceof Target.InFrame(int frame)
            && frame == state.depth();
    if (!own) {
      return;
    }
    long low = pointer.offset() + pointer.number().value() + offset;
    for (long at = low; at < low + size && at < 0; at++) {
      if (at >= -Frame.STACK_BYTES) {
        usedSlots |= 1L << (int) ((-at - 1) / Frame.SLOT_BYTES);
      }
    }
  }
}
