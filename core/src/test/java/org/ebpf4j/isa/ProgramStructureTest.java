package org.ebpf4j.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.ebpf4j.isa.InstructionException.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramStructureTest {

  @Test
  void findsFunctionsAndInstructions() {
    ProgramStructure structure =
        ProgramStructure.check(
            Assembler.assemble(
                """
                main:
                  r1 = 1 ll
                  ld_pseudo r2, 4, 3
                  call third
                  exit
                second:
                  goto second
                third:
                  exit
                """));
    assertThat(structure.functionCount()).isEqualTo(3);
    assertThat(structure.functionStart(1)).isEqualTo(6);
    assertThat(structure.functionEnd(1)).isEqualTo(7);
    assertThat(structure.functionEnd(2)).isEqualTo(8);
    assertThat(structure.startsInstruction(0)).isTrue();
    assertThat(structure.startsInstruction(1)).isFalse();
    assertThat(structure.instruction(7)).isEqualTo(new Instruction.Exit());
    assertThatThrownBy(() -> structure.instruction(1)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r0 = 0                           | 0 | OPCODE    | must end with an exit",
        "if r0 == 0 goto -1               | 0 | OPCODE    | must end with an exit",
        "goto +1                          | 0 | OFFSET    | goes to 2, outside",
        "exit; goto -3                    | 1 | OFFSET    | goes to -1, outside",
        "gotol 2147483647                 | 0 | IMMEDIATE | goes to 2147483648",
        "goto +1; r1 = 1 ll               | 0 | OFFSET    | middle of a 64-bit",
        "if r1 > 1 goto +5; exit          | 0 | OFFSET    | goes to 6",
        "may_goto -9; exit                | 0 | OFFSET    | goes to -8",
        "call 7 <local>; exit             | 0 | IMMEDIATE | goes to 8",
        "call 1 <local>; r1 = 1 ll; exit  | 0 | IMMEDIATE | middle of a 64-bit",
        "ld_pseudo r1, 4, -2147483648     | 0 | IMMEDIATE | goes to -2147483647",
        "call 1 <local>; r0 = 1; exit     | 1 | OPCODE    | must end with an exit",
        "call 1 <local>; goto +0; exit    | 1 | OFFSET    | outside of its function",
      })
  void refusesWithSlotAndField(String program, int slot, Field field, String words) {
    Bytecode code = Assembler.assemble(program.replace("; ", "\n").stripTrailing() + close(words));
    assertThatThrownBy(() -> ProgramStructure.check(code))
        .isInstanceOfSatisfying(
            InstructionException.class,
            refused -> {
              assertThat(refused.slot()).as(refused.getMessage()).isEqualTo(slot);
              assertThat(refused.field()).isEqualTo(field);
            })
        .hasMessageContaining(words);
  }

  /// Ends programs whose last instruction is not what the row is about.
  private static String close(String words) {
    return words.contains("must end") ? "" : "\nexit";
  }

  @ParameterizedTest
  @CsvSource({
    "*(u64 *)(r10 - 8) = r1",
    "lock *(u64 *)(r10 - 8) += r10",
    "'r0 = cmpxchg_64(r10 - 8, r0, r10)'",
    "may_goto +0",
  })
  void letsR10BeReadAndLoopsBe(String instruction) {
    assertThat(ProgramStructure.check(Assembler.assemble(instruction + "\nexit")).functionCount())
        .isEqualTo(1);
  }

  @Test
  void limitsTheSize() {
    assertThatThrownBy(() -> ProgramStructure.check(Bytecode.of()))
        .isInstanceOf(InstructionException.class)
        .hasMessageContaining("empty");
    long[] exits = new long[ProgramStructure.MAX_SLOTS + 1];
    Arrays.fill(exits, 0x95);
    assertThatThrownBy(() -> ProgramStructure.check(Bytecode.of(exits)))
        .isInstanceOf(InstructionException.class)
        .hasMessageContaining("1000001 slots");
    assertThat(ProgramStructure.check(Bytecode.of(Arrays.copyOf(exits, exits.length - 1))))
        .isNotNull();
  }
}
