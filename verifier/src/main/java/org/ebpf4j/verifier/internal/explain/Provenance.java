package org.ebpf4j.verifier.internal.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// Follows a register back along a path: which instructions made it what it is, and which branches
/// narrowed it.
final class Provenance {
  private static final int MOST = 16;

  private final ProgramCode code;
  private final InstructionText text;
  private final List<Step> steps;
  private final TreeMap<Integer, Diagnosis.Origin> found = new TreeMap<>();

  /// @param steps the path; the last step is the instruction at fault
  Provenance(ProgramCode code, InstructionText text, List<Step> steps) {
    this.code = code;
    this.text = text;
    this.steps = steps;
  }

  /// Where a value is kept while it is followed.
  private sealed interface Place {
    int depth();

    record InRegister(int depth, int number) implements Place {}

    record OnStack(int depth, int slot) implements Place {}
  }

  /// What a register holds at the end of the path comes from these, in the order of the path; of
  /// many, the last.
  List<Diagnosis.Origin> of(int register) {
    found.clear();
    int last = steps.size() - 1;
    follow(new Place.InRegister(steps.get(last).depth(), register), last);
    List<Diagnosis.Origin> origins = new ArrayList<>(found.values());
    return Collections.unmodifiableList(
        origins.subList(Math.max(0, origins.size() - MOST), origins.size()));
  }

  private static Value at(Step step, Place place) {
    return switch (place) {
      case Place.InRegister(int depth, int number) -> step.registers()[number];
      case Place.OnStack(int depth, int slot) -> step.slot(slot);
    };
  }

  private void follow(Place start, int from) {
    @Nullable Place place = start;
    for (int i = from; i > 0 && place != null && found.size() < 2 * MOST; i--) {
      Step after = steps.get(i);
      Step before = steps.get(i - 1);
      if (place.depth() == after.depth() && entersCallback(before, after)) {
        place = intoCallback(place, i);
      } else if (before.depth() < after.depth() && place.depth() == after.depth()) {
        place = intoCaller(place);
      } else if (before.depth() > after.depth() && place.depth() == after.depth()) {
        if (place instanceof Place.InRegister(int depth, int number) && number == 0) {
          place = new Place.InRegister(before.depth(), 0);
        } else {
          int call = callBefore(i);
          place = acrossCall(place, call, at(after, place));
          i = call + 1;
        }
      } else if (before.depth() == place.depth() && after.depth() == place.depth()) {
        place = undo(place, i, at(after, place), at(before, place));
      }
    }
  }

  /// Whether a call of a helper or kernel function leads into a function of the program.
  private boolean entersCallback(Step before, Step after) {
    return after.slot() != before.slot() + 1
        && (code.at(before.slot()) instanceof Instruction.CallHelper
            || code.at(before.slot()) instanceof Instruction.CallKernel);
  }

  /// A callback gets what the call hands on, as it is, and what the call makes for it.
  ///
  /// @param i the callback's first step
  private @Nullable Place intoCallback(Place place, int i) {
    if (!(place instanceof Place.InRegister(int depth, int number)) || number > 5) {
      return null;
    }
    Step call = steps.get(i - 1);
    Value given = steps.get(i).registers()[number];
    note(i - 1, "given to the callback by " + name(call), given);
    for (int argument = 1; argument <= 5; argument++) {
      if (call.registers()[argument] == given && given != Value.UNKNOWN) {
        return new Place.InRegister(call.depth(), argument);
      }
    }
    return null;
  }

  /// The call from which the path is back.
  ///
  /// @param returned the first step behind it
  private int callBefore(int returned) {
    int call = returned - 1;
    while (steps.get(call).depth() > steps.get(returned).depth()) {
      call--;
    }
    return call;
  }

  /// A function of the program may take away what its caller's registers held: packets move, and
  /// references end.
  private @Nullable Place acrossCall(Place place, int call, Value after) {
    if (place instanceof Place.InRegister(int depth, int number) && number <= 5) {
      return called(call, number, "returned by " + name(steps.get(call)), after);
    }
    if (!after.sameShape(at(steps.get(call), place))) {
      note(call, "changed by the call of " + name(steps.get(call)), after);
    }
    return place;
  }

  /// The arguments of a function are what its caller's registers held.
  private static @Nullable Place intoCaller(Place place) {
    return place instanceof Place.InRegister(int depth, int number) && number >= 1 && number <= 5
        ? new Place.InRegister(depth - 1, number)
        : null;
  }

