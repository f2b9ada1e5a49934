package org.ebpf4j.linux.internal.load;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.internal.call.HeldDescriptors;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.linux.internal.object.KernelObjects;
import org.ebpf4j.linux.internal.object.KernelSymbols;
import org.ebpf4j.linux.internal.object.ObjectKind;
import org.ebpf4j.relocation.Compatibility;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.sys.Descriptor;

/// Fills in what a program refers to: maps by descriptor, kernel functions and variables by BTF id
/// or address.
final class References {
  /// A call of a weak function that is not there becomes a call of a helper that is not there
  /// either, which does no harm as long as it cannot be reached. The number makes it known in the
  /// log.
  private static final int MISSING_FUNCTION = 2_002_000_000;

  private static final int BTF_ID = 3;

  private final CollectionSpec spec;
  private final Map<String, KernelMap> maps;
  private final KernelTypes types;
  private final HeldDescriptors held;
  private final List<Descriptor> opened;
  private final Map<String, Long> addresses;

  /// @param held keeps the descriptors in the instructions open until the program is loaded
  /// @param opened takes descriptors that are opened here and closed after loading
  References(
      CollectionSpec spec,
      Map<String, KernelMap> maps,
      KernelTypes types,
      HeldDescriptors held,
      List<Descriptor> opened) {
    this.spec = spec;
    this.maps = maps;
    this.types = types;
    this.held = held;
    this.opened = opened;
    this.addresses = addresses(spec);
  }

  private static Map<String, Long> addresses(CollectionSpec spec) {
    Set<String> names = new HashSet<>();
    for (ProgramSpec program : spec.programs().values()) {
      for (Reference reference : program.references()) {
        if (reference instanceof Reference.KernelVariable variable && variable.type() == 0) {
          names.add(variable.name());
        }
      }
    }
    return names.isEmpty() ? Map.of() : KernelSymbols.find(names);
  }

  /// @param code the instructions, filled in
  /// @param modules descriptors of modules' BTF, by the offset field of calls; empty if there are
  ///   none
  record Filled(Bytecode code, int[] modules) {}

  /// @throws LoadException for what is not there and not weak
  Filled fill(ProgramSpec program) {
    long[] slots = program.bytecode().toSlots();
    List<Integer> modules = new ArrayList<>();
    Map<Integer, Integer> moduleIndexes = new HashMap<>();
    for (Reference reference : program.references()) {
      int slot = reference.slot();
      switch (reference) {
        case Reference.MapHandle r -> setImmediate(slots, slot, mapNumber(program, r.map()));
        case Reference.MapData r -> setImmediate(slots, slot, mapNumber(program, r.map()));
        case Reference.KernelVariable r -> fillVariable(program, slots, r);
        case Reference.KernelFunctionAddress r ->
            function(program, r.name(), r.type(), r.weak())
                .ifPresent(found -> setBtfId(slots, slot, found));
        case Reference.KernelFunction r -> {
          Optional<KernelTypes.Found> found = function(program, r.name(), r.type(), r.weak());
          if (found.isEmpty()) {
            slots[slot] =
                Bytecode.slot(Bytecode.opcode(slots[slot]), 0, 0, (short) 0, MISSING_FUNCTION);
            continue;
          }
          int index = moduleIndex(found.get(), modules, moduleIndexes);
          slots[slot] =
              Bytecode.slot(
                  Bytecode.opcode(slots[slot]),
                  0,
                  Bytecode.src(slots[slot]),
                  (short) index,
                  found.get().id());
        }
      }
    }
    return new Filled(Bytecode.of(slots), modules.stream().mapToInt(Integer::intValue).toArray());
  }

  private int mapNumber(ProgramSpec program, String name) {
    KernelMap map = maps.get(name);
    if (map == null) {
      throw failure(program, "it uses map %s, which is not in the collection".formatted(name));
    }
    return held.number(map.descriptor());
  }

