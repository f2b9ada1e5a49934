package org.ebpf4j.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.Test;

/// What is told of accepted programs.
class FactsTest {
  private static final MapSpec VALUES = MapSpec.of("values", MapType.ARRAY, 4, 48, 4);
  private static final MapSpec PROGRAMS = MapSpec.of("programs", MapType.PROG_ARRAY, 4, 4, 4);

  /// The facts of a program that loads the map of values by `ld_pseudo REGISTER, 1, 0`, and that of
  /// programs by `ld_pseudo REGISTER, 1, 1`.
  private static Facts facts(ProgramType type, String text) {
    Bytecode code = Assembler.assemble(text);
    List<Reference> references = new ArrayList<>();
    int slot = 0;
    for (Instruction instruction : InstructionCodec.decode(code)) {
      if (instruction instanceof Instruction.LoadImmediate64 load
          && load.source() == Instruction.LoadImmediate64.Source.MAP_FD) {
        references.add(new Reference.MapHandle(slot, (load.low() == 0 ? VALUES : PROGRAMS).name()));
      }
      slot += instruction.slots();
    }
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "",
            new ProgramSpec.ProgramKind(Optional.of(type), Optional.empty(), "", false, false),
            code,
            List.of(new ProgramFunction(0, code.size(), "test", 0, true)),
            references,
            List.of(),
            List.of(),
            true);
    Verdict verdict =
        Verifier.verify(
            program,
            CollectionSpec.of(List.of(VALUES, PROGRAMS), List.of(program)),
            VerifierOptions.DEFAULT);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    return ((Verdict.Accepted) verdict).facts();
  }

  private static Facts facts(String text) {
    return facts(ProgramType.SOCKET_FILTER, text);
  }

  private static RegisterFact.Scalar scalar(Facts facts, int slot, int register) {
    assertThat(facts.before(slot, register)).isInstanceOf(RegisterFact.Scalar.class);
    return (RegisterFact.Scalar) facts.before(slot, register);
  }

  @Test
  void theContextAndTheFramePointerArePointers() {
    Facts facts =
        facts(
            """
            r0 = *(u32 *)(r1 + 0)
            *(u64 *)(r10 - 8) = r0
            exit
            """);
    assertThat(facts.before(0, 1))
        .isEqualTo(
            new RegisterFact.Pointer(PointerKind.CONTEXT, false, 0, new PointerTarget.Any()));
    assertThat(facts.before(1, 10))
        .isEqualTo(
            new RegisterFact.Pointer(PointerKind.STACK, false, 0, new PointerTarget.OwnFrame()));
    assertThat(scalar(facts, 1, 0).unsignedMax()).isEqualTo(0xffff_ffffL);
  }

  @Test
  void theContextIsAccessedUpToTheEndOfTheFarthestAccess() {
    Facts facts =
        facts(
            ProgramType.RAW_TRACEPOINT,
            """
            r0 = *(u64 *)(r1 + 64)
            r0 = *(u64 *)(r1 + 16)
            exit
            """);
    assertThat(facts.contextBytes()).isEqualTo(72);
  }

  /// The walk prunes the second path into `join`, for nothing there depends on the number.
  @Test
  void numbersThatNoProofNeedsAreFactsAllTheSame() {
    Facts facts =
        facts(
            """
              r6 = *(u32 *)(r1 + 0)
              r7 = 3
              if r6 == 0 goto join
              r7 = 9
            join:
              r0 = r7
              r0 <<= 1
              exit
            """);
    RegisterFact.Scalar number = scalar(facts, 4, 7);
    assertThat(number.contains(3)).isTrue();
    assertThat(number.contains(9)).isTrue();
    assertThat(number.unsignedMax()).isLessThan(16);
    assertThat(scalar(facts, 6, 0).unsignedMax()).isLessThan(32);
  }

  /// As compilers write a loop that goes by what its counter was.
  @Test
  void aCounterStaysInTheBoundsOfItsTestedCopy() {
    Facts facts =
        facts(
            """
              r6 = 0
              r0 = 0
            loop:
              r7 = r6
              r0 += r7
              r6 += 8
              if r7 < 96 goto loop
              exit
            """);
    RegisterFact.Scalar counter = scalar(facts, 2, 6);
    assertThat(counter.unsignedMin()).isZero();
    assertThat(counter.unsignedMax()).isEqualTo(96);
  }

  @Test
  void aTestOfWhatWasACopySaysNothingOfTheOther() {
    Facts facts =
        facts(
            """
              r6 = *(u32 *)(r1 + 0)
              r7 = r6
              r7 <<= 1
              r0 = 0
              if r7 > 9 goto out
              r0 = r6
            out:
              exit
            """);
    assertThat(scalar(facts, 5, 6).unsignedMax()).isEqualTo(0xffff_ffffL);
  }

  @Test
  void aLoopsCounterStaysInItsBounds() {
    Facts facts =
        facts(
            """
              r6 = 0
              r0 = 0
            loop:
              r0 += r6
              r6 += 1
              if r6 < 100 goto loop
              exit
            """);
    RegisterFact.Scalar counter = scalar(facts, 2, 6);
    assertThat(counter.unsignedMin()).isZero();
    assertThat(counter.unsignedMax()).isEqualTo(99);
    assertThat(facts.instructionBound()).hasValue(2 + 100 * 3 + 1);
  }

  @Test
  void aCounterThatGoesByAPowerOfTwoStaysInItsBounds() {
    Facts facts =
        facts(
            """
              r6 = 0
              r0 = 0
            loop:
              r0 += r6
              r6 += 8
              if w6 != 1504 goto loop
              exit
            """);
    RegisterFact.Scalar counter = scalar(facts, 2, 6);
    assertThat(counter.unsignedMin()).isZero();
    assertThat(counter.unsignedMax()).isEqualTo(1496);
    assertThat(scalar(facts, 4, 6).unsignedMax()).isEqualTo(1504);
  }

  /// 1501 is no multiple of 2, and the loop goes past it.
  @Test
  void aCounterThatPassesItsEndIsNotBoundedByIt() {
    Facts facts =
        facts(
            """
              r6 = 0
              r7 = 0
            loop:
              r6 += 2
              r7 += 1
              if r7 > 1000 goto out
              if w6 != 1501 goto loop
            out:
              r0 = 0
              r0 += r6
              exit
            """);
    assertThat(scalar(facts, 2, 6).contains(1502)).isTrue();
    assertThat(scalar(facts, 7, 6).contains(2002)).isTrue();
  }

  @Test
  void aLoopUpToAnUnknownNumberHasItsBoundsToo() {
    Facts facts =
        facts(
            """
              r7 = *(u32 *)(r1 + 0)
              r7 &= 63
              r6 = 0
              r0 = 0
            loop:
              if r6 >= r7 goto out
              r6 += 1
              goto loop
            out:
              exit
            """);
    assertThat(scalar(facts, 5, 6).unsignedMax()).isEqualTo(62);
  }

  @Test
  void aLookupGivesAValueOrNothing() {
    Facts facts =
        facts(
            """
              *(u32 *)(r10 - 4) = 1
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 1
              if r0 == 0 goto out
              r0 = *(u64 *)(r0 + 8)
            out:
              exit
            """);
    var map = new PointerTarget.OfMap("values");
    assertThat(facts.before(5, 1))
        .isEqualTo(new RegisterFact.Pointer(PointerKind.MAP, false, 0, map));
    assertThat(facts.before(5, 2))
        .isEqualTo(
            new RegisterFact.Pointer(PointerKind.STACK, false, -4, new PointerTarget.OwnFrame()));
    assertThat(facts.before(6, 0))
        .isEqualTo(new RegisterFact.Pointer(PointerKind.MAP_VALUE, true, 0, map));
    assertThat(facts.before(7, 0))
        .isEqualTo(new RegisterFact.Pointer(PointerKind.MAP_VALUE, false, 0, map));
    assertThat(facts.stackUse(0).escapes(-4, 4)).isTrue();
    assertThat(facts.stackUse(0).escapes(-8, 4)).isFalse();
    assertThat(facts.stackUse(0).escapesBesidesLookups(-4, 4)).isFalse();
    assertThat(facts.mayFault(7)).isFalse();
  }

  @Test
  void keysOfOtherCallsEscapeForGood() {
    Facts facts =
        facts(
            """
              *(u32 *)(r10 - 4) = 1
              *(u32 *)(r10 - 8) = 2
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 1
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 3
              r2 = r10
              r2 += -8
              ld_pseudo r1, 1, 0
              call 1
              r0 = 0
              exit
            """);
    assertThat(facts.stackUse(0).escapesBesidesLookups(-4, 4)).isTrue();
    assertThat(facts.stackUse(0).escapes(-8, 4)).isTrue();
    assertThat(facts.stackUse(0).escapesBesidesLookups(-8, 4)).isFalse();
    assertThat(facts.stackUse(0).changes(-8, 8)).isFalse();
  }

  @Test
  void offsetsOfPointersAreRanges() {
    Facts facts =
        facts(
            """
              r6 = *(u32 *)(r1 + 0)
              r6 &= 7
              *(u32 *)(r10 - 4) = 1
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 1
              if r0 == 0 goto out
              r0 += 16
              r0 += r6
              r0 = *(u8 *)(r0 + 0)
            out:
              exit
            """);
    assertThat(facts.before(11, 0))
        .isEqualTo(
            new RegisterFact.Pointer(
                PointerKind.MAP_VALUE, false, 16, 23, 1, new PointerTarget.OfMap("values")));
  }

  @Test
  void pointersThatMeetHaveAStrideInCommon() {
    Facts facts =
        facts(
            """
              r6 = *(u32 *)(r1 + 0)
              *(u32 *)(r10 - 4) = 1
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 1
              if r0 == 0 goto out
              if r6 == 1 goto other
              r0 += 4
              goto join
            other:
              r0 += 10
            join:
              r0 = *(u16 *)(r0 + 0)
            out:
              exit
            """);
    assertThat(facts.before(12, 0))
        .isEqualTo(
            new RegisterFact.Pointer(
                PointerKind.MAP_VALUE, false, 4, 10, 2, new PointerTarget.OfMap("values")));
  }

  /// The index of an array, as programs compute it.
  @Test
  void offsetsOfPointersLieOnStrides() {
    Facts facts =
        facts(
            """
              r6 = *(u32 *)(r1 + 0)
              r6 &= 7
              r6 <<= 2
              *(u32 *)(r10 - 4) = 1
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 1
              if r0 == 0 goto out
              r0 += r6
              r0 += 2
              r0 = *(u16 *)(r0 + 0)
            out:
              exit
            """);
    var pointer =
        new RegisterFact.Pointer(
            PointerKind.MAP_VALUE, false, 2, 30, 4, new PointerTarget.OfMap("values"));
    assertThat(facts.before(12, 0)).isEqualTo(pointer);
    assertThat(pointer.isAligned(2, 4)).isTrue();
    assertThat(pointer.isAligned(0, 2)).isTrue();
    assertThat(pointer.isAligned(0, 4)).isFalse();
    assertThat(pointer.isAligned(6, 8)).isFalse();
  }

  @Test
  void whatIsSpilledKeepsItsRange() {
    Facts facts =
        facts(
            """
            r6 = *(u32 *)(r1 + 0)
            r6 &= 7
            *(u64 *)(r10 - 8) = r6
            call 7
            r6 = *(u64 *)(r10 - 8)
            r0 = r6
            exit
            """);
    assertThat(scalar(facts, 5, 6).unsignedMax()).isEqualTo(7);
    assertThat(facts.stackUse(0).isPrivate()).isTrue();
    assertThat(facts.stackUse(0).depth()).isEqualTo(8);
  }

  @Test
  void bytesReachedAtChangingOffsetsEscape() {
    Facts facts =
        facts(
            """
            *(u64 *)(r10 - 8) = 0
            *(u64 *)(r10 - 16) = 0
            *(u64 *)(r10 - 24) = 0
            r6 = *(u32 *)(r1 + 0)
            r6 &= 8
            r2 = r10
            r2 += -16
            r2 += r6
            r0 = *(u64 *)(r2 + 0)
            exit
            """);
    assertThat(facts.stackUse(0).escapes(-16, 16)).isTrue();
    assertThat(facts.stackUse(0).escapes(-24, 8)).isFalse();
  }

  @Test
  void functionsTakeWhatAllTheirCallersGive() {
    Facts facts =
        facts(
            """
              r6 = r1
              r1 = 5
              r2 = r10
              call f
              r1 = 7
              r2 = r10
              call f
              exit
            f:
              *(u64 *)(r2 - 8) = r1
              r0 = r1
              r0 += 1
              exit
            """);
    RegisterFact.Scalar argument = scalar(facts, 8, 1);
    assertThat(argument.unsignedMin()).isEqualTo(5);
    assertThat(argument.unsignedMax()).isEqualTo(7);
    assertThat(facts.before(8, 2))
        .isEqualTo(
            new RegisterFact.Pointer(
                PointerKind.STACK, false, 0, new PointerTarget.CallersFrame()));
    assertThat(scalar(facts, 7, 0).unsignedMax()).isEqualTo(8);
    assertThat(facts.stackUse(0).escapes(-8, 8)).isTrue();
    assertThat(facts.stackUse(1).isPrivate()).isTrue();
    assertThat(facts.instructionBound()).hasValue(16);
  }

  @Test
  void branchesThatAreNeverTakenAreTold() {
    Facts facts =
        facts(
            """
              r6 = 1
              if r6 == 1 goto out
              r0 = 2
              exit
            out:
              r0 = 0
              exit
            """);
    assertThat(facts.mayBranch(1, true)).isTrue();
    assertThat(facts.mayBranch(1, false)).isFalse();
    assertThat(facts.isReachable(2)).isFalse();
    assertThat(facts.before(2, 6)).isEqualTo(new RegisterFact.Unknown());
  }

  @Test
  void packetPointersCountFromTheFirstByte() {
    Facts facts =
        facts(
            ProgramType.XDP,
            """
              r2 = *(u32 *)(r1 + 0)
              r3 = *(u32 *)(r1 + 4)
              r4 = r2
              r4 += 14
              if r4 > r3 goto out
              r0 = *(u8 *)(r4 - 1)
            out:
              r0 = 1
              exit
            """);
    assertThat(facts.before(5, 4))
        .isEqualTo(
            new RegisterFact.Pointer(PointerKind.PACKET, false, 14, new PointerTarget.Any()));
    assertThat(facts.before(4, 3)).isInstanceOf(RegisterFact.Pointer.class);
  }

  @Test
  void whatOneWayLeavesUncheckedMayBeNull() {
    Facts facts =
        facts(
            """
              r7 = *(u32 *)(r1 + 0)
              *(u32 *)(r10 - 4) = 1
              r2 = r10
              r2 += -4
              ld_pseudo r1, 1, 0
              call 1
              r6 = r0
              if r7 == 0 goto join
              if r6 == 0 goto out
            join:
              *(u64 *)(r10 - 16) = r6
              r0 = *(u64 *)(r10 - 16)
              r0 = 1
            out:
              r0 = 0
              exit
            """);
    assertThat(facts.before(10, 6))
        .isInstanceOfSatisfying(
            RegisterFact.Pointer.class, pointer -> assertThat(pointer.maybeNull()).isTrue());
  }

  @Test
  void signedLoadsOfWhatIsSpilledAreSigned() {
    Facts facts =
        facts(
            """
            r6 = *(u32 *)(r1 + 0)
            *(u8 *)(r10 - 1) = r6
            r0 = *(s8 *)(r10 - 1)
            exit
            """);
    RegisterFact.Scalar number = scalar(facts, 3, 0);
    assertThat(number.signedMin()).isEqualTo(-128);
    assertThat(number.signedMax()).isEqualTo(127);
  }

  @Test
  void quotientsAndRemaindersHaveBounds() {
    Facts facts =
        facts(
            """
            r6 = *(u32 *)(r1 + 0)
            r6 &= 15
            r6 += 16
            r7 = *(u32 *)(r1 + 4)
            r7 &= 3
            r7 += 1
            r0 = r6
            r0 /= r7
            r6 %= r7
            r0 += r6
            exit
            """);
    RegisterFact.Scalar quotient = scalar(facts, 8, 0);
    assertThat(quotient.unsignedMin()).isEqualTo(4);
    assertThat(quotient.unsignedMax()).isEqualTo(31);
    assertThat(scalar(facts, 9, 6).unsignedMax()).isEqualTo(3);
  }

  /// The program that a tail call enters returns to the caller of the function, with a result of
  /// its own.
  @Test
  void aFunctionThatMakesATailCallReturnsAnything() {
    Facts facts =
        facts(
            """
              call f
              if r0 == 0 goto out
              r0 = 7
            out:
              exit
            f:
              ld_pseudo r2, 1, 1
              r3 = 0
              call 12
              r0 = 0
              exit
            """);
    assertThat(facts.mayBranch(1, false)).isTrue();
    assertThat(facts.isReachable(2)).isTrue();
  }
}
