package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.testkit.HostileWriter.Sort;

/// Puts arguments of hostile calls into registers: mostly of the kind that the table asks for, else
/// anything.
final class HostileArguments {
  private static final int ANYTHING_PERCENT = 6;

  /// Maps that helpers take in whose names this word is.
  private record Fit(String word, List<String> maps) {}

  private static final List<Fit> FITTING =
      List.of(
          new Fit("user_ringbuf", List.of("user_ring")),
          new Fit("ringbuf", List.of("ring")),
          new Fit("task_storage", List.of("of_tasks")),
          new Fit("sk_storage", List.of("of_sockets")),
          new Fit("cgrp_storage", List.of("of_cgroups")),
          new Fit("inode_storage", List.of("of_inodes")),
          new Fit("local_storage", List.of("local", "local_percpu")),
          new Fit("timer", List.of("timers")),
          new Fit("wq", List.of("timers")),
          new Fit("arena", List.of("arena")),
          new Fit("perf_event", List.of("events")),
          new Fit("stackid", List.of("stacks")),
          new Fit("sock_map", List.of("sockets")),
          new Fit("sock_hash", List.of("sockets_hash")),
          new Fit("redirect_hash", List.of("sockets_hash")),
          new Fit("sk_redirect_map", List.of("sockets")),
          new Fit("msg_redirect_map", List.of("sockets")),
          new Fit("redirect_map", List.of("devices", "devices_hash", "cpus", "xsks")),
          new Fit("reuseport", List.of("reuseport")));

  private final HostileWriter.Shared shared;
  private final Chance chance;
  private final Code code;
  private final Sort[] kept;

  /// What gave the kept results, by name.
  private final String[] givers;

  HostileArguments(HostileWriter.Shared shared, Sort[] kept, String[] givers) {
    this.shared = shared;
    this.chance = shared.chance();
    this.code = shared.code();
    this.kept = kept;
    this.givers = givers;
  }

  /// Writes one argument of a call.
  void put(Register register, HostileCallee callee, int index) {
    if (chance.percent(ANYTHING_PERCENT)) {
      anything(register);
      return;
    }
    List<Argument> arguments = callee.prototype().arguments();
    Argument argument = arguments.get(index);
    if (chance.percent(15) && argument.has(Argument.Flag.MAYBE_NULL)) {
      constant(register, 0);
      return;
    }
    switch (argument.kind()) {
      case CONTEXT -> move(register, Register.R6);
      case MAP -> mapFor(register, callee);
      case MAP_KEY -> key(register);
      case MAP_VALUE, STACK -> stack(register, HostileWriter.BUFFER + 8 * chance.below(12));
      case MEMORY -> memory(register, argument);
      case SIZE, SIZE_OR_ZERO, ALLOCATION_SIZE -> size(register);
      case SOCKET_COMMON, SOCKET -> keptFor(register, callee, Sort.SOCKET);
      case BTF_OBJECT, PERCPU_BTF_OBJECT -> keptFor(register, callee, Sort.OBJECT);
      case SPIN_LOCK -> graphLock(register);
      case TIMER -> address(register, HostileMaps.TIMERS, 0);
      case KPTR -> pointerField(register);
      case RING_RECORD -> keptFor(register, callee, Sort.RECORD);
      case FUNCTION -> function(register);
      case STRING -> address(register, HostileMaps.TEXT, chance.below(20));
      case DYNPTR -> stack(register, HostileWriter.DYNPTRS + 16 * chance.below(3));
      case ANYTHING -> {
        if (argument.has(Argument.Flag.RELEASES) && !callee.worksOnGraphs()) {
          keptFor(register, callee, Sort.OBJECT);
        } else {
          free(register, callee, index);
        }
      }
    }
  }

