package org.ebpf4j.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ebpf4j.isa.Register.R0;
import static org.ebpf4j.isa.Register.R1;
import static org.ebpf4j.isa.Register.R10;
import static org.ebpf4j.isa.Register.R2;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.ebpf4j.isa.InstructionException.Field;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class InstructionCodecTest {

  /// Encodings written by hand from the tables of RFC 9669 and of Linux's headers.
  static Stream<Arguments> knownEncodings() {
    return Stream.of(
        known(0x0000_0005_0000_01b7L, alu(Width.W64, AluOperation.MOV, R1, new Imm(5))),
        known(0x0000_0000_0000_21bcL, alu(Width.W32, AluOperation.MOV, R1, new Reg(R2))),
        known(0x0000_0000_0001_213fL, alu(Width.W64, AluOperation.SDIV, R1, new Reg(R2))),
        known(0xffff_ffff_0001_0194L, alu(Width.W32, AluOperation.SMOD, R1, new Imm(-1))),
        known(0x0000_0003_0000_01c7L, alu(Width.W64, AluOperation.ARSH, R1, new Imm(3))),
        known(0x0000_0000_0000_0187L, new Instruction.Negate(Width.W64, R1)),
        known(0x0000_0000_0020_21bfL, new Instruction.MoveSignExtended(Width.W64, R1, R2, 32)),
        known(0x0000_0000_0008_21bcL, new Instruction.MoveSignExtended(Width.W32, R1, R2, 8)),
        known(0x0000_0010_0000_01d4L, swap(Instruction.SwapBytes.Order.TO_LITTLE, 16)),
        known(0x0000_0020_0000_01dcL, swap(Instruction.SwapBytes.Order.TO_BIG, 32)),
        known(0x0000_0040_0000_01d7L, swap(Instruction.SwapBytes.Order.SWAP, 64)),
        known(0x0000_0001_0001_21bfL, new Instruction.CastAddressSpace(R1, R2, 0, 1)),
        known(0x0001_0000_0001_21bfL, new Instruction.CastAddressSpace(R1, R2, 1, 0)),
        known(
            0x0000_0000_fff8_a161L,
            new Instruction.Load(MemorySize.WORD, false, R1, R10, (short) -8)),
        known(
            0x0000_0000_0004_2191L, new Instruction.Load(MemorySize.BYTE, true, R1, R2, (short) 4)),
        known(
            0x0000_0007_fff0_0a6aL,
            new Instruction.Store(MemorySize.HALF, R10, (short) -16, new Imm(7))),
        known(
            0x0000_0000_fff0_1a7bL,
            new Instruction.Store(MemorySize.DOUBLE, R10, (short) -16, new Reg(R1))),
        known(0x0000_0000_0000_21dbL, atomic(AtomicOperation.ADD, MemorySize.DOUBLE)),
        known(0x0000_00f1_0000_21c3L, atomic(AtomicOperation.CMPXCHG, MemorySize.WORD)),
        known(
            0x0000_0100_0000_21cbL,
            new Instruction.LoadAcquire(MemorySize.HALF, R1, R2, (short) 0)),
        known(
            0x0000_0110_0000_21d3L,
            new Instruction.StoreRelease(MemorySize.BYTE, R1, (short) 0, R2)),
        known(0x0000_000c_0000_0028L, new Instruction.LoadPacket(MemorySize.HALF, new Imm(0), 12)),
        known(0x0000_000e_0000_1050L, new Instruction.LoadPacket(MemorySize.BYTE, new Reg(R1), 14)),
        known(
            0x0000_0000_0005_211dL,
            new Instruction.Jump(Width.W64, JumpCondition.EQUAL, R1, new Reg(R2), (short) 5)),
        known(
            0x0000_0009_fffe_01c6L,
            new Instruction.Jump(Width.W32, JumpCondition.SIGNED_LESS, R1, new Imm(9), (short) -2)),
        known(0x0000_0000_fffd_0005L, new Instruction.Goto(-3, false)),
        known(0x0001_0000_0000_0006L, new Instruction.Goto(65536, true)),
        known(0x0000_0000_0003_00e5L, new Instruction.MayGoto((short) 3)),
        known(0x0000_0006_0000_0085L, new Instruction.CallHelper(6)),
        known(0x0000_0002_0000_1085L, new Instruction.CallLocal(2)),
        known(0x0000_1234_0001_2085L, new Instruction.CallKernel(0x1234, (short) 1)),
        known(0x0000_0000_0000_0095L, new Instruction.Exit()));
  }

  @ParameterizedTest
  @MethodSource("knownEncodings")
  void decodesAndEncodesWhatTheStandardSays(long slot, Instruction instruction) {
    assertThat(InstructionCodec.decode(Bytecode.of(slot), 0)).isEqualTo(instruction);
    assertThat(InstructionCodec.encode(instruction)).isEqualTo(Bytecode.of(slot));
  }

  @Test
  void decodesBothHalvesOfAnImmediate() {
    Bytecode code = Bytecode.of(0x5566_7788_0000_0218L, 0x1122_3344L << 32);
    Instruction.LoadImmediate64 load = Instruction.LoadImmediate64.of(R2, 0x1122_3344_5566_7788L);
    assertThat(InstructionCodec.decode(code, 0)).isEqualTo(load);
    assertThat(load.value()).isEqualTo(0x1122_3344_5566_7788L);
    assertThat(InstructionCodec.encode(load)).isEqualTo(code);
  }

  @Test
  void decodesAProgramInOrder() {
    List<Instruction> program =
        List.of(
            Instruction.LoadImmediate64.of(R0, -1),
            alu(Width.W32, AluOperation.ADD, R0, new Imm(1)),
            new Instruction.Exit());
    assertThat(InstructionCodec.decode(InstructionCodec.encode(program))).isEqualTo(program);
  }

  @Test
  void knowsExactlyTheOpcodesOfLinux() {
    Set<Integer> known = new TreeSet<>();
    for (Instruction instruction : SampleInstructions.edges()) {
      known.add(Bytecode.opcode(InstructionCodec.encode(instruction).slot(0)));
    }
    Set<Integer> expected = new TreeSet<>();
    for (int code = 0x00; code <= 0xc0; code += 0x10) { // ADD to ARSH, without NEG
      if (code != 0x80) {
        expected.addAll(Set.of(code | 0x04, code | 0x0c, code | 0x07, code | 0x0f));
      }
    }
    expected.addAll(Set.of(0x84, 0x87, 0xd4, 0xdc, 0xd7));
    for (int code = 0x10; code <= 0xd0; code += 0x10) { // JEQ to JSLE, without CALL and EXIT
      if (code != 0x80 && code != 0x90) {
        expected.addAll(Set.of(code | 0x05, code | 0x0d, code | 0x06, code | 0x0e));
      }
    }
    expected.addAll(Set.of(0x05, 0x06, 0x85, 0x95, 0xe5));
    for (int size = 0x00; size <= 0x18; size += 0x08) {
      expected.addAll(Set.of(0x61 | size, 0x62 | size, 0x63 | size, 0xc3 | size));
    }
    expected.addAll(Set.of(0x81, 0x89, 0x91, 0x18, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50));
    assertThat(known).isEqualTo(expected);
  }

  @Test
  void encodesEveryEdgeBackToItsBits() {
    SampleInstructions.forEachEdge(InstructionCodecTest::assertRefusedOrInverse);
  }

  @Test
  void encodesRandomSlotsBackToTheirBits() {
    long seed = 9669;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 100_000; i++) {
      assertRefusedOrInverse(SampleInstructions.random(random));
    }
  }

  private static void assertRefusedOrInverse(Bytecode code) {
    Instruction instruction;
    try {
      instruction = InstructionCodec.decode(code, 0);
    } catch (InstructionException refused) {
      return;
    }
    Bytecode encoded = InstructionCodec.encode(instruction);
    for (int slot = 0; slot < encoded.size(); slot++) {
      if (encoded.slot(slot) != code.slot(slot)) {
        throw new AssertionError("%s came from %016x".formatted(instruction, code.slot(slot)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000, OPCODE, unknown opcode 0x00",
    "0000000000000bb7, DST, R11 is invalid",
    "000000000000f1bf, SRC, R15 is invalid",
    "0000000100001287, SRC, reserved",
    "0000000100000287, IMMEDIATE, reserved",
    "000000000000028f, OPCODE, unknown opcode 0x8f",
    "0000000000010207, OFFSET, reserved",
    "0000000000020237, OFFSET, not defined",
    "0000000100001207, SRC, reserved",
    "000000010000120f, IMMEDIATE, reserved",
    "0000000000000ce7, OPCODE, unknown",
    "00000008000002d7, IMMEDIATE, '16, 32 or 64'",
    "00000010000002df, OPCODE, unknown",
    "00000000002012bc, OFFSET, no variant 32",
    "00000000000112bf, IMMEDIATE, address space",
    "0000000100080222, OPCODE, unknown",
    "0000000100001261, IMMEDIATE, reserved",
    "0000000000001262, SRC, reserved",
    "0000000000001299, OPCODE, unknown",
    "00000002000012db, IMMEDIATE, no atomic operation",
    "00000000000012d3, OPCODE, 4 or 8 bytes",
    "0000000000001218, OPCODE, program ends",
    "0000000000007218, SRC, 0 to 6",
    "0000000000000128, DST, reserved",
    "0000000000001028, SRC, reserved",
    "0000000000000038, OPCODE, unknown",
    "0000000100000005, IMMEDIATE, reserved",
    "0000000000010006, OFFSET, reserved",
    "000000000000000d, OPCODE, unknown",
    "0000000000003085, SRC, no kind of call",
    "0000000000010085, OFFSET, reserved",
    "000000000000008d, OPCODE, callx",
    "0000000000000086, OPCODE, unknown",
    "0000000100000095, IMMEDIATE, reserved",
    "0000000000010095, OFFSET, reserved",
    "00000000000010e5, SRC, reserved",
    "00000001000000e5, IMMEDIATE, reserved",
    "00000000000000e6, OPCODE, unknown",
    "0000000000001115, SRC, reserved",
    "000000010000111d, IMMEDIATE, reserved",
  })
  void namesTheFieldAtFault(String slot, Field field, String words) {
    Bytecode code = Bytecode.of(0, Long.parseUnsignedLong(slot, 16));
    assertThatThrownBy(() -> InstructionCodec.decode(code, 1))
        .isInstanceOfSatisfying(
            InstructionException.class,
            refused -> {
              assertThat(refused.slot()).isEqualTo(1);
              assertThat(refused.field()).isEqualTo(field);
            })
        .hasMessageContaining(words)
        .hasMessageStartingWith("instruction 1, ");
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000001, OPCODE",
    "0000000000000100, DST",
    "0000000000001000, SRC",
    "0000000000010000, OFFSET",
  })
  void refusesReservedBitsInTheSecondHalfOfAnImmediate(String second, Field field) {
    Bytecode code = Bytecode.of(0x18, Long.parseUnsignedLong(second, 16));
    assertThatThrownBy(() -> InstructionCodec.decode(code, 0))
        .isInstanceOfSatisfying(
            InstructionException.class,
            refused -> {
              assertThat(refused.slot()).isEqualTo(1);
              assertThat(refused.field()).isEqualTo(field);
            });
  }

  @Test
  void refusesAnUpperHalfBesideAMap() {
    Bytecode code = Bytecode.of(0x1018, 1L << 32);
    assertThatThrownBy(() -> InstructionCodec.decode(code, 0))
        .isInstanceOfSatisfying(
            InstructionException.class,
            refused -> {
              assertThat(refused.slot()).isEqualTo(1);
              assertThat(refused.field()).isEqualTo(Field.IMMEDIATE);
            });
  }

  private static Arguments known(long slot, Instruction instruction) {
    return Arguments.of(slot, instruction);
  }

  private static Instruction alu(Width width, AluOperation operation, Register dst, Operand src) {
    return new Instruction.Alu(width, operation, dst, src);
  }

  private static Instruction swap(Instruction.SwapBytes.Order order, int bits) {
    return new Instruction.SwapBytes(order, R1, bits);
  }

  private static Instruction atomic(AtomicOperation operation, MemorySize size) {
    return new Instruction.Atomic(operation, size, R1, (short) 0, R2);
  }
}