  /// Looks at one instruction within the function of the place.
  ///
  /// @param i the step after the instruction
  /// @return where to look on, or nothing if the value began here
  private @Nullable Place undo(Place place, int i, Value after, Value before) {
    Step step = steps.get(i - 1);
    Instruction instruction = code.at(step.slot());
    int depth = place.depth();
    if (place instanceof Place.InRegister(int d, int number)) {
      switch (instruction) {
        case Instruction.Alu alu when alu.dst().number() == number -> {
          note(i - 1, "computed", after);
          if (alu.src() instanceof Operand.Reg(var source)) {
            Place from = new Place.InRegister(depth, source.number());
            if (alu.operation() == AluOperation.MOV) {
              return from;
            }
            follow(from, i - 1);
          } else if (alu.operation() == AluOperation.MOV) {
            return null;
          }
          return place;
        }
        case Instruction.MoveSignExtended move when move.dst().number() == number -> {
          note(i - 1, "computed", after);
          return new Place.InRegister(depth, move.src().number());
        }
        case Instruction.Load load when load.dst().number() == number -> {
          return loaded(i - 1, load.src(), load.offset(), after);
        }
        case Instruction.LoadAcquire load when load.dst().number() == number -> {
          return loaded(i - 1, load.src(), load.offset(), after);
        }
        case Instruction.Atomic atomic when fetchesInto(atomic, number) -> {
          note(i - 1, "fetched from memory", after);
          return null;
        }
        case Instruction.LoadImmediate64 load when load.dst().number() == number -> {
          note(i - 1, "set", after);
          return null;
        }
        case Instruction.LoadPacket load when number <= 5 -> {
          return called(i - 1, number, "loaded from the packet", after);
        }
        case Instruction.CallHelper call when number <= 5 -> {
          return called(i - 1, number, "returned by " + name(step), after);
        }
        case Instruction.CallKernel call when number <= 5 -> {
          return called(i - 1, number, "returned by " + name(step), after);
        }
        case Instruction.CallLocal call when number <= 5 -> {
          return called(i - 1, number, "returned by " + name(step), after);
        }
        case Instruction.Negate negate when negate.dst().number() == number ->
            note(i - 1, "computed", after);
        case Instruction.SwapBytes swap when swap.dst().number() == number ->
            note(i - 1, "computed", after);
        case Instruction.CastAddressSpace cast when cast.dst().number() == number -> {
          note(i - 1, "computed", after);
          return new Place.InRegister(depth, cast.src().number());
        }
        case null, default -> changed(i, after, before);
      }
      return place;
    }
    return undoStore((Place.OnStack) place, i, after, before);
  }

  private static boolean fetchesInto(Instruction.Atomic atomic, int register) {
    boolean exchange = atomic.operation() == AtomicOperation.CMPXCHG;
    return exchange
        ? register == 0
        : atomic.operation().fetches() && atomic.src().number() == register;
  }

  private @Nullable Place undoStore(Place.OnStack place, int i, Value after, Value before) {
    Step step = steps.get(i - 1);
    if (code.at(step.slot()) instanceof Instruction.Store store
        && stackSlot(step, store.dst(), store.offset()) == place.slot()) {
      note(i - 1, "stored on the stack", after);
      return store.src() instanceof Operand.Reg(var source)
          ? new Place.InRegister(place.depth(), source.number())
          : null;
    }
    changed(i, after, before);
    return place;
  }

  private @Nullable Place called(int step, int register, String result, Value after) {
    note(step, register == 0 ? result : "lost by the call of " + name(steps.get(step)), after);
    return null;
  }

  private String name(Step step) {
    return text.callee(step.slot()).orElse("a function");
  }

  /// A spilled register is followed on to where it was spilled; other memory is where a value
  /// begins.
  private @Nullable Place loaded(int at, Register base, int offset, Value after) {
    Step step = steps.get(at);
    int slot = stackSlot(step, base, offset);
    if (slot >= 0 && step.slot(slot).isInitialized()) {
      note(at, "loaded from the stack", after);
      return new Place.OnStack(step.depth(), slot);
    }
    note(at, "loaded from " + memory(step.registers()[base.number()], offset), after);
    return null;
  }

  private static String memory(Value base, int offset) {
    long at = (long) base.offset() + offset;
    String where = base.isFixed() ? " at offset " + (at + base.number().value()) : "";
    return switch (base.kind()) {
      case CONTEXT -> "the context" + where;
      case PACKET -> "the packet" + where;
      case PACKET_META -> "the packet's metadata" + where;
      case STACK -> "the stack";
      case MAP_VALUE ->
          base.target() instanceof Target.InMap(var map, int instance)
              ? "a value of map " + map.name() + where
              : "a map's value" + where;
      case BTF_OBJECT -> "a kernel object" + where;
      default -> "memory" + where;
    };
  }

  /// The slot of the step's own stack that an access means, or -1.
  private static int stackSlot(Step step, Register base, int offset) {
    Value pointer = step.registers()[base.number()];
    boolean own =
        pointer.kind() == Kind.STACK
            && pointer.isFixed()
            && pointer.target() instanceof Target.InFrame(int frame)
            && frame == step.depth();
    if (!own) {
      return -1;
    }
    long at = pointer.offset() + pointer.number().value() + offset;
    return at < 0 && at >= -Frame.STACK_BYTES ? (int) ((-at - 1) / Frame.SLOT_BYTES) : -1;
  }

  /// An instruction that writes something else may still tell of a value: branches narrow it, calls
  /// take it away.
  private void changed(int i, Value after, Value before) {
    if (after == before || after.sameShape(before)) {
      return;
    }
    Step step = steps.get(i - 1);
    if (code.at(step.slot()) instanceof Instruction.Jump jump) {
      boolean taken = steps.get(i).slot() == step.slot() + 1 + jump.offset();
      note(
          i - 1, taken ? "narrowed, as the jump is taken" : "narrowed, as there is no jump", after);
    } else {
      note(i - 1, "changed by the call of " + name(step), after);
    }
  }

  private void note(int step, String effect, Value after) {
    int slot = steps.get(step).slot();
    found.putIfAbsent(
        step,
        new Diagnosis.Origin(
            slot, code.program().line(slot), text.at(slot), effect, ValueWords.of(after)));
  }
}