  private void memory(Register register, Argument argument) {
    if (argument.size() == 8 && chance.percent(50)) {
      stack(register, HostileWriter.FLAGS);
    } else if (argument.size() == 8 || (argument.size() == 16 && chance.percent(80))) {
      stack(register, HostileWriter.ITERATORS + 16 * chance.below(2));
    } else if (chance.percent(70)) {
      stack(register, HostileWriter.BUFFER + 8 * chance.below(24));
    } else if (chance.percent(50)) {
      kept(register, Sort.VALUE, Sort.MEMORY, Sort.RECORD, Sort.OBJECT);
    } else {
      address(register, chance.pick(HostileMaps.ADDRESSED), 8 * chance.below(4));
    }
  }

  private void size(Register register) {
    constant(
        register,
        switch (chance.below(8)) {
          case 0 -> 0;
          case 1 -> chance.between(1, 600);
          case 2 -> chance.pick(4, 8, 16, 20, 28, 40, 64);
          case 3 -> chance.percent(50) ? chance.edge() : 8;
          default -> 8L * chance.between(1, 6);
        });
  }

  /// An argument of which the table says nothing: what it is follows from the name, if from
  /// anything.
  private void free(Register register, HostileCallee callee, int index) {
    String name = callee.prototype().name();
    if (name.contains("obj_new") && index == 0) {
      constant(
          register, chance.percent(85) ? HostileTypes.NODE : chance.below(shared.types().count()));
      return;
    }
    if (callee.worksOnGraphs()) {
      if (index == 0) {
        address(register, HostileMaps.GRAPH, callee.prototype().name().contains("list") ? 8 : 24);
        return;
      }
      if (index == 1) {
        int slot = slotFor(callee, Sort.OBJECT);
        if (slot >= 0) {
          load(register, slot);
          int field = name.contains("list") ? 0 : 24;
          // What a list or tree gives is the node in it already.
          code.emit(add(register, chance.pick(0, field, field, -field)));
          return;
        }
      }
    }
    if (name.startsWith("bpf_res_spin") && index == 0) {
      address(register, HostileMaps.LOCKS, 0);
      return;
    }
    if (name.contains("wq") && index == 0) {
      address(register, HostileMaps.TIMERS, 16);
      return;
    }
    if (name.contains("str") && callee.kernel()) {
      address(register, HostileMaps.TEXT, chance.below(20));
      return;
    }
    switch (chance.below(10)) {
      case 0, 1 -> kept(register, Sort.values());
      case 2 -> stack(register, HostileWriter.BUFFER + 8 * chance.below(24));
      case 3 -> object(register);
      case 4 -> number(register);
      default -> constant(register, chance.below(chance.pick(2, 4, 64)));
    }
  }

  private void object(Register register) {
    kept(register, Sort.OBJECT);
  }

  private void pointerField(Register register) {
    address(register, HostileMaps.GRAPH, chance.pick(40, 48));
  }

  /// A map of the type that a helper is for, if its name says one.
  private void mapFor(Register register, HostileCallee callee) {
    for (Fit fit : FITTING) {
      if (callee.prototype().name().contains(fit.word()) && chance.percent(90)) {
        handle(register, chance.pick(fit.maps()));
        return;
      }
    }
    map(register);
  }

  /// The lock of lists and trees.
  void graphLock(Register register) {
    address(register, HostileMaps.GRAPH, 0);
  }

  /// Any map.
  void map(Register register) {
    int slot = slot(Sort.MAP);
    if (slot >= 0 && chance.percent(10)) {
      load(register, slot);
    } else {
      handle(register, chance.pick(HostileMaps.ALL).name());
    }
  }

  /// A key of any map: a small number and zeros.
  void key(Register register) {
    code.emit(
        new Store(
            MemorySize.DOUBLE,
            Register.R10,
            (short) -8,
            new Imm(chance.below(HostileMaps.ENTRIES + 1))));
    stack(register, chance.percent(90) ? -16 + 8 : HostileWriter.BUFFER);
  }

  private void function(Register register) {
    LoadImmediate64 load = new LoadImmediate64(register, LoadImmediate64.Source.FUNCTION, 0, 0);
    code.emit(load, chance.perMille(3) ? shared.stray() : chance.pick(shared.functions()));
  }

