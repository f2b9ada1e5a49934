package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Register;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Kind;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Region;
import org.ebpf4j.testkit.Content.Scalar;

/// Statements that call functions of the same program.
final class Calls {
  private static final int LOOP = 181;
  private static final int MOST_DEPTH = 2;

  private final FunctionWriter to;
  private final Chance chance;

  Calls(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  /// Calls a function that is written for this call.
  void call() {
    if (to.depth >= MOST_DEPTH || !to.program.hasRoomForFunction()) {
      return;
    }
    boolean global = chance.percent(35);
    List<Content> given = new ArrayList<>();
    List<Integer> types = new ArrayList<>();
    int count = chance.between(1, 3);
    for (int i = 1; i <= count; i++) {
      argument(i, global, given, types);
    }
    Label start = to.program.function(given, types, global, -1, to.depth + 1);
    to.emit(new CallLocal(0), start);
    to.model.clobber();
    to.model.set(0, to.number(Range.ALL));
  }

  /// Puts something into an argument's register.
  private void argument(int register, boolean global, List<Content> given, List<Integer> types) {
    switch (chance.below(4)) {
      case 0 -> {
        if (register == 1 && to.model.register(6) instanceof Content.Context) {
          to.move(1, 6);
          given.add(new Content.Context());
          types.add(to.program.types.contextPointer());
          return;
        }
      }
      case 1 -> {
        OptionalInt value =
            to.find(content ->
                content instanceof Pointer p
                    && p.region().kind() == Kind.VALUE
                    && !p.maybeNull()
                    && p.low() == 0
                    && p.high() == 0);
        if (value.isPresent() && value.getAsInt() >= 6) {
          Pointer pointer = (Pointer) to.model.register(value.getAsInt());
          to.move(register, value.getAsInt());
          memory(pointer, pointer.region().size(), global, given, types);
          return;
        }
      }
      case 2 -> {
        int bytes = 8 * chance.between(1, FunctionWriter.ARRAY_BYTES / 8);
        to.stackAddress(register, FunctionWriter.ARRAY_BYTES - bytes);
        memory((Pointer) to.model.register(register), bytes, global, given, types);
        return;
      }
      default -> {
        // A number, below.
      }
    }
    OptionalInt number = to.find(content -> content instanceof Scalar);
    if (number.isPresent() && number.getAsInt() >= 6) {
      to.move(register, number.getAsInt());
    } else {
      to.constant(register, chance.edge());
    }
    given.add(to.number(global ? Range.ALL : to.range(register)));
    types.add(TestTypes.DOUBLE);
  }

  private void memory(
      Pointer pointer, int bytes, boolean global, List<Content> given, List<Integer> types) {
    if (global) {
      Region region = new Region(Kind.ARGUMENT, bytes, to.program.newId());
      given.add(new Pointer(region, 0, 0, true));
      types.add(to.program.types.memoryPointer(bytes));
    } else {
      given.add(pointer);
      types.add(TestTypes.DOUBLE);
    }
  }

  /// Has a function called again and again by `bpf_loop`.
  void callBack() {
    if (to.depth >= MOST_DEPTH || !to.program.hasRoomForFunction()) {
      return;
    }
    OptionalInt rounds = to.find(content -> content instanceof Scalar);
    int most = chance.below(8);
    int bytes = 8 * chance.between(1, FunctionWriter.ARRAY_BYTES / 8);
    to.stackAddress(3, FunctionWriter.ARRAY_BYTES - bytes);
    Content shared = to.model.register(3);
    if (rounds.isPresent() && rounds.getAsInt() >= 6) {
      to.move(1, rounds.getAsInt());
      to.numbers().bound(1, 7);
    } else {
      to.constant(1, most);
    }
    if (!(to.model.register(3) instanceof Pointer)) {
      return;
    }
    Label start =
        to.program.function(
            List.of(to.number(Range.WORD), shared),
            List.of(TestTypes.WORD, TestTypes.DOUBLE),
            false,
            1,
            to.depth + 1);
    LoadImmediate64 load = new LoadImmediate64(Register.R2, LoadImmediate64.Source.FUNCTION, 0, 0);
    to.emit(load, start);
    to.constant(4, 0);
    to.call(LOOP, to.number(Range.ALL));
  }
}
