package org.ebpf4j.spec;

import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ObjectFileException;

/// Global data: every section `.data*`, `.rodata*` and `.bss*` is an array map of one element,
/// which is the section.
final class DataMaps {
  /// `BPF_F_RDONLY_PROG`.
  static final int RDONLY_PROG = 1 << 7;

  /// `BPF_F_MMAPABLE`.
  static final int MMAPABLE = 1 << 10;

  private DataMaps() {}

  /// Whether a section holds global data.
  static boolean isData(ElfSection section) {
    return switch (section.type()) {
      case ElfSection.PROGBITS ->
          isNamed(section, ".data") || isNamed(section, ".rodata") || isNamed(section, ".bss");
      case ElfSection.NOBITS -> isNamed(section, ".bss") || isNamed(section, ".data");
      default -> false;
    };
  }

  private static boolean isNamed(ElfSection section, String stem) {
    return section.name().equals(stem) || section.name().startsWith(stem + ".");
  }

  /// The map for a data section.
  ///
  /// @throws ObjectFileException for a section too large for a map
  static MapSpec read(ElfSection section, Btf btf) {
    if (section.size() > Integer.MAX_VALUE) {
      throw section.error(-1, "0x%x bytes are too many for a map".formatted(section.size()));
    }
    boolean readOnly = isNamed(section, ".rodata");
    int type = dataSection(btf, section.name()).orElse(0);
    MapSpec.Contents contents =
        section.type() == ElfSection.NOBITS
            ? new MapSpec.Contents.None()
            : new MapSpec.Contents.Data(section.data().bytes(), readOnly);
    int flags = (readOnly ? RDONLY_PROG : 0) | (hasGlobals(btf, type) ? MMAPABLE : 0);
    return map(section.name(), (int) section.size(), flags, type, contents);
  }

  /// A map of one element that holds global data.
  static MapSpec map(String name, int size, int flags, int valueType, MapSpec.Contents contents) {
    return new MapSpec(
        name,
        MapType.ARRAY.number(),
        Integer.BYTES,
        size,
        1,
        flags,
        0,
        0,
        0,
        valueType,
        false,
        Optional.empty(),
        contents);
  }

  /// The BTF id of the data section with this name.
  static Optional<Integer> dataSection(Btf btf, String name) {
    return btf.find(name, BtfType.DataSection.class).stream().findFirst();
  }

  /// Users map a section into memory if it has variables that others may see.
  private static boolean hasGlobals(Btf btf, int type) {
    return btf.type(type) instanceof BtfType.DataSection section
        && section.variables().stream()
            .map(variable -> btf.type(variable.type()))
            .anyMatch(variable ->
                variable instanceof BtfType.Variable v && v.linkage() != BtfType.Linkage.STATIC);
  }
}
