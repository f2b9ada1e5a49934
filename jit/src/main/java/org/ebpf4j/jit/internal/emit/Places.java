package org.ebpf4j.jit.internal.emit;

import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.memory.ArenaAccesses;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.jit.internal.memory.PointerField;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.RegisterFact;

/// Decides for each access how it gets at its memory: raw where it is proven to lie in the memory
/// of a run, checked where the proof leaves that open. Without a proof, [GuardedPlaces] does.
final class Places {
  private final MemoryEmitters memory;
  private final Optional<StackFrame> frame;
  private final Optional<Facts> facts;
  private final Optional<ContextLayout> context;
  private final Optional<MemoryEmitter> arena;
  private final Optional<GuardedPlaces> guarded;

  Places(Method method, MemoryEmitters memory) {
    ProgramParts program = method.program();
    this.frame = method.frame();
    this.memory = memory;
    this.facts = program.facts();
    this.context = program.context();
    this.arena = program.program().arena().map(map -> new ArenaAccesses(program.constants(), map));
    this.guarded = method.origins().map(origins -> new GuardedPlaces(method, origins, memory));
  }

  /// The place of a load or store.
  Place of(int slot, Register base, short offset, MemorySize size, boolean load) {
    if (guarded.isPresent()) {
      return guarded.get().of(slot, base, offset, size, load);
    }
    if (!(fact(slot, base) instanceof RegisterFact.Pointer pointer)) {
      boolean mayFault = load && facts.isPresent() && facts.get().mayFault(slot);
      return mayFault ? new Place(memory.untrusted(), offset, size, true) : checked(offset, size);
    }
    return switch (pointer.kind()) {
      case STACK -> stack(pointer, offset, size);
      case PACKET, PACKET_META, FLOW_KEYS -> raw(memory.plain(), offset, size);
      case MAP_VALUE ->
          raw(isAligned(pointer, offset, size) ? memory.shared() : memory.any(), offset, size);
      case MAP_KEY -> raw(memory.any(), offset, size);
      case MEMORY ->
          facts.filter(Facts::mayMemoryBeObjects).isPresent()
              ? checked(offset, size)
              : raw(memory.any(), offset, size);
      case CONTEXT -> context(pointer, offset, size, load);
      case ARENA -> arena(offset, size, false);
      case MAP, PACKET_END, BUFFER, SOCKET, BTF_OBJECT, FUNCTION, DYNPTR -> checked(offset, size);
    };
  }

  /// The place of an access that needs an aligned address.
  Place ofAligned(int slot, Register base, short offset, MemorySize size) {
    if (guarded.isPresent()) {
      return guarded.get().ofAligned(slot, base, offset, size);
    }
    RegisterFact fact = fact(slot, base);
    if (isArena(fact)) {
      return arena(offset, size, true);
    }
    boolean proven =
        fact instanceof RegisterFact.Pointer pointer
            && (pointer.kind() == PointerKind.STACK || pointer.kind() == PointerKind.MAP_VALUE)
            && isAligned(pointer, offset, size);
    return proven ? raw(memory.shared(), offset, size) : checked(offset, size);
  }

  /// What is known of a base register. What may fault is left to the checked accesses, but for
  /// arenas, whose own accesses know what to do.
  private RegisterFact fact(int slot, Register base) {
    if (facts.isEmpty()) {
      return new RegisterFact.Unknown();
    }
    RegisterFact fact = facts.get().before(slot, base.number());
    return isArena(fact) || !facts.get().mayFault(slot) ? fact : new RegisterFact.Unknown();
  }

  private static boolean isArena(RegisterFact fact) {
    return fact instanceof RegisterFact.Pointer pointer && pointer.kind() == PointerKind.ARENA;
  }

  private Place arena(short offset, MemorySize size, boolean checked) {
    return arena
        .map(memory -> new Place(memory, offset, size, checked))
        .orElseGet(() -> checked(offset, size));
  }

  /// Values in maps and frames of the stack begin at multiples of 8.
  private static boolean isAligned(RegisterFact.Pointer pointer, short offset, MemorySize size) {
    return pointer.isAligned(offset, size.bytes());
  }

  private Place stack(RegisterFact.Pointer pointer, short offset, MemorySize size) {
    Optional<MemoryEmitter> cell =
        FrameUse.isOwn(pointer)
            ? frame.flatMap(own -> own.cell(pointer.minOffset() + offset, size, memory.plain()))
            : Optional.empty();
    return raw(cell.orElse(memory.plain()), offset, size);
  }

  /// A pointer field of a context is kept with all its bits behind the struct.
  private Place context(RegisterFact.Pointer pointer, short offset, MemorySize size, boolean load) {
    if (context.isEmpty()
        || !pointer.isFixed()
        || isHookResult((int) pointer.minOffset() + offset)) {
      return checked(offset, size);
    }
    ContextLayout layout = context.get();
    Optional<ContextLayout.Field> field = layout.fieldAt((int) pointer.minOffset() + offset);
    if (field.isEmpty()) {
      return checked(offset, size);
    }
    if (field.get().kind() == ContextLayout.Kind.NUMBER) {
      return raw(memory.plain(), offset, size);
    }
    return load
        ? raw(
            new PointerField(
                field.get().kind(),
                memory.plain(),
                layout.pointerOffset(field.get()) - pointer.minOffset() - offset),
            offset,
            MemorySize.DOUBLE)
        : checked(offset, size);
  }

  /// Whether the run has to see that it finds what was proven.
  private boolean isHookResult(int offset) {
    return facts.flatMap(Facts::hookResult).filter(result -> result.offset() == offset).isPresent();
  }

  private static Place raw(MemoryEmitter memory, long offset, MemorySize size) {
    return new Place(memory, offset, size, false);
  }

  private Place checked(short offset, MemorySize size) {
    return new Place(memory.checked(), offset, size, true);
  }
}
