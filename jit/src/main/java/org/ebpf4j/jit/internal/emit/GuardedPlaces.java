package org.ebpf4j.jit.internal.emit;

import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.Origin;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.flow.Values;
import org.ebpf4j.jit.internal.memory.Guard;
import org.ebpf4j.jit.internal.memory.GuardedAccesses;
import org.ebpf4j.jit.internal.memory.Guards;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.jit.internal.memory.PointerField;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.ArrayGeometry;
import org.ebpf4j.runtime.internal.map.RuntimeMap;

/// Decides for each access of a program that was not proven how it gets at its memory: directly
/// where the instructions alone show that any run may, after a comparison where they let guess
/// where it goes, and else by the run.
final class GuardedPlaces {
  private static final long FRAME_BYTES = 512;

  private final MemoryEmitters memory;
  private final Registers registers;
  private final ProgramParts parts;
  private final LinkedProgram program;
  private final Origins origins;

  GuardedPlaces(Method method, Origins origins, MemoryEmitters memory) {
    this.memory = memory;
    this.registers = method.registers();
    this.parts = method.program();
    this.program = method.program().program();
    this.origins = origins;
  }

  /// The place of a load or store.
  Place of(int slot, Register base, short offset, MemorySize size, boolean load) {
    return place(slot, base, offset, size, load, false);
  }

  /// The place of an access that needs an aligned address, and stores perhaps.
  Place ofAligned(int slot, Register base, short offset, MemorySize size) {
    return place(slot, base, offset, size, false, true);
  }

  private Place place(
      int slot, Register base, short offset, MemorySize size, boolean load, boolean aligned) {
    Origin origin = origins.before(slot, base).plus(offset);
    return switch (origin) {
      case Origin.Frame(long at)
          when inFrame(at, size.bytes()) && (!aligned || isAligned(at, size)) ->
          direct(aligned ? memory.shared() : memory.plain(), offset, size);
      case Origin.Constant(long address)
          when value(address, size, load) && (!aligned || isAligned(address, size)) ->
          direct(isAligned(address, size) ? memory.shared() : memory.any(), offset, size);
      case Origin.Value(Values in, long at)
          when in.has(at, size.bytes())
              && (load ? in.readable() : in.readable() && in.writable())
              && (!aligned || isAligned(at, size)) ->
          guarded(
              slot,
              Guards.notNull(at),
              isAligned(at, size) ? memory.shared() : memory.any(),
              offset,
              size);
      case Origin.Context(long at) when !aligned -> context(slot, at, offset, size, load);
      case Origin.InValue(Values in) when in.map().isPresent() ->
          inValue(slot, in, in.map().get(), offset, size, load);
      case Origin.Somewhere somewhere when somewhere == Origin.Somewhere.IN_FRAME ->
          onStack(slot, Guards.frame(registers::pushFramePointer), offset, size, aligned);
      case Origin.CallersFrame _ -> inCallersFrame(slot, offset, size, aligned);
      case Origin.Somewhere somewhere when somewhere == Origin.Somewhere.IN_CALLERS_FRAME ->
          inCallersFrame(slot, offset, size, aligned);
      case Origin.Somewhere somewhere when !aligned && somewhere == Origin.Somewhere.IN_PACKET ->
          guarded(slot, Guards.packet(!load), memory.plain(), offset, size);
      default -> checked(offset, size);
    };
  }

  /// Whether bytes lie in a function's own frame, of which any run may touch all.
  static boolean inFrame(long offset, int size) {
    return offset >= -FRAME_BYTES && offset <= -size;
  }

  private static boolean isAligned(long offset, MemorySize size) {
    return offset % size.bytes() == 0;
  }

  /// Whether an address always lies in a value of a map of the program.
  private boolean value(long address, MemorySize size, boolean load) {
    for (RuntimeMap map : program.maps()) {
      if (map.givesValues()
          && (load
              ? map.readable(address, size.bytes())
              : map.readable(address, size.bytes()) && map.writable(address, size.bytes()))) {
        return true;
      }
    }
    return false;
  }

  /// Somewhere in the values of a map. Other CPUs' values of an array are left to the run, and
  /// those that are not aligned.
  private Place inValue(
      int slot, Values in, RuntimeMap map, short offset, MemorySize size, boolean load) {
    Optional<ArrayGeometry> array = ArrayGeometry.of(map);
    Guard guard;
    if (array.isEmpty()) {
      guard = Guards.map(parts.constants(), map, !load);
    } else if (in.readable() && (load || in.writable())) {
      guard = Guards.array(parts.constants(), array.get());
    } else {
      return checked(offset, size);
    }
    return guarded(slot, Guards.aligned(guard), memory.shared(), offset, size);
  }

  private Place inCallersFrame(int slot, short offset, MemorySize size, boolean aligned) {
    return onStack(slot, Guards.lowerFrames(registers::pushFramePointer), offset, size, aligned);
  }

  private Place onStack(int slot, Guard guard, short offset, MemorySize size, boolean aligned) {
    return aligned
        ? guarded(slot, Guards.aligned(guard), memory.shared(), offset, size)
        : guarded(slot, guard, memory.plain(), offset, size);
  }

  private Place context(int slot, long at, short offset, MemorySize size, boolean load) {
    Optional<ContextLayout.Field> field =
        parts.context().flatMap(layout -> layout.fieldAt((int) at));
    if (field.isEmpty() || at != (int) at || at + size.bytes() > parts.context().get().size()) {
      return checked(offset, size);
    }
    ContextLayout layout = parts.context().get();
    Guard guard = Guards.context(parts.constants(), layout, at);
    boolean whole = at == field.get().offset() && size.bytes() == field.get().size();
    if (field.get().kind() == ContextLayout.Kind.NUMBER) {
      return field.get().allows((int) at, size.bytes(), !load)
          ? guarded(slot, guard, memory.plain(), offset, size)
          : checked(offset, size);
    }
    return load && whole && field.get().access().reads()
        ? guarded(
            slot,
            guard,
            new PointerField(
                field.get().kind(), memory.plain(), layout.pointerOffset(field.get()) - at),
            offset,
            size)
        : checked(offset, size);
  }

  private static Place direct(MemoryEmitter emitter, short offset, MemorySize size) {
    return new Place(emitter, offset, size, false);
  }

  private Place guarded(
      int slot, Guard guard, MemoryEmitter direct, short offset, MemorySize size) {
    return new Place(
        new GuardedAccesses(
            guard,
            direct,
            memory.checked(),
            code -> RunMethods.at(code, slot, registers::pushFramePointer)),
        offset,
        size,
        false);
  }

  private Place checked(short offset, MemorySize size) {
    return new Place(memory.checked(), offset, size, true);
  }
}