  private void fillVariable(ProgramSpec program, long[] slots, Reference.KernelVariable variable) {
    int slot = variable.slot();
    if (variable.type() != 0) {
      variable(program, variable)
          .ifPresentOrElse(
              found -> setBtfId(slots, slot, found),
              // Nothing there: the constant 0.
              () ->
                  slots[slot] =
                      Bytecode.slot(
                          Bytecode.opcode(slots[slot]),
                          Bytecode.dst(slots[slot]),
                          0,
                          (short) 0,
                          0));
      return;
    }
    Long address = addresses.get(variable.name());
    if (address == null && !variable.weak()) {
      throw failure(
          program,
          "the kernel has no symbol %s; declare it weak if the program can do without"
              .formatted(variable.name()));
    }
    long value = address == null ? 0 : address;
    setImmediate(slots, slot, (int) value);
    setImmediate(slots, slot + 1, (int) (value >>> 32));
  }

  /// A kernel function that takes and returns what the object declares. A name like
  /// `bpf_obj_new___impl` stands for `bpf_obj_new`.
  private Optional<KernelTypes.Found> function(
      ProgramSpec program, String name, int declared, boolean weak) {
    int flavour = name.indexOf("___");
    Optional<KernelTypes.Found> found =
        find(
            program,
            flavour > 0 ? name.substring(0, flavour) : name,
            BtfType.Function.class,
            "function",
            weak);
    Optional<String> difference =
        found.flatMap(f -> Prototypes.difference(spec.btf(), declared, types.types(f), f.id()));
    if (difference.isPresent() && !weak) {
      throw new LoadException(
          "program " + program.name(),
          Errno.EINVAL,
          "the kernel's function %s is not as the object declares it: %s; declare it as the kernel has it, or weak if the program can do without"
              .formatted(types.type(found.get()).name(), difference.get()));
    }
    return difference.isPresent() ? Optional.empty() : found;
  }

  /// A kernel variable of the type that the object declares. A weak one may be missing, but not be
  /// of another type.
  private Optional<KernelTypes.Found> variable(
      ProgramSpec program, Reference.KernelVariable variable) {
    Optional<KernelTypes.Found> found =
        find(program, variable.name(), BtfType.Variable.class, "variable", variable.weak());
    if (found.isPresent()
        && types.type(found.get()) instanceof BtfType.Variable kernels
        && !Compatibility.areCompatible(
            spec.btf(), variable.type(), types.types(found.get()), kernels.type())) {
      throw new LoadException(
          "program " + program.name(),
          Errno.EINVAL,
          "the kernel's variable %s is %s, the object declares %s"
              .formatted(
                  variable.name(),
                  Prototypes.name(types.types(found.get()), kernels.type()),
                  Prototypes.name(spec.btf(), variable.type())));
    }
    return found;
  }

  private Optional<KernelTypes.Found> find(
      ProgramSpec program, String name, Class<? extends BtfType> kind, String word, boolean weak) {
    Optional<KernelTypes.Found> found = types.find(name, kind);
    if (found.isEmpty() && !weak) {
      throw failure(
          program,
          "the kernel has no %s %s; declare it weak if the program can do without"
              .formatted(word, name));
    }
    return found;
  }

  /// The index of a module's BTF in the program's list; 0 stands for the kernel itself.
  private int moduleIndex(
      KernelTypes.Found found, List<Integer> modules, Map<Integer, Integer> indexes) {
    if (found.module().isEmpty()) {
      return 0;
    }
    if (modules.isEmpty()) {
      modules.add(0);
    }
    return indexes.computeIfAbsent(
        found.module().get().id(),
        id -> {
          modules.add(moduleNumber(id));
          return modules.size() - 1;
        });
  }

  private int moduleNumber(int btfId) {
    Descriptor descriptor = KernelObjects.open(ObjectKind.BTF, btfId);
    opened.add(descriptor);
    return held.number(descriptor);
  }

  private void setBtfId(long[] slots, int slot, KernelTypes.Found found) {
    slots[slot] =
        Bytecode.slot(
            Bytecode.opcode(slots[slot]), Bytecode.dst(slots[slot]), BTF_ID, (short) 0, found.id());
    setImmediate(slots, slot + 1, found.module().map(m -> moduleNumber(m.id())).orElse(0));
  }

  private static void setImmediate(long[] slots, int slot, int immediate) {
    slots[slot] = (slots[slot] & 0xffff_ffffL) | ((long) immediate << 32);
  }

  private static LoadException failure(ProgramSpec program, String reason) {
    return new LoadException("program " + program.name(), Errno.ENOENT, reason);
  }
}
