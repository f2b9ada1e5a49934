package org.ebpf4j.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.ebpf4j.isa.Disassembler.Option;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssemblerTest {

  @Test
  void takesBackEveryInstructionThatTheDisassemblerPrints() {
    for (Instruction instruction : Set.copyOf(SampleInstructions.edges())) {
      String text = Disassembler.plain().print(instruction, 0);
      assertThat(Assembler.assemble(text)).as(text).isEqualTo(InstructionCodec.encode(instruction));
    }
  }

  @Test
  void takesBackListingsOfRandomPrograms() {
    SplittableRandom random = new SplittableRandom(20250101);
    List<Instruction> program = new ArrayList<>();
    while (program.size() < 20_000) {
      try {
        program.add(InstructionCodec.decode(SampleInstructions.random(random), 0));
      } catch (InstructionException refused) {
        continue;
      }
    }
    Bytecode code = InstructionCodec.encode(program);
    String listing =
        Disassembler.plain()
            .with(Option.SLOT_NUMBERS)
            .withFunctions(List.of(new ProgramFunction(0, code.size(), "main", 0, true)))
            .print(code);
    assertThat(Assembler.assemble(listing)).isEqualTo(code);
  }

  @Test
  void resolvesLabelsBothWays() {
    Bytecode code =
        Assembler.assemble(
            """
            main:                       # a counted loop
              w1 = 3
            again: w1 -= 1              ; labels and instructions share lines
              if w1 != 0 goto again
              r2 = 0x100000000 ll       // takes two slots
              call double
              gotol out
              may_goto out
            out:
              exit
            double:
              r0 += r0
              exit
            """);
    assertThat(InstructionCodec.decode(code))
        .containsExactly(
            new Instruction.Alu(Width.W32, AluOperation.MOV, Register.R1, new Operand.Imm(3)),
            new Instruction.Alu(Width.W32, AluOperation.SUB, Register.R1, new Operand.Imm(1)),
            new Instruction.Jump(
                Width.W32, JumpCondition.NOT_EQUAL, Register.R1, new Operand.Imm(0), (short) -2),
            Instruction.LoadImmediate64.of(Register.R2, 0x1_0000_0000L),
            new Instruction.CallLocal(3),
            new Instruction.Goto(1, true),
            new Instruction.MayGoto((short) 0),
            new Instruction.Exit(),
            new Instruction.Alu(
                Width.W64, AluOperation.ADD, Register.R0, new Operand.Reg(Register.R0)),
            new Instruction.Exit());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r1 = 4294967295 | r1 = -1",
        "r1 = 18446744073709551615 ll | r1 = -0x1 ll",
        "w1 = *(u8 *)(r2 + 0) | r1 = *(u8 *)(r2 + 0x0)",
        "*(u32 *)(r10 - 8) = w1 | *(u32 *)(r10 - 0x8) = r1",
        "r1=*(u32*)(r2+4) | r1 = *(u32 *)(r2 + 0x4)",
        "lock *(u32 *)(r1 + 0) += w2 | lock *(u32 *)(r1 + 0x0) += r2",
        "12: exit | exit",
      })
  void takesOtherSpellings(String one, String other) {
    assertThat(Assembler.assemble(one)).isEqualTo(Assembler.assemble(other));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frob r1 | 1 | expected an instruction",
        "r11 = 1 | 1 | expected an instruction",
        "r1 = | 5 | expected a register or a number",
        "r1 = w2 | 6 | same width",
        "r1 ? 2 | 4 | operation such as",
        "r1 = 4294967296 | 6 | out of range",
        "r1 = 0xzz | 6 | expected a number",
        "r1 = *(u7 *)(r2 + 0) | 8 | expected u8",
        "r1 = *(u8 *)(r2 + 32768) | 17 | out of range",
        "*(s8 *)(r1 + 0) = 1 | 17 | signed",
        "goto nowhere | 6 | no label nowhere",
        "goto 40000 | 6 | use gotol",
        "if r1 ~ 2 goto +1 | 7 | expected a comparison",
        "if r1 > 2 exit | 11 | expected \"goto\"",
        "exit now | 6 | expected the end of the line",
        "r1 = -r2 | 7 | once more",
        "w1 = (s32)w2 | 7 | s8 or s16",
        "lock *(u8 *)(r1 + 0) += r2 | 27 | u32 or u64",
        "r1 = *(u8 *)skb[4] | 1 | r0",
        "r1 = addr_space_cast(r2, 1, 1) | 29 | other",
        "ld_pseudo r1, 9, 5 | 15 | out of range",
        "ld_pseudo r1, 1, 5, 6 | 21 | one number",
        "call 1 <kernel:x> | 8 | with a number",
        "call 1 <kernel:0x10000> | 8 | 0 to 0xffff",
        "goto +1 <main | 10 | expected \">\"",
      })
  void namesLineAndColumnOfWhatItCannotRead(String text, int column, String words) {
    assertThatThrownBy(() -> Assembler.assemble("exit\n " + text))
        .isInstanceOfSatisfying(
            AssemblyException.class,
            refused -> {
              assertThat(refused.line()).isEqualTo(2);
              assertThat(refused.getMessage()).contains(words);
              assertThat(refused.column()).as(refused.getMessage()).isEqualTo(column + 1);
            });
  }

  @Test
  void takesBackWhatLlvmObjdumpPrints() throws IOException {
    Bytecode assembled =
        Assembler.assemble(new String(resource("every-instruction.txt"), StandardCharsets.UTF_8));
    Bytecode original =
        Bytecode.read(ByteBuffer.wrap(resource("every-instruction.bin")), ByteOrder.LITTLE_ENDIAN);
    assertThat(assembled.size()).isEqualTo(original.size());
    for (int slot = 0; slot < original.size(); slot++) {
      // The listing does not tell a local call from a helper's.
      long known = Bytecode.opcode(original.slot(slot)) == 0x85 ? ~0xf000L : -1;
      assertThat(assembled.slot(slot) & known).isEqualTo(original.slot(slot) & known);
    }
  }

  @Test
  void refusesSpoiltTextWithItsOwnErrorOnly() throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    String text = new String(resource("every-instruction.txt"), StandardCharsets.UTF_8);
    List<String> lines = text.lines().toList();
    String spoilers = " \t+-*/=<>()[]{}.,:;#0123456789abxyrwslu_&|^%\"'\u0663\ud83d";
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder line = new StringBuilder(lines.get(random.nextInt(lines.size())));
      for (int change = random.nextInt(1, 4); change > 0 && !line.isEmpty(); change--) {
        int at = random.nextInt(line.length());
        char c = spoilers.charAt(random.nextInt(spoilers.length()));
        switch (random.nextInt(3)) {
          case 0 -> line.deleteCharAt(at);
          case 1 -> line.insert(at, c);
          default -> line.setCharAt(at, c);
        }
      }
      try {
        Assembler.assemble(line.toString());
      } catch (AssemblyException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = AssemblerTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void refusesALabelThatIsThereTwice() {
    assertThatThrownBy(() -> Assembler.assemble("a:\n exit\na: exit"))
        .hasMessage("line 3, column 1: label a is there already");
  }
}
