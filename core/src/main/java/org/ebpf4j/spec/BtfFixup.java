package org.ebpf4j.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Linkage;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;

/// Completes an object's BTF with what only the ELF file tells: where variables are in their
/// sections, how large those are, and which global names are hidden and so as good as static.
///
/// clang leaves sizes of data sections and offsets of global variables 0, to be relocated.
final class BtfFixup {
  private final ElfFile elf;
  private final Btf btf;
  private final Map<String, ElfSymbol> symbols = new HashMap<>();
  private final Set<String> hidden = new HashSet<>();

  private BtfFixup(ElfFile elf, Btf btf) {
    this.elf = elf;
    this.btf = btf;
    for (ElfSymbol symbol : elf.symbols()) {
      if (symbol.defined() && symbol.binding() != ElfSymbol.LOCAL) {
        symbols.put(symbol.name(), symbol);
        if (!symbol.visible()) {
          hidden.add(symbol.name());
        }
      }
    }
  }

  /// The same types by the same ids, completed.
  ///
  /// @throws ObjectFileException for a variable without symbol, or outside of its section
  static Btf apply(ElfFile elf, Btf btf, Externs externs) {
    return new BtfFixup(elf, btf).apply(externs);
  }

  private Btf apply(Externs externs) {
    List<BtfType> types = new ArrayList<>(btf.ownTypes().size());
    for (BtfType type : btf.ownTypes()) {
      types.add(
          switch (type) {
            case BtfType.DataSection section when section.name().equals(Externs.KCONFIG) ->
                kconfig(section, externs);
            case BtfType.DataSection section -> complete(section);
            case BtfType.Variable variable
                when variable.linkage() == Linkage.GLOBAL && hidden.contains(variable.name()) ->
                new BtfType.Variable(variable.name(), variable.type(), Linkage.STATIC);
            case BtfType.Function function
                when function.linkage() == Linkage.GLOBAL && hidden.contains(function.name()) ->
                new BtfType.Function(function.name(), function.prototype(), Linkage.STATIC);
            default -> type;
          });
    }
    return Btf.of(types, btf.order());
  }

  private BtfType complete(BtfType.DataSection section) {
    ElfSection elfSection = elf.section(section.name()).orElse(null);
    if (elfSection == null) {
      return section;
    }
    if (elfSection.size() > Integer.MAX_VALUE) {
      throw elfSection.error(-1, "0x%x bytes are too many".formatted(elfSection.size()));
    }
    boolean place = section.size() == 0;
    List<BtfType.SectionVariable> variables = new ArrayList<>();
    for (BtfType.SectionVariable variable : section.variables()) {
      variables.add(
          place && btf.type(variable.type()) instanceof BtfType.Variable v
              ? place(variable, v, elfSection)
              : variable);
    }
    variables.sort(Comparator.comparingInt(BtfType.SectionVariable::offset));
    return new BtfType.DataSection(section.name(), (int) elfSection.size(), variables);
  }

  private BtfType.SectionVariable place(
      BtfType.SectionVariable placed, BtfType.Variable variable, ElfSection section) {
    long offset = placed.offset();
    if (variable.linkage() == Linkage.GLOBAL) {
      ElfSymbol symbol = symbols.get(variable.name());
      if (symbol == null || symbol.section() != section.index()) {
        throw section.error(-1, "variable %s has no symbol here".formatted(variable.name()));
      }
      offset = symbol.value();
    }
    if (offset < 0 || offset > section.size() - placed.size()) {
      throw section.error(
          offset,
          "variable %s of %d bytes is outside of the section"
              .formatted(variable.name(), placed.size()));
    }
    return new BtfType.SectionVariable(placed.type(), (int) offset, placed.size());
  }

  private BtfType kconfig(BtfType.DataSection section, Externs externs) {
    Map<String, MapSpec.KconfigVariable> placed = new HashMap<>();
    externs.kconfig().forEach(variable -> placed.put(variable.name(), variable));
    List<BtfType.SectionVariable> variables = new ArrayList<>();
    for (BtfType.SectionVariable variable : section.variables()) {
      MapSpec.KconfigVariable at = placed.get(btf.type(variable.type()).name());
      if (at != null) {
        variables.add(new BtfType.SectionVariable(variable.type(), at.offset(), at.size()));
      }
    }
    variables.sort(Comparator.comparingInt(BtfType.SectionVariable::offset));
    return new BtfType.DataSection(section.name(), externs.kconfigSize(), variables);
  }
}
