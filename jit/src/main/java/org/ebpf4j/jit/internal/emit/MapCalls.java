package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.LookupKeys;
import org.ebpf4j.jit.internal.flow.Origin;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.runtime.internal.engine.Lowering;
import org.ebpf4j.runtime.internal.map.ArrayGeometry;
import org.ebpf4j.runtime.internal.map.HashCalls;
import org.ebpf4j.runtime.internal.map.InnerShape;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.verifier.RegisterFact;

/// Writes calls on maps that are the same in every run: the map is a constant, of which HotSpot
/// makes a few loads, and nobody looks it up by its handle.
final class MapCalls {
  private static final ClassDesc MAP = RuntimeMap.class.describeConstable().orElseThrow();
  private static final ClassDesc ARRAY = ArrayGeometry.class.describeConstable().orElseThrow();
  private static final ClassDesc HASH = HashCalls.class.describeConstable().orElseThrow();
  private static final ClassDesc CALLEE = Callee.class.describeConstable().orElseThrow();
  private static final int LOOKUP = number("map_lookup_elem");
  private static final int UPDATE = number("map_update_elem");
  private static final int DELETE = number("map_delete_elem");

  private final CodeBuilder code;
  private final Registers registers;
  private final ProgramParts program;
  private final KeyWords keys;
  private final Optional<Origins> origins;

  MapCalls(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.program = method.program();
    this.keys = new KeyWords(method);
    this.origins = method.origins();
  }

  private static int number(String helper) {
    return Helpers.byName(helper).orElseThrow().id();
  }

  /// Whether a call is one of these because of what is proven.
  static boolean isProven(ProgramParts program, int slot, Instruction.CallHelper call) {
    return isMapCall(call)
        && (program.map(slot, Register.R1).isPresent()
            || program.outerMap(slot, Register.R1).isPresent());
  }

  /// The key of a lookup in a map that is always the same; see [#call].
  static Optional<LookupKeys.Key> key(ProgramParts program, int slot, Instruction.CallHelper call) {
    return call.helper() == LOOKUP
        ? program
            .map(slot, Register.R1)
            .map(map -> new LookupKeys.Key(map.spec().keySize(), takesKeyInWords(map)))
        : Optional.empty();
  }

  private static boolean takesKeyInWords(RuntimeMap map) {
    return KeyWords.isSupported()
        && (HashCalls.of(map).isPresent() || ArrayGeometry.of(map).isPresent());
  }

  private static boolean isMapCall(Instruction.CallHelper call) {
    int helper = call.helper();
    return helper == LOOKUP || helper == UPDATE || helper == DELETE;
  }

  /// The map of a call that was not proven, if nobody has to check it: where map, key and value are
  /// certain to be what the helper takes.
  private static Optional<RuntimeMap> certainMap(
      ProgramParts program, int slot, Instruction.CallHelper call, Origins known) {
    if (!isMapCall(call) || !(program.program().target(slot) instanceof Lowering.Target.To)) {
      return Optional.empty();
    }
    return known
        .map(slot, Register.R1)
        .filter(map -> !map.fields().haveLock()) // which the run must not hold
        .filter(map -> isInFrame(known.before(slot, Register.R2), map.spec().keySize()))
        .filter(map ->
            call.helper() != UPDATE
                || isInFrame(known.before(slot, Register.R3), map.spec().valueSize()));
  }

  /// Whether a call that was not proven is written without asking the run for anything: an inner
  /// map that it finds the run must remember.
  static boolean isCertain(
      ProgramParts program, int slot, Instruction.CallHelper call, Origins known) {
    return certainMap(program, slot, call, known)
        .filter(map -> call.helper() != LOOKUP || !map.holdsMaps())
        .isPresent();
  }

  private static boolean isInFrame(Origin origin, int size) {
    return origin instanceof Origin.Frame(long offset) && GuardedPlaces.inFrame(offset, size);
  }

  /// Writes a call, if it is one of these.
  ///
  /// @return whether it is
  boolean call(int slot, Instruction.CallHelper call) {
    int helper = call.helper();
    Optional<RuntimeMap> map =
        origins.isPresent()
            ? certainMap(program, slot, call, origins.get())
            : provenMap(slot, call);
    if (map.isEmpty()) {
      return innerMap(slot, call) || lookupByHandle(slot, call);
    }
    if (map.get().holdsMaps() && helper == LOOKUP) {
      lookupInner(slot, map.get());
      return true;
    }
    Optional<HashCalls> hash =
        helper != DELETE && KeyWords.isSupported() ? HashCalls.of(map.get()) : Optional.empty();
    Optional<ArrayGeometry> array = ArrayGeometry.of(map.get());
    if (hash.isPresent()) {
      hash(slot, helper, hash.get());
    } else if (helper == LOOKUP && array.isPresent()) {
      program.constants().push(code, array.get(), ARRAY);
      index(slot);
      cpu();
      code.invokevirtual(ARRAY, "lookup", MethodTypeDesc.of(CD_long, CD_int, CD_int));
    } else {
      program.constants().push(code, map.get(), MAP);
      onMap(slot, helper);
    }
    registers.pop(code, slot, Register.R0);
    return true;
  }

  private Optional<RuntimeMap> provenMap(int slot, Instruction.CallHelper call) {
    return isMapCall(call) ? program.map(slot, Register.R1) : Optional.empty();
  }

