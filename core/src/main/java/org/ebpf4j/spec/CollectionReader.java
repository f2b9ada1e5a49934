package org.ebpf4j.spec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.abi.SectionName;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfExt;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfReader;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;

/// Reads object files as clang writes them: finds maps, global data and programs, and links each
/// program with its subprograms.
///
/// What is a program: every function with a global symbol in a section of instructions other than
/// `.text` and `.text.*`. All other functions are subprograms, which programs are linked with as
/// they use them. The conventions are those of libbpf 1.6.
public final class CollectionReader {
  private static final String TEXT = ".text";

  /// No object is nearly this large, and no array could hold what is much larger.
  private static final long MAX_FILE_BYTES = 1L << 30;

  private final ElfFile elf;
  private final Map<Integer, CodeSection> sections = new TreeMap<>();

  private CollectionReader(ElfFile elf) {
    this.elf = elf;
  }

  /// Reads an object file.
  ///
  /// @throws ObjectFileException if it cannot be read, is not an object file for BPF, or is broken
  public static CollectionSpec read(Path file) {
    String name = file.toString();
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new ObjectFileException(
            name, "", -1, size + " bytes are too many for an object file");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new ObjectFileException(name, "", -1, "no such file");
    } catch (IOException e) {
      throw new ObjectFileException(name, "", -1, "cannot be read: " + e.getMessage());
    }
    return new CollectionReader(ElfReader.read(name, bytes)).read();
  }

  /// Reads an object file from memory.
  ///
  /// @param name what it is called in messages and in the spec
  /// @param bytes the whole file; not changed, and not needed afterwards
  /// @throws ObjectFileException if it is not an object file for BPF, or is broken
  public static CollectionSpec read(String name, byte[] bytes) {
    return new CollectionReader(ElfReader.read(name, bytes)).read();
  }

  private CollectionSpec read() {
    Optional<ElfSection> btfSection = section(".BTF");
    Btf stored = btfSection.map(s -> BtfReader.read(s.data())).orElse(Btf.empty());
    BtfExt ext =
        btfSection
            .flatMap(s -> section(".BTF.ext"))
            .map(s -> BtfExt.read(s.data(), stored))
            .orElse(BtfExt.empty());
    Externs externs = Externs.read(elf, stored);
    Btf btf = BtfFixup.apply(elf, stored, externs);
    ObjectMaps maps = ObjectMaps.read(elf, btf, externs);
    readCode(ext);
    Map<String, ProgramSpec> programs =
        maps.typed(programs(new ProgramLinker(elf, btf, sections, maps, externs)));
    return new CollectionSpec(
        elf.name(),
        elf.order(),
        license(),
        section("version").map(s -> s.data().i32(0)).orElse(0),
        btf,
        maps.byName(programs),
        programs);
  }

  private Optional<ElfSection> section(String name) {
    return elf.section(name).filter(s -> s.type() == ElfSection.PROGBITS);
  }

  private String license() {
    return section("license")
        .map(s -> new String(s.data().bytes(), StandardCharsets.UTF_8))
        .map(text -> text.indexOf(0) < 0 ? text : text.substring(0, text.indexOf(0)))
        .orElse("");
  }

  private void readCode(BtfExt ext) {
    for (ElfSection section : elf.sections()) {
      if (section.executable()) {
        sections.put(section.index(), CodeSection.read(elf, section, ext));
      }
    }
    for (ElfSymbol symbol : elf.symbols()) {
      if (symbol.type() == ElfSymbol.FUNC && sections.containsKey(symbol.section())) {
        sections.get(symbol.section()).addFunction(symbol);
      }
    }
  }

  private Map<String, ProgramSpec> programs(ProgramLinker linker) {
    Map<String, ProgramSpec> programs = new LinkedHashMap<>();
    for (CodeSection section : sections.values()) {
      String name = section.section().name();
      if (name.equals(TEXT) || name.startsWith(TEXT + ".")) {
        continue;
      }
      List<CodeFunction> functions = new ArrayList<>(section.functions());
      functions.sort(Comparator.comparingInt(CodeFunction::slot));
      boolean exported = functions.stream().anyMatch(f -> !isStatic(f));
      for (CodeFunction function : functions) {
        // Before libbpf 1.0 a section was the program: what it begins with may be static.
        if (isStatic(function) && (exported || function.slot() != 0)) {
          continue;
        }
        ProgramSpec program = program(section, function, linker);
        if (programs.putIfAbsent(program.name(), program) != null) {
          throw section.error(function.slot(), "a second program named " + program.name());
        }
      }
    }
    return programs;
  }

  private static boolean isStatic(CodeFunction function) {
    return function.symbol().binding() == ElfSymbol.LOCAL;
  }

  private static ProgramSpec program(
      CodeSection section, CodeFunction function, ProgramLinker linker) {
    ProgramLinker.Linked linked = linker.link(section, function);
    String name = section.section().name();
    boolean autoload = !name.startsWith("?");
    String sectionName = autoload ? name : name.substring(1);
    return new ProgramSpec(
        function.name(),
        sectionName,
        kind(sectionName),
        linked.bytecode(),
        linked.functions(),
        linked.references(),
        linked.relocations(),
        linked.lines(),
        autoload);
  }

  private static ProgramSpec.ProgramKind kind(String section) {
    return SectionName.of(section)
        .map(row -> ProgramSpec.ProgramKind.of(row, row.target(section)))
        .orElseGet(() ->
            new ProgramSpec.ProgramKind(
                Optional.empty(),
                Optional.empty(),
                section.substring(section.indexOf('/') + 1),
                false,
                false));
  }
}
