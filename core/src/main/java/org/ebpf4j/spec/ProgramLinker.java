package org.ebpf4j.spec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfRelocation;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;

/// Makes programs of functions: appends to each program one copy of every subprogram it can reach,
/// makes the calls between them meet, and notes what only a host can fill in.
final class ProgramLinker {
  private static final int CALL = 0x85;
  private static final int LOAD_IMMEDIATE_64 = 0x18;

  // Source registers of calls and 64-bit immediate loads, BPF_PSEUDO_… of uapi/linux/bpf.h.
  private static final int VALUE = 0;
  private static final int MAP_FD = 1;
  private static final int MAP_VALUE = 2;
  private static final int BTF_ID = 3;
  private static final int FUNCTION = 4;
  private static final int LOCAL_CALL = 1;
  private static final int KERNEL_CALL = 2;

  private static final String EXCEPTION_CALLBACK = "exception_callback:";

  /// Slots in all programs of an object together. Every program gets copies of its subprograms, so
  /// a small file could otherwise fill any memory.
  private static final int MAX_SLOTS = 1 << 22;

  private final ElfFile elf;
  private final Btf btf;
  private final Map<Integer, CodeSection> sections;
  private final ObjectMaps maps;
  private final Externs externs;
  private final Map<Integer, String> exceptionCallbacks = new HashMap<>();
  private long slotsLeft = MAX_SLOTS;

  /// @param sections the sections of instructions by their index in the file
  ProgramLinker(
      ElfFile elf, Btf btf, Map<Integer, CodeSection> sections, ObjectMaps maps, Externs externs) {
    this.elf = elf;
    this.btf = btf;
    this.sections = sections;
    this.maps = maps;
    this.externs = externs;
    for (BtfType type : btf.ownTypes()) {
      if (type instanceof BtfType.DeclarationTag(var tag, int target, int component, var attribute)
          && component == -1
          && tag.startsWith(EXCEPTION_CALLBACK)) {
        exceptionCallbacks.put(target, tag.substring(EXCEPTION_CALLBACK.length()));
      }
    }
  }

  /// A function and the section that it is in.
  private record Place(CodeSection section, CodeFunction function) {}

  /// The instructions of a program and what is said of them.
  record Linked(
      Bytecode bytecode,
      List<ProgramFunction> functions,
      List<Reference> references,
      List<CoreRelocation> relocations,
      List<SourceLine> lines) {}