  /// Any number.
  void number(Register register) {
    constant(register, chance.percent(60) ? chance.below(64) : chance.edge());
  }

  /// Whatever there is, good or bad.
  void anything(Register register) {
    switch (chance.below(12)) {
      case 0 -> constant(register, 0);
      case 1 -> constant(register, chance.edge());
      case 2 -> {
        kept(register, Sort.values());
        code.emit(add(register, beside()));
      }
      case 3 -> kept(register, Sort.values());
      case 4 -> stack(register, chance.between(-528, 16));
      case 5 -> handle(register, chance.pick(HostileMaps.ALL).name());
      case 6 -> {
        handle(register, chance.pick(HostileMaps.ALL).name());
        code.emit(add(register, beside()));
      }
      case 7 -> function(register);
      case 8 -> {
        move(register, Register.R6);
        code.emit(add(register, beside()));
      }
      case 9 -> {
        MapSpec map = chance.pick(HostileMaps.ADDRESSED);
        address(
            register,
            map,
            chance.percent(50) ? map.valueSize() - chance.below(9) : chance.below(map.valueSize()));
      }
      case 10 -> stack(register, HostileWriter.DYNPTRS + 4 * chance.below(16));
      default -> number(register);
    }
  }

  private int beside() {
    return chance.percent(70) ? chance.between(-9, 9) : chance.between(-4096, 4096);
  }

  /// A result of one of these sorts that was kept, good or no longer; else the buffer.
  private void kept(Register register, Sort... sorts) {
    int slot = slot(sorts);
    if (slot >= 0) {
      load(register, slot);
    } else {
      stack(register, HostileWriter.BUFFER + 8 * chance.below(24));
    }
  }

  /// As [#kept], mostly what was given by a call whose name begins most like this one's.
  private void keptFor(Register register, HostileCallee callee, Sort sort) {
    int slot = slotFor(callee, sort);
    if (slot >= 0) {
      load(register, slot);
    } else {
      kept(register, sort);
    }
  }

  private int slotFor(HostileCallee callee, Sort sort) {
    if (chance.percent(15)) {
      return slot(sort);
    }
    int best = -1;
    int most = -1;
    for (int i = 0; i < kept.length; i++) {
      int alike = kept[i] == sort ? callee.alike(givers[i]) : -1;
      if (alike > most || (alike == most && alike >= 0 && chance.percent(50))) {
        best = i;
        most = alike;
      }
    }
    return best;
  }

  /// Where a result of one of these sorts is kept; -1 if nowhere.
  int slot(Sort... sorts) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      for (Sort sort : sorts) {
        if (kept[i] == sort && sort != Sort.NOTHING) {
          found.add(i);
        }
      }
    }
    return found.isEmpty() ? -1 : chance.pick(found);
  }

  private void address(Register register, MapSpec map, int offset) {
    code.emit(
        new LoadImmediate64(register, LoadImmediate64.Source.MAP_VALUE, 0, 0),
        new Reference.MapData(0, map.name(), offset));
  }

  private void handle(Register register, String map) {
    code.emit(
        new LoadImmediate64(register, LoadImmediate64.Source.MAP_FD, 0, 0),
        new Reference.MapHandle(0, map));
  }

  private void constant(Register register, long value) {
    code.emit(LoadImmediate64.of(register, value));
  }

  private void stack(Register register, int offset) {
    move(register, Register.R10);
    code.emit(add(register, offset));
  }

  private void load(Register register, int slot) {
    code.emit(
        new Load(
            MemorySize.DOUBLE,
            false,
            register,
            Register.R10,
            (short) (HostileWriter.KEPT + 8 * slot)));
  }

  private void move(Register register, Register source) {
    code.emit(new Alu(Width.W64, AluOperation.MOV, register, new Reg(source)));
  }

  private static Alu add(Register register, int number) {
    return new Alu(Width.W64, AluOperation.ADD, register, new Imm(number));
  }
}
