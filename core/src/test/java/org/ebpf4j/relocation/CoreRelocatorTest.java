package org.ebpf4j.relocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.CoreRelocation;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.TestObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The expected numbers are what libbpf 1.1 makes of the same two objects
/// (`bpf_object_open_opts.btf_custom_path`, from its debug log).
class CoreRelocatorTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "offsets    | 40, 24 (4 bytes), 92, 180, 182, poisoned",
        "stores     | 208 (8 bytes), 24 (4 bytes), 268, 104",
        "fields     | 32, 4, 1, 0, 1, 54, 60",
        "flavours   | 1, 216",
        "types      | 1, 0, 16, 0, 1",
        "enums      | 68, 1, 0",
        "poisoned   | poisoned",
      })
  void patchesAsLibbpfDoes(String program, String expected) {
    assertThat(String.join(", ", patched("clang-19/program", program, "clang-19/target")))
        .isEqualTo(expected);
  }

  @Test
  void givesTypeIdsOfBothSides() {
    CollectionSpec object = TestObjects.read("clang-19/program");
    Btf target = TestObjects.btf("clang-19/target");

    assertThat(patched("clang-19/program", "ids", "clang-19/target"))
        .containsExactly(
            String.valueOf(object.btf().find("inner", BtfType.Composite.class).getFirst()),
            String.valueOf(target.find("inner", BtfType.Composite.class).getFirst()));
  }

  @Test
  void matchesTypes() {
    assertThat(patched("clang-19/matches", "match", "clang-19/target")).containsExactly("0", "1");
    assertThat(patched("clang-19/matches", "match", "clang-19/matches")).containsExactly("1", "1");
  }

  @ParameterizedTest
  @CsvSource({"clang-14", "clang-16", "clang-19", "big-endian"})
  void changesNothingForTheTypesThatItWasCompiledFor(String folder) {
    CollectionSpec object = TestObjects.read(folder + "/program");
    CoreRelocator relocator = new CoreRelocator(object.btf(), object.btf());

    for (ProgramSpec program : object.programs().values()) {
      CoreRelocator.Result result = relocator.relocate(program);

      assertThat(result.failures()).isEmpty();
      assertThat(result.program().relocations()).isEmpty();
      if (!program.name().equals("flavours") && !program.name().equals("fields")) {
        assertThat(result.program().bytecode()).isEqualTo(program.bytecode());
      }
    }
  }

  @Test
  void saysWhatIsMissing() {
    CollectionSpec object = TestObjects.read("clang-19/program");
    ProgramSpec poisoned = object.program("poisoned").orElseThrow();

    CoreRelocator.Result result =
        new CoreRelocator(object.btf(), TestObjects.btf("clang-19/target")).relocate(poisoned);

    assertThat(result.failures())
        .isEqualTo(
            Map.of(
                0,
                "struct sample.only_local: the target's type sample lacks it, or has it with"
                    + " another type"));
    assertThat(Bytecode.immediate(result.program().bytecode().slot(0))).isEqualTo(0xbad2310);
    assertThat(new CoreRelocator(object.btf(), Btf.empty()).relocate(poisoned).failures())
        .containsEntry(0, "struct sample.only_local: the target has no type sample");
  }

  @Test
  void saysWhichFieldCannotBeRead() {
    CollectionSpec object = TestObjects.read("clang-19/program");

    assertThat(
            new CoreRelocator(object.btf(), TestObjects.btf("clang-19/target"))
                .relocate(object.program("offsets").orElseThrow())
                .failures()
                .values())
        .containsExactly(
            "struct sample.narrow: its size is 8 bytes instead of 2, and it is no pointer and no"
                + " unsigned integer");
  }

  @Test
  void refusesAmbiguousTargets() {
    CollectionSpec object = TestObjects.read("clang-19/program");
    CoreRelocator relocator =
        new CoreRelocator(object.btf(), TestObjects.btf("clang-19/ambiguous"));

    assertThatExceptionOfType(CoreRelocationException.class)
        .isThrownBy(() -> relocator.relocate(object.program("stores").orElseThrow()))
        .withMessageStartingWith("program stores, instruction 1: the target gives two answers");
  }

  @Test
  void prefersTheBaseOfASplitTarget() {
    CollectionSpec object = TestObjects.read("clang-19/program");
    Btf base = TestObjects.btf("clang-19/target");
    Btf split = Btf.split(base, TestObjects.btf("clang-19/ambiguous").ownTypes().subList(0, 1));
    ProgramSpec stores = object.program("stores").orElseThrow();

    assertThat(new CoreRelocator(object.btf(), split).relocate(stores).program().bytecode())
        .isEqualTo(new CoreRelocator(object.btf(), base).relocate(stores).program().bytecode());
  }

  @Test
  void refusesPathsThatLeadNowhere() {
    CollectionSpec object = TestObjects.read("clang-19/program");
    ProgramSpec program = object.program("poisoned").orElseThrow();
    CoreRelocation relocation = program.relocations().getFirst();

    for (String path : List.of("", "0:99", "0:-1", "0:x", "0:0:0", "0:4:5", "1:1:1:1")) {
      ProgramSpec broken =
          new ProgramSpec(
              program.name(),
              program.section(),
              program.kind(),
              program.bytecode(),
              program.functions(),
              List.of(),
              List.of(
                  new CoreRelocation(
                      relocation.slot(), relocation.type(), path, relocation.kind())),
              List.of(),
              true);
      assertThatExceptionOfType(CoreRelocationException.class)
          .isThrownBy(() -> new CoreRelocator(object.btf(), object.btf()).relocate(broken));
    }
  }

  /// What each relocated instruction holds afterwards.
  private static List<String> patched(String object, String name, String target) {
    CollectionSpec spec = TestObjects.read(object);
    ProgramSpec program = spec.program(name).orElseThrow();
    Bytecode before = program.bytecode();
    Bytecode after =
        new CoreRelocator(spec.btf(), TestObjects.btf(target))
            .relocate(program)
            .program()
            .bytecode();
    List<String> values = new ArrayList<>();
    for (CoreRelocation relocation : program.relocations()) {
      values.add(describe(before.slot(relocation.slot()), after.slot(relocation.slot())));
    }
    return values;
  }

  private static String describe(long before, long after) {
    int opcode = Bytecode.opcode(after);
    return switch (opcode & 7) {
      case 0, 4, 7 -> String.valueOf(Bytecode.immediate(after));
      case 5 -> "poisoned";
      default ->
          Bytecode.offset(after)
              + (opcode == Bytecode.opcode(before) ? "" : " (%d bytes)".formatted(size(opcode)));
    };
  }

  private static int size(int opcode) {
    return switch (opcode & 0x18) {
      case 0x00 -> 4;
      case 0x08 -> 2;
      case 0x10 -> 1;
      default -> 8;
    };
  }
}