  /// Links the program that starts with a function.
  ///
  /// @throws ObjectFileException if an instruction refers to something that is not there
  Linked link(CodeSection section, CodeFunction main) {
    Map<Place, Integer> starts = place(new Place(section, main));
    int size =
        starts.entrySet().stream()
            .mapToInt(e -> e.getValue() + e.getKey().function().slots())
            .max()
            .orElseThrow();
    long[] slots = new long[size];
    Linked linked =
        new Linked(
            Bytecode.of(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    starts.forEach((place, start) -> copy(place, start, starts, slots, linked));
    return new Linked(
        Bytecode.of(slots),
        linked.functions(),
        linked.references(),
        linked.relocations(),
        linked.lines());
  }

  /// Gives each function that is reached its first slot: after the main function, in the order in
  /// which a walk through the calls, depth first, meets them.
  private Map<Place, Integer> place(Place main) {
    Map<Place, Integer> starts = new LinkedHashMap<>();
    Deque<Walk> path = new ArrayDeque<>();
    int size = 0;
    for (Place root : withExceptionCallback(main)) {
      Optional<Place> entered = Optional.of(root).filter(place -> !starts.containsKey(place));
      while (entered.isPresent() || !path.isEmpty()) {
        if (entered.isPresent()) {
          Place place = entered.get();
          takeSlots(place.function().slots());
          starts.put(place, size);
          size += place.function().slots();
          path.push(new Walk(place));
        }
        entered = next(path, starts);
      }
    }
    return starts;
  }

  private void takeSlots(int slots) {
    slotsLeft -= slots;
    if (slotsLeft < 0) {
      throw elf.error(
          "the programs take more than %d instructions with their subprograms"
              .formatted(MAX_SLOTS));
    }
  }

  /// A function that is being searched for calls.
  private static final class Walk {
    private final Place place;
    private int slot;

    Walk(Place place) {
      this.place = place;
      this.slot = place.function().slot();
    }
  }

  /// The next function that the innermost function of a path calls and that has no place yet. A
  /// function without any is taken from the path.
  private Optional<Place> next(Deque<Walk> path, Map<Place, Integer> starts) {
    Walk walk = path.element();
    CodeSection section = walk.place.section();
    while (walk.slot < walk.place.function().end()) {
      int slot = walk.slot;
      walk.slot += slotsAt(section, slot);
      Optional<Place> callee = target(section, slot);
      if (callee.isPresent() && !starts.containsKey(callee.get())) {
        return callee;
      }
    }
    path.pop();
    return Optional.empty();
  }

  private List<Place> withExceptionCallback(Place main) {
    String callback = exceptionCallbacks.get(main.section().functionType(main.function().slot()));
    if (callback == null) {
      return List.of(main);
    }
    for (CodeSection section : sections.values()) {
      for (CodeFunction function : section.functions()) {
        if (function.name().equals(callback)) {
          return List.of(main, new Place(section, function));
        }
      }
    }
    throw main.section()
        .error(main.function().slot(), "exception callback %s is not defined".formatted(callback));
  }

  private static int slotsAt(CodeSection section, int slot) {
    return Bytecode.opcode(section.bytecode().slot(slot)) == LOAD_IMMEDIATE_64 ? 2 : 1;
  }

  /// The function of this object that an instruction calls or takes the address of.
  private Optional<Place> target(CodeSection section, int slot) {
    long instruction = section.bytecode().slot(slot);
    int opcode = Bytecode.opcode(instruction);
    int immediate = Bytecode.immediate(instruction);
    Optional<ElfRelocation> relocation = section.relocationAt(slot);
    if (relocation.isEmpty()) {
      return opcode == CALL && Bytecode.src(instruction) == LOCAL_CALL
          ? Optional.of(functionAt(section, slot, section, slot + immediate + 1L))
          : Optional.empty();
    }
    ElfSymbol symbol = relocation.get().symbol();
    CodeSection in = symbol.defined() ? sections.get(symbol.section()) : null;
    if (in == null) {
      return Optional.empty();
    }
    return switch (opcode) {
      case CALL ->
          Optional.of(
              functionAt(section, slot, in, symbol.value() / Bytecode.SLOT_BYTES + immediate + 1L));
      case LOAD_IMMEDIATE_64 ->
          Optional.of(
              functionAt(section, slot, in, (symbol.value() + immediate) / Bytecode.SLOT_BYTES));
      default -> Optional.empty();
    };
  }

  private static Place functionAt(CodeSection from, int slot, CodeSection in, long target) {
    return Optional.of(target)
        .filter(t -> t >= 0 && t < in.bytecode().size())
        .flatMap(t -> in.functionAt(t.intValue()))
        .map(function -> new Place(in, function))
        .orElseThrow(() ->
            from.error(
                slot,
                "refers to instruction %d of section %s, where no function starts"
                    .formatted(target, in.section().name())));
  }

  /// Whether Linux takes a function for global: what its type says decides, not its symbol, so
  /// copies that compilers make of a global function for some of its arguments are global too.
  private boolean isGlobal(int type) {
    return btf.type(type) instanceof BtfType.Function function
        && function.linkage() == BtfType.Linkage.GLOBAL;
  }

  private void copy(
      Place place, int start, Map<Place, Integer> starts, long[] slots, Linked linked) {
    CodeSection section = place.section();
    CodeFunction function = place.function();
    int type = section.functionType(function.slot());
    linked
        .functions()
        .add(new ProgramFunction(start, function.slots(), function.name(), type, isGlobal(type)));
    for (int i = 0; i < function.slots(); i++) {
      slots[start + i] = section.bytecode().slot(function.slot() + i);
    }
    int step;
    for (int slot = function.slot(); slot < function.end(); slot += step) {
      step = slotsAt(section, slot);
      if (slot + step > function.end()) {
        throw section.error(slot, "a 64-bit immediate load without its second half");
      }
      int at = start + slot - function.slot();
      Optional<Place> target = target(section, slot);
      if (target.isPresent()) {
        meet(slots, at, starts.getOrDefault(target.get(), 0));
      } else if (section.relocationAt(slot).isPresent()) {
        Reference reference = reference(section, slot, at, section.relocationAt(slot).get());
        linked.references().add(reference);
        mark(slots, reference);
      }
    }
    int distance = start - function.slot();
    section
        .coreRelocations(function)
        .forEach((slot, relocation) ->
            linked
                .relocations()
                .add(
                    new CoreRelocation(
                        slot + distance,
                        relocation.type(),
                        relocation.access(),
                        kind(section, slot, relocation.kind()))));
    section
        .lines(function)
        .forEach((slot, line) ->
            linked
                .lines()
                .add(
                    new SourceLine(
                        slot + distance, line.file(), line.line(), line.column(), line.text())));
  }

  /// Sets the distance from an instruction to the function it refers to; calls and loads both count
  /// from the next slot.
  private static void meet(long[] slots, int at, int target) {
    long instruction = slots[at];
    int opcode = Bytecode.opcode(instruction);
    int source = opcode == CALL ? LOCAL_CALL : FUNCTION;
    slots[at] =
        Bytecode.slot(
            opcode,
            Bytecode.dst(instruction),
            source,
            Bytecode.offset(instruction),
            target - at - 1);
  }

  private Reference reference(CodeSection section, int slot, int at, ElfRelocation relocation) {
    long instruction = section.bytecode().slot(slot);
    ElfSymbol symbol = relocation.symbol();
    Optional<Reference> found =
        switch (Bytecode.opcode(instruction)) {
          case LOAD_IMMEDIATE_64 -> {
            requireType(section, slot, relocation, ElfRelocation.R_BPF_64_64);
            yield symbol.external()
                ? externs.of(symbol).map(extern -> loadOf(extern, at))
                : maps.reference(at, symbol, Bytecode.immediate(instruction));
          }
          case CALL -> {
            requireType(section, slot, relocation, ElfRelocation.R_BPF_64_32);
            yield externs.of(symbol).flatMap(extern -> callOf(extern, at));
          }
          default ->
              throw section.error(
                  slot,
                  "only calls and 64-bit immediate loads can be relocated, not opcode 0x%02x"
                      .formatted(Bytecode.opcode(instruction)));
        };
    return found.orElseThrow(() -> section.error(slot, unresolved(symbol)));
  }

  private String unresolved(ElfSymbol symbol) {
    String name = symbol.name().isEmpty() ? "number " + symbol.index() : symbol.name();
    if (symbol.section() == ElfSymbol.COMMON) {
      return "symbol %s was not placed; initialise it or compile with -fno-common".formatted(name);
    }
    return symbol.defined()
        ? "symbol %s of section %s is no map, variable or function"
            .formatted(name, elf.sectionOf(symbol).name())
        : "symbol %s is not defined".formatted(name);
  }

  private static void requireType(
      CodeSection section, int slot, ElfRelocation relocation, int type) {
    if (relocation.type() != type) {
      throw section.error(
          slot,
          "relocation type %d for symbol %s; here %d is known"
              .formatted(relocation.type(), relocation.symbol().name(), type));
    }
  }

  private static Reference loadOf(Externs.Extern extern, int at) {
    return switch (extern) {
      case Externs.Extern.Kconfig(var variable) ->
          new Reference.MapData(at, Externs.KCONFIG, variable.offset());
      case Externs.Extern.Variable(String name, int type, boolean weak) ->
          new Reference.KernelVariable(at, name, type, weak);
      case Externs.Extern.Function(String name, int type, boolean weak) ->
          new Reference.KernelFunctionAddress(at, name, type, weak);
    };
  }

  private static Optional<Reference> callOf(Externs.Extern extern, int at) {
    return extern instanceof Externs.Extern.Function(String name, int type, boolean weak)
        ? Optional.of(new Reference.KernelFunction(at, name, type, weak))
        : Optional.empty();
  }

  /// Makes an instruction tell what kind of reference it is.
  private static void mark(long[] slots, Reference reference) {
    int at = reference.slot();
    int source =
        switch (reference) {
          case Reference.MapHandle r -> MAP_FD;
          case Reference.MapData r -> MAP_VALUE;
          case Reference.KernelVariable r -> r.type() == 0 ? VALUE : BTF_ID;
          case Reference.KernelFunction r -> KERNEL_CALL;
          case Reference.KernelFunctionAddress r -> VALUE;
        };
    slots[at] =
        Bytecode.slot(Bytecode.opcode(slots[at]), Bytecode.dst(slots[at]), source, (short) 0, 0);
    if (Bytecode.opcode(slots[at]) == LOAD_IMMEDIATE_64) {
      int high = reference instanceof Reference.MapData data ? data.offset() : 0;
      slots[at + 1] = Bytecode.slot(0, 0, 0, (short) 0, high);
    }
  }

  private static CoreRelocation.Kind kind(CodeSection section, int slot, int number) {
    CoreRelocation.Kind[] kinds = CoreRelocation.Kind.values();
    if (number < 0 || number >= kinds.length) {
      throw section.error(slot, "CO-RE relocation of unknown kind %d".formatted(number));
    }
    return kinds[number];
  }
}
