package org.ebpf4j.spec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.btf.BtfExt;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfRelocation;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.isa.Bytecode;
import org.jspecify.annotations.Nullable;

/// A section of instructions with all that the object file says about them, by slot.
final class CodeSection {
  private final ElfSection section;
  private final Bytecode bytecode;
  private final NavigableMap<Integer, CodeFunction> functions = new TreeMap<>();
  private final List<CodeFunction> all = new ArrayList<>();
  private final @Nullable ElfRelocation[] relocations;
  private final Map<Integer, Integer> functionTypes = new HashMap<>();
  private final NavigableMap<Integer, BtfExt.Line> lines = new TreeMap<>();
  private final NavigableMap<Integer, BtfExt.Relocation> coreRelocations = new TreeMap<>();

  private CodeSection(ElfSection section) {
    this.section = section;
    if (section.data().size() % Bytecode.SLOT_BYTES != 0) {
      throw section.error(
          section.data().size(), "instructions take 8 bytes each, the last one is cut off");
    }
    this.bytecode = Bytecode.read(ByteBuffer.wrap(section.data().bytes()), section.data().order());
    this.relocations = new ElfRelocation[bytecode.size()];
  }

  /// @throws ObjectFileException if something about an instruction is said twice, or about none
  static CodeSection read(ElfFile elf, ElfSection section, BtfExt ext) {
    CodeSection code = new CodeSection(section);
    for (ElfRelocation relocation : elf.relocations(section)) {
      int slot = code.slot(relocation.offset(), "a relocation");
      if (code.relocations[slot] != null) {
        throw section.error(relocation.offset(), "relocated twice");
      }
      code.relocations[slot] = relocation;
    }
    for (BtfExt.Function function : ext.functions().getOrDefault(section.name(), List.of())) {
      code.functionTypes.put(code.slot(function.offset(), "a function"), function.type());
    }
    for (BtfExt.Line line : ext.lines().getOrDefault(section.name(), List.of())) {
      code.lines.put(code.slot(line.offset(), "a source line"), line);
    }
    for (BtfExt.Relocation relocation : ext.relocations().getOrDefault(section.name(), List.of())) {
      int slot = code.slot(relocation.offset(), "a CO-RE relocation");
      if (code.coreRelocations.put(slot, relocation) != null) {
        throw section.error(relocation.offset(), "relocated twice to the kernel's types");
      }
    }
    return code;
  }

  private int slot(long offset, String what) {
    if (offset < 0 || offset % Bytecode.SLOT_BYTES != 0 || offset >= section.data().size()) {
      throw section.error(offset, what + " is at no instruction of the section");
    }
    return (int) (offset / Bytecode.SLOT_BYTES);
  }

  /// Notes a function that a symbol names.
  void addFunction(ElfSymbol symbol) {
    int slot = slot(symbol.value(), "function " + symbol.name());
    if (symbol.size() <= 0
        || symbol.size() % Bytecode.SLOT_BYTES != 0
        || symbol.size() > section.data().size() - symbol.value()) {
      throw section.error(
          symbol.value(),
          "function %s has 0x%x bytes; they must be whole instructions of the section"
              .formatted(symbol.name(), symbol.size()));
    }
    CodeFunction function =
        new CodeFunction(symbol, slot, (int) (symbol.size() / Bytecode.SLOT_BYTES));
    functions.putIfAbsent(slot, function);
    all.add(function);
  }

  ElfSection section() {
    return section;
  }

  Bytecode bytecode() {
    return bytecode;
  }

  /// All functions, in the order of the symbols.
  List<CodeFunction> functions() {
    return all;
  }

  /// The function that starts at a slot.
  Optional<CodeFunction> functionAt(int slot) {
    return Optional.ofNullable(functions.get(slot));
  }

  /// What relocates the instruction at a slot.
  Optional<ElfRelocation> relocationAt(int slot) {
    return Optional.ofNullable(relocations[slot]);
  }

  /// BTF id of the function that starts at a slot, 0 if unknown.
  int functionType(int slot) {
    return functionTypes.getOrDefault(slot, 0);
  }

  /// Source lines in a function, by slot.
  Map<Integer, BtfExt.Line> lines(CodeFunction function) {
    return lines.subMap(function.slot(), function.end());
  }

  /// CO-RE relocations in a function, by slot.
  Map<Integer, BtfExt.Relocation> coreRelocations(CodeFunction function) {
    return coreRelocations.subMap(function.slot(), function.end());
  }

  /// An error about the instruction at a slot.
  ObjectFileException error(int slot, String problem) {
    return section.error((long) slot * Bytecode.SLOT_BYTES, problem);
  }
}
