package org.ebpf4j.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;

/// The names that an object leaves to its host: what `.kconfig` and `.ksyms` declare.
final class Externs {
  /// The map that holds the values of `.kconfig`.
  static final String KCONFIG = ".kconfig";

  private static final String KSYMS = ".ksyms";

  /// What an external symbol stands for.
  sealed interface Extern {
    /// A value in the map `.kconfig`.
    record Kconfig(MapSpec.KconfigVariable variable) implements Extern {}

    /// A kernel variable, of type 0 where it is declared as `void`.
    record Variable(String name, int type, boolean weak) implements Extern {}

    /// A kernel function, `type` being its `FUNC`.
    record Function(String name, int type, boolean weak) implements Extern {}
  }

  private final ElfFile elf;
  private final Btf btf;
  private final Map<Integer, Extern> bySymbol = new HashMap<>();
  private final List<MapSpec.KconfigVariable> kconfig = new ArrayList<>();
  private int kconfigSize;

  private Externs(ElfFile elf, Btf btf) {
    this.elf = elf;
    this.btf = btf;
  }

  /// Finds out about all external symbols.
  ///
  /// @throws ObjectFileException for one that BTF does not describe
  static Externs read(ElfFile elf, Btf btf) {
    Externs externs = new Externs(elf, btf);
    externs.collect();
    return externs;
  }

  /// What a symbol stands for, if it is external.
  Optional<Extern> of(ElfSymbol symbol) {
    return Optional.ofNullable(bySymbol.get(symbol.index()));
  }

  /// The variables of `.kconfig`, laid out in the map's value.
  List<MapSpec.KconfigVariable> kconfig() {
    return kconfig;
  }

  /// Bytes that they take.
  int kconfigSize() {
    return kconfigSize;
  }

  /// The map for the variables of `.kconfig`, if there are any.
  Optional<MapSpec> kconfigMap(int valueType) {
    if (kconfig.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        DataMaps.map(
            KCONFIG,
            kconfigSize,
            DataMaps.RDONLY_PROG | DataMaps.MMAPABLE,
            valueType,
            new MapSpec.Contents.Kconfig(kconfig)));
  }

  private void collect() {
    Map<String, Integer> declared = new HashMap<>();
    Map<Integer, String> sections = new HashMap<>();
    for (BtfType type : btf.ownTypes()) {
      if (type instanceof BtfType.DataSection section) {
        for (BtfType.SectionVariable variable : section.variables()) {
          if (isExtern(btf.type(variable.type()))) {
            declared.put(btf.type(variable.type()).name(), variable.type());
            sections.put(variable.type(), section.name());
          }
        }
      }
    }
    List<ElfSymbol> kconfigSymbols = new ArrayList<>();
    Map<Integer, Integer> kconfigTypes = new HashMap<>();
    for (ElfSymbol symbol : elf.symbols()) {
      if (!symbol.external()) {
        continue;
      }
      Integer id = declared.get(symbol.name());
      if (id == null) {
        throw elf.error(
            "symbol %s is declared and nowhere defined; %s"
                .formatted(
                    symbol.name(),
                    btf.ownTypes().isEmpty()
                        ? "if it is the kernel's, compile with -g"
                        : "declare it with __ksym or __kconfig, or define it"));
      }
      switch (sections.getOrDefault(id, "")) {
        case KSYMS -> bySymbol.put(symbol.index(), kernelSymbol(symbol, id));
        case KCONFIG -> {
          kconfigSymbols.add(symbol);
          kconfigTypes.put(symbol.index(), id);
        }
        default ->
            throw elf.error(
                "symbol %s is declared in section %s; externs are in .ksyms or .kconfig, and what another object has is linked in first, as by bpftool gen object"
                    .formatted(symbol.name(), sections.get(id)));
      }
    }
    if (!kconfigSymbols.isEmpty()) {
      layOut(kconfigSymbols, kconfigTypes);
    }
  }

  private static boolean isExtern(BtfType type) {
    return switch (type) {
      case BtfType.Variable variable -> variable.linkage() == BtfType.Linkage.EXTERN;
      case BtfType.Function function -> function.linkage() == BtfType.Linkage.EXTERN;
      default -> false;
    };
  }

  private Extern kernelSymbol(ElfSymbol symbol, int id) {
    if (btf.type(id) instanceof BtfType.Variable variable) {
      int type = btf.resolve(variable.type());
      return new Extern.Variable(symbol.name(), type, symbol.weak());
    }
    return new Extern.Function(symbol.name(), id, symbol.weak());
  }

  /// Lays the variables out as libbpf does: by falling alignment, rising size, name.
  private void layOut(List<ElfSymbol> symbols, Map<Integer, Integer> types) {
    BtfLayout layout = new BtfLayout(btf);
    record Sized(ElfSymbol symbol, int type, int size, int alignment) {}
    List<Sized> variables = new ArrayList<>();
    for (ElfSymbol symbol : symbols) {
      if (!(btf.type(types.getOrDefault(symbol.index(), 0)) instanceof BtfType.Variable variable)) {
        throw elf.error("function %s is declared in section .kconfig".formatted(symbol.name()));
      }
      OptionalInt size = layout.sizeOf(variable.type());
      if (size.isEmpty()) {
        throw elf.error("variable %s of .kconfig has no size".formatted(symbol.name()));
      }
      variables.add(
          new Sized(symbol, variable.type(), size.getAsInt(), layout.alignmentOf(variable.type())));
    }
    variables.sort(
        Comparator.comparingInt((Sized v) -> -v.alignment())
            .thenComparingInt(Sized::size)
            .thenComparing(v -> v.symbol().name()));
    long offset = 0;
    for (Sized variable : variables) {
      offset = (offset + variable.alignment() - 1) / variable.alignment() * variable.alignment();
      MapSpec.KconfigVariable placed =
          new MapSpec.KconfigVariable(
              variable.symbol().name(),
              variable.type(),
              (int) offset,
              variable.size(),
              variable.symbol().weak());
      offset += variable.size();
      if (offset > Integer.MAX_VALUE) {
        throw elf.error("the variables of .kconfig take 2^31 bytes or more");
      }
      kconfig.add(placed);
      bySymbol.put(variable.symbol().index(), new Extern.Kconfig(placed));
    }
    kconfigSize = (int) offset;
  }
}
