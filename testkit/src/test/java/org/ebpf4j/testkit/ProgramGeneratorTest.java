package org.ebpf4j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.isa.ProgramStructure;
import org.junit.jupiter.api.Test;

/// Generated programs follow from their seed, and are programs.
class ProgramGeneratorTest {
  private static final int PROGRAMS = 300;

  @Test
  void theSameSeedGivesTheSameProgramAndInputs() {
    for (long seed = 0; seed < PROGRAMS; seed++) {
      TestProgram first = ProgramGenerator.generate(seed, Settings.DEFAULT);
      TestProgram second = ProgramGenerator.generate(seed, Settings.DEFAULT);
      assertThat(second.program()).isEqualTo(first.program());
      assertThat(second.inputs().size()).isEqualTo(first.inputs().size());
      for (int i = 0; i < first.inputs().size(); i++) {
        assertThat(second.inputs().get(i).packet()).isEqualTo(first.inputs().get(i).packet());
        assertThat(second.inputs().get(i).context()).isEqualTo(first.inputs().get(i).context());
      }
    }
  }

  @Test
  void differentSeedsGiveDifferentPrograms() {
    assertThat(ProgramGenerator.generate(1, Settings.DEFAULT).program().bytecode())
        .isNotEqualTo(ProgramGenerator.generate(2, Settings.DEFAULT).program().bytecode());
  }

  @Test
  void everyProgramHasASoundShapeAndPrintsAsTextThatGivesItBack() {
    for (long seed = 0; seed < PROGRAMS; seed++) {
      TestProgram program = ProgramGenerator.generate(seed, Settings.DEFAULT);
      ProgramStructure.check(program.program().bytecode());
      String text = Disassembler.plain().print(program.program().bytecode());
      assertThat(Assembler.assemble(text)).isEqualTo(program.program().bytecode());
    }
  }

  @Test
  void takingApartAndPuttingTogetherChangesNothing() {
    for (long seed = 0; seed < PROGRAMS; seed++) {
      TestProgram program = ProgramGenerator.generate(seed, Settings.DEFAULT);
      assertThat(
              Code.of(program.program())
                  .toSpec(
                      program.program().name(),
                      program.program().section(),
                      program.program().kind()))
          .isEqualTo(program.program());
    }
  }

  @Test
  void chanceIsTheSameOnEveryMachine() {
    Chance chance = new Chance(42);
    long[] numbers = {chance.number(), chance.number(), chance.number()};
    assertThat(Arrays.toString(numbers))
        .isEqualTo("[-4767286540954276203, 2949826092126892291, 5139283748462763858]");
  }
}
