package org.ebpf4j.runtime.internal.host;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.InstructionException;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.ProgramStructure;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.runtime.internal.engine.Execution;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.engine.Lowering;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.map.ArrayMap;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.Facts;

/// Makes one program ready to run: fills in addresses and handles, checks its structure, finds what
/// it calls, and lowers it.
final class ProgramMaker {
  /// Opcodes, by RFC 9669.
  private static final int LOAD_IMMEDIATE_64 = 0x18;

  private static final int CALL = 0x85;

  private final HostTables tables;
  private final Map<String, RuntimeMap> maps;
  private final RuntimeProgramType type;
  private final LocalTypes types;
  private final boolean verified;
  private final Map<Integer, LoadException> unavailable = new HashMap<>();

  /// @param verified whether it will be shown which instructions are ever reached
  ProgramMaker(
      HostTables tables,
      Map<String, RuntimeMap> maps,
      RuntimeProgramType type,
      LocalTypes types,
      boolean verified) {
    this.tables = tables;
    this.maps = maps;
    this.type = type;
    this.types = types;
    this.verified = verified;
  }

  /// @param program relocated
  /// @param poisoned why instructions could not be relocated, by slot
  /// @throws LoadException if the program cannot run here
  LinkedProgram make(ProgramSpec program, Map<Integer, String> poisoned) {
    int callback = exceptionCallback(program);
    ProgramStructure structure;
    try {
      structure =
          callback == LinkedProgram.NO_CALLBACK
              ? ProgramStructure.check(program.bytecode())
              : ProgramStructure.check(program.bytecode(), callback);
    } catch (InstructionException e) {
      throw refused(program, Errno.EINVAL, String.valueOf(e.getMessage()));
    }
    long[] slots = program.bytecode().toSlots();
    Map<String, RuntimeMap> used = new LinkedHashMap<>();
    for (Reference reference : program.references()) {
      checkPlace(program, reference);
      resolve(program, reference, slots, used);
    }
    if (used.values().stream().filter(ArenaMap.class::isInstance).distinct().count() > 1) {
      throw refused(program, Errno.EBUSY, "it uses more than one arena");
    }
    Bytecode resolved = Bytecode.of(slots);
    List<Instruction> instructions = InstructionCodec.decode(resolved);
    Lowering.Result lowered =
        Lowering.lower(
            instructions, new Calls(program, poisoned), LinkedProgram.arena(used.values()));
    boolean[] starts = new boolean[slots.length];
    for (int i = 0; i < structure.functionCount(); i++) {
      starts[structure.functionStart(i)] = true;
    }
    // The program's own holds: it may outlive the collection in a program array.
    used.values().forEach(RuntimeMap::retain);
    return new LinkedProgram(
        program,
        lowered.code(),
        lowered.callees(),
        lowered.traps(),
        starts,
        used.values().toArray(RuntimeMap[]::new),
        used.keySet().toArray(String[]::new),
        types,
        resolved,
        new Execution(),
        callback);
  }

  /// Refuses a program that reaches a call that this host cannot make. As in Linux, one that never
  /// does may hold it.
  void checkReached(Facts facts) {
    unavailable.entrySet().stream()
        .filter(call -> facts.isReachable(call.getKey()))
        .min(Map.Entry.comparingByKey())
        .ifPresent(call -> {
          throw call.getValue();
        });
  }

  /// The slot of the function that a tag on the main function names.
  private int exceptionCallback(ProgramSpec program) {
    if (program.functions().isEmpty()) {
      return LinkedProgram.NO_CALLBACK;
    }
    return types
        .tagAfter("exception_callback:", program.functions().getFirst().type())
        .flatMap(name ->
            program.functions().stream()
                .filter(function -> function.name().equals(name))
                .findFirst())
        .map(ProgramFunction::slot)
        .orElse(LinkedProgram.NO_CALLBACK);
  }

  /// What is filled in is the value of a load of 64 bits, or the number of a call.
  private static void checkPlace(ProgramSpec program, Reference reference) {
    int slot = reference.slot();
    boolean fits = slot >= 0 && slot < program.bytecode().size();
    if (fits) {
      int opcode = Bytecode.opcode(program.bytecode().slot(slot));
      fits = opcode == (reference instanceof Reference.KernelFunction ? CALL : LOAD_IMMEDIATE_64);
    }
    if (!fits) {
      throw refused(
          program,
          Errno.EINVAL,
          "instruction %d has nothing to fill in, but refers to %s".formatted(slot, reference));
    }
  }

  private void resolve(
      ProgramSpec program, Reference reference, long[] slots, Map<String, RuntimeMap> used) {
    int slot = reference.slot();
    switch (reference) {
      case Reference.MapHandle handle -> {
        RuntimeMap map = map(program, handle.map());
        used.put(handle.map(), map);
        load(slots, slot, Handles.map(map.id()));
      }
      case Reference.MapData data -> {
        RuntimeMap map = map(program, data.map());
        used.put(data.map(), map);
        load(slots, slot, dataAddress(program, map) + data.offset());
      }
      case Reference.KernelVariable variable -> {
        if (!resolveExtern(tables, variable, slots)) {
          throw refused(
              program,
              Errno.ESRCH,
              "the host has no kernel variable %s: declare it __weak, or leave it out"
                  .formatted(variable.name()));
        }
      }
      case Reference.KernelFunctionAddress function -> resolveExtern(tables, function, slots);
      case Reference.KernelFunction function -> {
        // Found by name when the call is lowered.
      }
    }
  }

