package org.ebpf4j.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.Test;

/// Small programs, each accepted or refused for one reason.
class VerifierTest {
  private static final int MAP_LOOKUP = 1;
  private static final int RANDOM = 7;
  private static final int LOOP = 181;

  private final List<Instruction> code = new ArrayList<>();
  private final List<Reference> references = new ArrayList<>();
  private final MapSpec map = MapSpec.of("values", MapType.ARRAY, 4, 48, 4);

  private VerifierTest add(Instruction... instructions) {
    code.addAll(List.of(instructions));
    return this;
  }

  private static Instruction alu(AluOperation operation, Register dst, int value) {
    return new Instruction.Alu(Width.W64, operation, dst, new Operand.Imm(value));
  }

  private static Instruction alu(AluOperation operation, Register dst, Register src) {
    return new Instruction.Alu(Width.W64, operation, dst, new Operand.Reg(src));
  }

  private static Instruction mov(Register dst, int value) {
    return alu(AluOperation.MOV, dst, value);
  }

  private static Instruction mov(Register dst, Register src) {
    return alu(AluOperation.MOV, dst, src);
  }

  private static Instruction load(MemorySize size, Register dst, Register src, int offset) {
    return new Instruction.Load(size, false, dst, src, (short) offset);
  }

  private static Instruction store(MemorySize size, Register dst, int offset, int value) {
    return new Instruction.Store(size, dst, (short) offset, new Operand.Imm(value));
  }

  private static Instruction jump(JumpCondition condition, Register dst, int value, int offset) {
    return new Instruction.Jump(Width.W64, condition, dst, new Operand.Imm(value), (short) offset);
  }

  private static Instruction exit() {
    return new Instruction.Exit();
  }

  /// R0 = lookup(map, key 0), 7 slots.
  private VerifierTest lookup() {
    return lookup(0);
  }

  private VerifierTest lookup(int key) {
    add(store(MemorySize.WORD, Register.R10, -4, key), mov(Register.R2, Register.R10));
    add(alu(AluOperation.ADD, Register.R2, -4));
    int slot = code.stream().mapToInt(Instruction::slots).sum();
    references.add(new Reference.MapHandle(slot, "values"));
    return add(
        new Instruction.LoadImmediate64(
            Register.R1, Instruction.LoadImmediate64.Source.MAP_FD, 0, 0),
        new Instruction.CallHelper(MAP_LOOKUP));
  }

  private Verdict verify(ProgramType type) {
    return verify(Optional.of(type), VerifierOptions.DEFAULT);
  }