  /// Calls a map that is on the stack.
  private void onMap(int slot, int helper) {
    registers.push(code, slot, Register.R2);
    if (helper == UPDATE) {
      registers.push(code, slot, Register.R3);
      registers.push(code, slot, Register.R4);
    }
    cpu();
    if (helper == LOOKUP) {
      code.invokevirtual(MAP, "lookup", MethodTypeDesc.of(CD_long, CD_long, CD_int));
    } else if (helper == UPDATE) {
      code.invokevirtual(
          MAP, "update", MethodTypeDesc.of(CD_int, CD_long, CD_long, CD_long, CD_int));
      code.i2l();
    } else {
      code.invokevirtual(MAP, "delete", MethodTypeDesc.of(CD_int, CD_long, CD_int));
      code.i2l();
    }
  }

  /// A call on a map that was proven to be found in another, which is always the same.
  private boolean innerMap(int slot, Instruction.CallHelper call) {
    Optional<RuntimeMap> outer =
        isMapCall(call) ? program.outerMap(slot, Register.R1) : Optional.empty();
    if (outer.isEmpty()) {
      return false;
    }
    program.constants().push(code, outer.get(), MAP);
    registers.push(code, slot, Register.R1);
    code.invokevirtual(MAP, "inner", MethodTypeDesc.of(MAP, CD_long));
    onMap(slot, call.helper());
    registers.pop(code, slot, Register.R0);
    return true;
  }

  /// A lookup of a map in a map: the run is told of what is found, unless nothing will ask it.
  private void lookupInner(int slot, RuntimeMap map) {
    if (program.plain()) {
      program.constants().push(code, map, MAP);
      onMap(slot, LOOKUP);
      registers.pop(code, slot, Register.R0);
      return;
    }
    RunMethods.push(code);
    program.constants().push(code, map, MAP);
    registers.push(code, slot, Register.R2);
    cpu();
    code.invokevirtual(MAP, "lookupInner", MethodTypeDesc.of(MAP, CD_long, CD_int));
    RunMethods.call(code, "found", MethodTypeDesc.of(CD_long, MAP));
    registers.pop(code, slot, Register.R0);
  }

  /// A lookup in a map that is known only when it comes to it, by a key in the frame.
  private boolean lookupByHandle(int slot, Instruction.CallHelper call) {
    if (call.helper() != LOOKUP
        || origins.isEmpty()
        || !(program.program().target(slot) instanceof Lowering.Target.To(Callee callee))
        || !isInFrame(origins.get().before(slot, Register.R2), 1)) {
      return false;
    }
    RunMethods.at(code, slot, registers::pushFramePointer);
    RunMethods.push(code);
    program.constants().push(code, callee, CALLEE);
    registers.push(code, slot, Register.R1);
    registers.push(code, slot, Register.R2);
    if (isInner(slot, origins.get())) {
      // Called here, so that HotSpot sees what kind of map this program has there.
      RunMethods.call(code, "innerMap", MethodTypeDesc.of(MAP, CALLEE, CD_long, CD_long));
      registers.push(code, slot, Register.R2);
      cpu();
      code.invokevirtual(MAP, "lookup", MethodTypeDesc.of(CD_long, CD_long, CD_int));
    } else {
      RunMethods.call(code, "lookup", MethodTypeDesc.of(CD_long, CALLEE, CD_long, CD_long));
    }
    registers.pop(code, slot, Register.R0);
    return true;
  }

  /// The key of an array.
  private void index(int slot) {
    if (KeyWords.isSupported()) {
      keys.push(slot, Register.R2, fact(slot, Register.R2), Integer.BYTES, 1);
      code.l2i();
    } else {
      program
          .memory()
          .plain()
          .load(code, MemorySize.WORD, to -> registers.push(to, slot, Register.R2));
    }
  }

  /// Whether a lookup is surely made on a map that was found in another, which gives values, by a
  /// key in the frame.
  private static boolean isInner(int slot, Origins known) {
    return known.before(slot, Register.R1) instanceof Origin.InnerMap(InnerShape shape)
        && shape.givesValues()
        && isInFrame(known.before(slot, Register.R2), shape.spec().keySize());
  }

  /// A lookup or update whose key is handed over in registers.
  private void hash(int slot, int helper, HashCalls hash) {
    program.constants().push(code, hash, HASH);
    keys.push(slot, Register.R2, fact(slot, Register.R2), hash.keySize(), HashCalls.MOST_WORDS);
    if (helper == LOOKUP) {
      cpu();
      code.invokevirtual(
          HASH,
          "lookup",
          MethodTypeDesc.of(CD_long, CD_long, CD_long, CD_long, CD_long, CD_long, CD_int));
      return;
    }
    registers.push(code, slot, Register.R2);
    registers.push(code, slot, Register.R3);
    registers.push(code, slot, Register.R4);
    cpu();
    code.invokevirtual(
        HASH,
        "update",
        MethodTypeDesc.of(
            CD_int, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long,
            CD_int));
    code.i2l();
  }

  private RegisterFact fact(int slot, Register register) {
    return program
        .facts()
        .map(facts -> facts.before(slot, register.number()))
        .orElse(new RegisterFact.Unknown());
  }

  private void cpu() {
    RunMethods.push(code);
    RunMethods.call(code, "cpu", MethodTypeDesc.of(CD_int));
  }
}