  /// Where a map's global data begins. In an arena that is an address as users see it, which the
  /// program casts.
  private static long dataAddress(ProgramSpec program, RuntimeMap map) {
    return switch (map) {
      case ArrayMap array -> array.address(0);
      case ArenaMap arena -> arena.start();
      default ->
          throw refused(
              program,
              Errno.EINVAL,
              "it refers to the value of map %s, which is no array".formatted(map.spec().name()));
    };
  }

  /// Fills in a load whose value is the same for all of a host's programs: a weak kernel variable,
  /// which no host has, or whether a kernel function is there.
  ///
  /// @return whether the reference is one of these
  static boolean resolveExtern(HostTables tables, Reference reference, long[] slots) {
    return switch (reference) {
      case Reference.KernelVariable variable -> {
        if (variable.weak()) {
          load(slots, variable.slot(), 0);
        }
        yield variable.weak();
      }
      case Reference.KernelFunctionAddress function -> {
        boolean there = tables.kernelFunctions().containsKey(function.name());
        load(slots, function.slot(), there ? 1 : 0);
        yield true;
      }
      case Reference.MapHandle handle -> false;
      case Reference.MapData data -> false;
      case Reference.KernelFunction function -> false;
    };
  }

  private RuntimeMap map(ProgramSpec program, String name) {
    RuntimeMap map = maps.get(name);
    if (map == null) {
      throw refused(program, Errno.ENOENT, "it refers to map " + name + ", which is not there");
    }
    return map;
  }

  /// Makes a 64-bit immediate load load this value.
  private static void load(long[] slots, int slot, long value) {
    long plain = slots[slot] & 0x0fffL;
    slots[slot] = plain | value << 32;
    slots[slot + 1] = (value >>> 32) << 32;
  }

  private static LoadException refused(ProgramSpec program, Errno errno, String reason) {
    return new LoadException("program " + program.name(), errno, reason);
  }

  /// Finds what the program calls.
  private final class Calls implements Lowering.Resolver {
    /// What libbpf and CO-RE put in place of a call that cannot be made.
    private static final int POISON = 0xbad2310;

    private final ProgramSpec program;
    private final Map<Integer, String> poisoned;
    private final Map<Integer, Callee> variants = new HashMap<>();

    Calls(ProgramSpec program, Map<Integer, String> poisoned) {
      this.program = program;
      this.poisoned = poisoned;
    }

    @Override
    public Lowering.Target helper(int slot, int id) {
      String failure = poisoned.get(slot);
      if (failure != null || id == POISON) {
        return new Lowering.Target.Trap(
            failure != null ? failure : "CO-RE could not relocate this instruction");
      }
      Callee callee = tables.helpers().get(id);
      if (callee == null) {
        return unavailable(slot, Errno.EINVAL, "the JVM host has no helper " + nameOf(id));
      }
      if (!type.allows(id, program.kind().attach())) {
        return unavailable(
            slot, Errno.EINVAL, "program of this type cannot use helper " + callee.label());
      }
      return new Lowering.Target.To(
          variants.computeIfAbsent(id, _ -> careful(variant(id, callee))));
    }

    private Lowering.Target unavailable(int slot, Errno errno, String reason) {
      LoadException refusal = refused(program, errno, at(slot, reason));
      if (!verified) {
        throw refusal;
      }
      unavailable.put(slot, refusal);
      return new Lowering.Target.Trap(reason);
    }

    /// The helper with the arguments that programs of this type give it.
    private Callee variant(int id, Callee callee) {
      if (!(type instanceof RuntimeProgramType.OfLinux(ProgramType linux)) || isOwn(id)) {
        return callee;
      }
      Optional<HelperPrototype> own = Helpers.byId(id, linux);
      return own.equals(Helpers.byId(id))
          ? callee
          : Callee.of(callee.label(), own.orElseThrow(), callee.body());
    }

    private Callee careful(Callee callee) {
      return verified ? callee : callee.ofUnproven();
    }

    private boolean isOwn(int id) {
      return tables.ownHelpers().stream().anyMatch(helper -> helper.id() == id);
    }

    @Override
    public Lowering.Target kernelFunction(int slot, int btfId) {
      for (Reference reference : program.references()) {
        if (reference instanceof Reference.KernelFunction function && function.slot() == slot) {
          Callee callee = tables.kernelFunctions().get(function.name());
          if (callee != null) {
            return new Lowering.Target.To(careful(callee));
          }
          if (function.weak()) {
            return new Lowering.Target.Trap("the host has no kernel function " + function.name());
          }
          return unavailable(
              slot, Errno.ESRCH, "the JVM host has no kernel function " + function.name());
        }
      }
      throw refused(
          program, Errno.EINVAL, at(slot, "kernel function #" + btfId + " has no name here"));
    }

    private static String nameOf(int id) {
      return Helpers.byId(id).map(row -> "bpf_" + row.name() + "#" + id).orElse("#" + id);
    }

    private String at(int slot, String problem) {
      return program
          .line(slot)
          .map(line -> "instruction %d (%s): %s".formatted(slot, line.location(), problem))
          .orElse("instruction %d: %s".formatted(slot, problem));
    }
  }
}