  private Verdict verify(Optional<ProgramType> type, VerifierOptions options) {
    var bytecode = InstructionCodec.encode(code);
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "",
            new ProgramSpec.ProgramKind(type, Optional.empty(), "", false, false),
            bytecode,
            List.of(new ProgramFunction(0, bytecode.size(), "test", 0, true)),
            references,
            List.of(),
            List.of(),
            true);
    return Verifier.verify(program, CollectionSpec.of(List.of(map), List.of(program)), options);
  }

  private void accepted() {
    assertThat(verify(ProgramType.SOCKET_FILTER)).isInstanceOf(Verdict.Accepted.class);
  }

  private void refused(String message, int slot) {
    refused(ProgramType.SOCKET_FILTER, message, slot);
  }

  private void refused(ProgramType type, String message, int slot) {
    assertThat(verify(type))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              assertThat(refused.diagnosis().message()).isEqualTo(message);
              assertThat(refused.diagnosis().slot()).isEqualTo(slot);
            });
  }

  @Test
  void acceptsAConstantResult() {
    add(mov(Register.R0, 0), exit()).accepted();
  }

  @Test
  void refusesAResultThatWasNeverSet() {
    add(exit()).refused("R0 !read_ok", 0);
  }

  @Test
  void refusesToRunOffTheEnd() {
    add(mov(Register.R0, 0)).refused("last insn is not an exit or jmp", 0);
  }

  @Test
  void refusesWhatIsNeverReached() {
    add(mov(Register.R0, 0), exit(), exit()).refused("unreachable insn 2", 2);
  }

  @Test
  void refusesAJumpOutOfTheProgram() {
    add(mov(Register.R0, 0), jump(JumpCondition.EQUAL, Register.R0, 0, 5), exit())
        .refused("jump out of range from insn 1 to 7", 1);
  }

  @Test
  void refusesToWriteTheFramePointer() {
    add(mov(Register.R10, 0), mov(Register.R0, 0), exit()).refused("frame pointer is read only", 0);
  }

  @Test
  void refusesAStoreBelowTheStack() {
    add(store(MemorySize.DOUBLE, Register.R10, -520, 0), mov(Register.R0, 0), exit())
        .refused("invalid write to stack R10 off=-520 size=8", 0);
  }

  @Test
  void refusesAMapValueThatMayBeNull() {
    lookup(4)
        .add(load(MemorySize.DOUBLE, Register.R1, Register.R0, 0), mov(Register.R0, 0), exit())
        .refused("R0 invalid mem access 'map_value_or_null'", 6);
  }

  @Test
  void acceptsAnElementThatIsThereInAnyCase() {
    lookup()
        .add(load(MemorySize.DOUBLE, Register.R1, Register.R0, 0), mov(Register.R0, 0), exit())
        .accepted();
  }

  @Test
  void acceptsAMapValueThatWasChecked() {
    lookup()
        .add(
            jump(JumpCondition.EQUAL, Register.R0, 0, 1),
            load(MemorySize.DOUBLE, Register.R1, Register.R0, 40),
            mov(Register.R0, 0),
            exit())
        .accepted();
  }

  @Test
  void refusesALoadBeyondAMapValue() {
    lookup()
        .add(
            jump(JumpCondition.EQUAL, Register.R0, 0, 1),
            load(MemorySize.DOUBLE, Register.R1, Register.R0, 41),
            mov(Register.R0, 0),
            exit())
        .refused("R0 min value is outside of the allowed memory range", 7);
  }

  @Test
  void acceptsAnIndexThatWasChecked() {
    indexed(5).accepted();
  }

  @Test
  void refusesAnIndexThatMayBeOneTooFar() {
    indexed(6).refused("R0 max value is outside of the allowed memory range", 12);
  }

  /// value[8 * index], where the index is at most `limit`.
  private VerifierTest indexed(int limit) {
    return add(new Instruction.CallHelper(RANDOM), mov(Register.R6, Register.R0))
        .lookup()
        .add(
            jump(JumpCondition.EQUAL, Register.R0, 0, 4),
            jump(JumpCondition.GREATER, Register.R6, limit, 3),
            alu(AluOperation.LSH, Register.R6, 3),
            alu(AluOperation.ADD, Register.R0, Register.R6),
            load(MemorySize.DOUBLE, Register.R1, Register.R0, 0),
            mov(Register.R0, 0),
            exit());
  }

  @Test
  void acceptsABoundedLoop() {
    add(
            mov(Register.R0, 0),
            alu(AluOperation.ADD, Register.R0, 1),
            jump(JumpCondition.LESS, Register.R0, 100, -2),
            exit())
        .accepted();
  }

  @Test
  void refusesALoopWithoutEnd() {
    add(mov(Register.R0, 0), jump(JumpCondition.NOT_EQUAL, Register.R0, 1, -1), exit())
        .refused("infinite loop detected at insn 1", 1);
  }

  @Test
  void refusesALoopThatIsTooLong() {
    add(
            mov(Register.R0, 0),
            alu(AluOperation.ADD, Register.R0, 1),
            jump(JumpCondition.LESS, Register.R0, 100_000_000, -2),
            exit())
        .refused("BPF program is too large. Processed 1000001 insn", 2);
  }

  @Test
  void refusesPacketBytesThatWereNotChecked() {
    packet(8, 9).refused(ProgramType.XDP, "R2 offset is outside of the packet", 5);
  }

  @Test
  void acceptsPacketBytesThatWereChecked() {
    assertThat(packet(8, 0).verify(ProgramType.XDP)).isInstanceOf(Verdict.Accepted.class);
  }

  /// Loads 8 bytes at `offset` of a packet of at least `length` bytes.
  private VerifierTest packet(int length, int offset) {
    return add(
        load(MemorySize.WORD, Register.R2, Register.R1, 0),
        load(MemorySize.WORD, Register.R3, Register.R1, 4),
        mov(Register.R4, Register.R2),
        alu(AluOperation.ADD, Register.R4, length),
        new Instruction.Jump(
            Width.W64, JumpCondition.GREATER, Register.R4, new Operand.Reg(Register.R3), (short) 1),
        load(MemorySize.DOUBLE, Register.R5, Register.R2, offset),
        mov(Register.R0, 0),
        exit());
  }

  @Test
  void refusesAContextFieldThatIsNotThere() {
    add(load(MemorySize.WORD, Register.R1, Register.R1, 76), mov(Register.R0, 0), exit())
        .refused("invalid bpf_context access off=76 size=4", 0);
  }

  @Test
  void refusesAHelperOfOtherProgramTypes() {
    add(new Instruction.CallHelper(44), exit())
        .refused("program of this type cannot use helper bpf_xdp_adjust_head#44", 0);
  }

  @Test
  void acceptsAnUnboundedNumberOfCallbacks() {
    add(
            new Instruction.CallHelper(RANDOM),
            mov(Register.R1, Register.R0),
            new Instruction.LoadImmediate64(
                Register.R2, Instruction.LoadImmediate64.Source.FUNCTION, 6, 0),
            mov(Register.R3, 0),
            mov(Register.R4, 0),
            new Instruction.CallHelper(LOOP),
            mov(Register.R0, 0),
            exit(),
            mov(Register.R0, 0),
            exit())
        .accepted();
  }

  @Test
  void refusesACallbackThatReturnsTooMuch() {
    add(
            mov(Register.R1, 10),
            new Instruction.LoadImmediate64(
                Register.R2, Instruction.LoadImmediate64.Source.FUNCTION, 6, 0),
            mov(Register.R3, 0),
            mov(Register.R4, 0),
            new Instruction.CallHelper(LOOP),
            mov(Register.R0, 0),
            exit(),
            mov(Register.R0, 2),
            exit())
        .refused(
            "At callback return the register R0 has smin=2 smax=2 should have been in [0, 1]", 9);
  }

  /// What one round of the callback stores spoils the next one's access, and whether that number
  /// matters turns out only after the path that stores it was ended. Linux 6.18 accepts this.
  @Test
  void walksOnWhatALoopThroughCallbacksTurnsOutToNeed() {
    add(
        new Instruction.CallHelper(RANDOM),
        new Instruction.Store(
            MemorySize.DOUBLE, Register.R10, (short) -8, new Operand.Reg(Register.R0)),
        store(MemorySize.DOUBLE, Register.R10, -16, -32),
        mov(Register.R1, 7),
        new Instruction.LoadImmediate64(
            Register.R2, Instruction.LoadImmediate64.Source.FUNCTION, 6, 0),
        mov(Register.R3, Register.R10),
        mov(Register.R4, 0),
        new Instruction.CallHelper(LOOP),
        mov(Register.R0, 0),
        exit());
    // Slot 11, the callback: sometimes an access at the number in the caller's frame ...
    add(
        mov(Register.R9, Register.R2),
        load(MemorySize.DOUBLE, Register.R8, Register.R9, -8),
        load(MemorySize.DOUBLE, Register.R6, Register.R9, -16),
        new Instruction.CallHelper(RANDOM),
        jumpAbove(Register.R0, Register.R8, 4));
    // ... and sometimes another number there.
    add(
        new Instruction.CallHelper(RANDOM),
        jumpAbove(Register.R0, Register.R8, 6),
        mov(Register.R0, 0),
        exit(),
        mov(Register.R1, Register.R10),
        alu(AluOperation.ADD, Register.R1, Register.R6),
        store(MemorySize.DOUBLE, Register.R1, 0, 42),
        new Instruction.Goto((short) -8, false),
        store(MemorySize.DOUBLE, Register.R9, -16, -31),
        new Instruction.Goto((short) -8, false));
    assertThat(
            verify(
                Optional.of(ProgramType.RAW_TRACEPOINT),
                VerifierOptions.DEFAULT.withCheckpointsEverywhere(true)))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused ->
                assertThat(refused.diagnosis().message())
                    .isEqualTo("misaligned stack access off 0+-31+0 size 8"));
  }

  private static Instruction jumpAbove(Register dst, Register src, int offset) {
    return new Instruction.Jump(
        Width.W64, JumpCondition.GREATER, dst, new Operand.Reg(src), (short) offset);
  }

  private void refusedUnprivileged(String message) {
    assertThat(verify(ProgramType.SOCKET_FILTER)).isInstanceOf(Verdict.Accepted.class);
    assertThat(
            verify(
                Optional.of(ProgramType.SOCKET_FILTER),
                VerifierOptions.DEFAULT.withUnprivileged(true)))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.diagnosis().message()).isEqualTo(message));
  }

  @Test
  void theUnprivilegedLearnNoAddress() {
    add(mov(Register.R0, Register.R10), exit())
        .refusedUnprivileged("R0 leaks addr as return value");
  }

  @Test
  void theUnprivilegedDoNotLoop() {
    add(
            mov(Register.R0, 0),
            alu(AluOperation.ADD, Register.R0, 1),
            jump(JumpCondition.LESS, Register.R0, 4, -2),
            exit())
        .refusedUnprivileged("back-edge from insn 2 to 1");
  }

  @Test
  void theUnprivilegedReadNoStackThatNobodyWrote() {
    add(load(MemorySize.DOUBLE, Register.R0, Register.R10, -8), mov(Register.R0, 0), exit())
        .refusedUnprivileged("invalid read from stack R10 off=-8 size=8");
  }

  /// Bytes that a state seen before had on its stack cover neither a pointer there nor bytes that
  /// nobody wrote, as they do for who may read all of these.
  @Test
  void bytesOnTheStackStandForNothingElseToTheUnprivileged() {
    addMerging("*(u64 *)(r10 - 8) = r6").refusedUnprivileged("R0 leaks addr as return value");
    code.clear();
    addMerging("r9 = 1").refusedUnprivileged("invalid read from stack R10 off=-8 size=8");
  }

  /// On one path there are bytes at `fp-8`, on the other there is what an instruction puts there;
  /// and enough follows for states to be kept, before the stack is read.
  private VerifierTest addMerging(String other) {
    String kept = "r3 = 1\nr3 += 2\n".repeat(6) + "if r8 == 1 goto +1\nr3 = 5\n";
    String text =
        """
        r6 = r1
        r7 = *(u32 *)(r1 + 0)
        r8 = *(u32 *)(r1 + 4)
        if r7 == 0 goto other
        *(u32 *)(r10 - 8) = r7
        *(u32 *)(r10 - 4) = r7
        goto join
        other:
        %s
        join:
        %s
        r0 = *(u64 *)(r10 - 8)
        r0 += 0
        exit
        """;
    String assembly = text.formatted(other, kept.repeat(3));
    return add(InstructionCodec.decode(Assembler.assemble(assembly)).toArray(Instruction[]::new));
  }

  @Test
  void theUnprivilegedLoadFewProgramTypes() {
    add(mov(Register.R0, 2), exit());
    assertThat(verify(Optional.of(ProgramType.XDP), VerifierOptions.DEFAULT.withUnprivileged(true)))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(
            verify(
                Optional.of(ProgramType.SOCKET_FILTER),
                VerifierOptions.DEFAULT.withUnprivileged(true)))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void tellsThePathAndTheRegisters() {
    add(
        new Instruction.CallHelper(RANDOM),
        jump(JumpCondition.EQUAL, Register.R0, 0, 1),
        exit(),
        load(MemorySize.BYTE, Register.R1, Register.R0, 0),
        exit());
    assertThat(verify(ProgramType.SOCKET_FILTER))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              assertThat(refused.diagnosis().message()).isEqualTo("R0 invalid mem access 'scalar'");
              assertThat(refused.diagnosis().path())
                  .containsExactly(
                      new Diagnosis.Branch(1, "if r0 == 0x0 goto pc+1", true, 1, Optional.empty()));
              assertThat(refused.diagnosis().registers()).contains("R0=0");
            });
  }

  @Test
  void tellsADecisionOfALoopOnce() {
    add(
        mov(Register.R1, 0),
        alu(AluOperation.ADD, Register.R1, 1),
        jump(JumpCondition.NOT_EQUAL, Register.R1, 9, -2),
        load(MemorySize.BYTE, Register.R0, Register.R1, 0),
        exit());
    assertThat(verify(ProgramType.SOCKET_FILTER))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused ->
                assertThat(refused.diagnosis().path())
                    .extracting(Diagnosis.Branch::decision)
                    .containsExactly("taken 8 times", "not taken"));
  }

  @Test
  void saysWhichNumberIsTooMuchForAPointer() {
    add(
        new Instruction.CallHelper(RANDOM),
        mov(Register.R1, Register.R10),
        alu(AluOperation.ADD, Register.R1, Register.R0),
        exit());
    assertThat(verify(ProgramType.SOCKET_FILTER))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              Diagnosis diagnosis = refused.diagnosis();
              assertThat(diagnosis.message()).contains("register with unbounded min value");
              assertThat(diagnosis.suspect().orElseThrow().value()).isEqualTo("any number");
              assertThat(diagnosis.remedy()).startsWith("Before this, compare R0 with a bound");
            });
  }

  @Test
  void knowsWhatIsReachedAndLive() {
    add(
        mov(Register.R1, 1),
        jump(JumpCondition.EQUAL, Register.R1, 1, 1),
        mov(Register.R0, Register.R1),
        mov(Register.R0, 2),
        exit());
    assertThat(verify(ProgramType.SOCKET_FILTER))
        .isInstanceOfSatisfying(
            Verdict.Accepted.class,
            accepted -> {
              assertThat(accepted.facts().isReachable(2)).isFalse();
              assertThat(accepted.facts().isReachable(3)).isTrue();
              assertThat(accepted.facts().isLive(1, 1)).isTrue();
              assertThat(accepted.facts().isLive(3, 1)).isFalse();
            });
  }

  @Test
  void judgesAnApplicationsOwnProgramType() {
    ContextLayout layout =
        new ContextLayout(
            "request",
            8,
            List.of(
                new ContextLayout.Field(
                    "size",
                    0,
                    8,
                    ContextLayout.Kind.NUMBER,
                    ContextLayout.Access.READ,
                    ContextLayout.Narrow.LOADS,
                    8)));
    VerifierOptions options =
        VerifierOptions.DEFAULT
            .withProgramType(new OwnProgramType(layout, 0, 1))
            .withHelpers(List.of(HelperPrototype.ofNumbers(70_000, "score", 1)));
    add(
        load(MemorySize.DOUBLE, Register.R1, Register.R1, 0),
        new Instruction.CallHelper(70_000),
        alu(AluOperation.AND, Register.R0, 1),
        exit());
    assertThat(verify(Optional.empty(), options)).isInstanceOf(Verdict.Accepted.class);
    assertThat(verify(Optional.empty(), VerifierOptions.DEFAULT))
        .isInstanceOf(Verdict.NotJudged.class);
    code.set(2, alu(AluOperation.AND, Register.R0, 3));
    assertThat(verify(Optional.empty(), options))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused ->
                assertThat(refused.diagnosis().message())
                    .isEqualTo(
                        "At program exit the register R0 has smin=0 smax=3 should have been in [0,"
                            + " 1]"));
  }

  @Test
  void answersForAnyBytesAtAll() {
    Random random = new Random(20261121);
    for (int i = 0; i < 20_000; i++) {
      long[] slots = new long[1 + random.nextInt(12)];
      for (int j = 0; j < slots.length; j++) {
        slots[j] = random.nextLong() & (random.nextBoolean() ? -1L : 0x0000_000f_000f_33ffL);
      }
      slots[slots.length - 1] = 0x95;
      ProgramSpec program = ProgramSpec.of("random", ProgramType.XDP, Bytecode.of(slots));
      assertThat(
              Verifier.verify(
                  program, CollectionSpec.of(List.of(), List.of(program)), VerifierOptions.DEFAULT))
          .isNotNull();
    }
  }

  @Test
  void kernelFunctionsOfTheApplicationAreCheckedByTheirPrototype() {
    HelperPrototype own = HelperPrototype.ofNumbers(0, "sum", 2);
    VerifierOptions options = VerifierOptions.DEFAULT.withKernelFunctions(List.of(own));
    references.add(new Reference.KernelFunction(1, "sum", 0, false));
    add(mov(Register.R2, 4), new Instruction.CallKernel(1, (short) 0), exit());
    assertThat(verify(Optional.of(ProgramType.XDP), options)).isInstanceOf(Verdict.Accepted.class);

    code.removeFirst();
    references.set(0, new Reference.KernelFunction(0, "sum", 0, false));
    assertThat(verify(Optional.of(ProgramType.XDP), options))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.diagnosis().message()).isEqualTo("R2 !read_ok"));
  }

  @Test
  void limitsEndTheWalk() {
    add(mov(Register.R6, 0), alu(AluOperation.ADD, Register.R6, 1));
    add(jump(JumpCondition.LESS, Register.R6, 1000, -2), mov(Register.R0, 0), exit());
    VerifierOptions few = VerifierOptions.DEFAULT.withLimits(new VerifierLimits(100, 1 << 30));
    assertThat(verify(Optional.of(ProgramType.XDP), few))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused ->
                assertThat(refused.diagnosis().message()).contains("BPF program is too large"));
    VerifierOptions small =
        VerifierOptions.DEFAULT.withLimits(new VerifierLimits(1_000_000, 10_000));
    assertThat(verify(Optional.of(ProgramType.XDP), small)).isInstanceOf(Verdict.NotJudged.class);
  }
}
