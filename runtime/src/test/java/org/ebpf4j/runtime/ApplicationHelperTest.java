package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.Argument.Flag;
import org.ebpf4j.abi.Argument.Kind;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.HelperPrototype.Result;
import org.ebpf4j.error.Errno;
import org.junit.jupiter.api.Test;

/// Helpers of an application, which proven programs pass memory to: they write where their
/// prototype says so, and nowhere else.
class ApplicationHelperTest {
  private static final int HELPER = 70_000;

  /// What an application hands to its programs.
  public record Event(long number) {}

  /// Passes 8 bytes that hold 5, above which the context's address is saved, and gives what they
  /// hold then plus what the context has.
  private static final String PASS_EIGHT_BYTES =
      """
      *(u64 *)(r10 - 8) = r1
      *(u64 *)(r10 - 16) = 5
      r1 = r10
      r1 += -16
      r2 = 8
      call 70000
      r1 = *(u64 *)(r10 - 8)
      r0 = *(u64 *)(r1 + 0)
      r1 = *(u64 *)(r10 - 16)
      r0 += r1
      exit
      """;

  private static Argument memory(Flag... flags) {
    return Argument.of(Kind.MEMORY, flags);
  }

  private static HelperPrototype prototype(Result result, Argument... arguments) {
    return new HelperPrototype(HELPER, "mine", result, "", Arrays.asList(arguments), false);
  }

  private static long run(Argument memory, String text, HelperFunction function) {
    try (JvmHost host =
            JvmHost.builder()
                .programType(ProgramTypeDefinition.of("event", Event.class))
                .helper(prototype(Result.INTEGER, memory, Argument.of(Kind.SIZE)), function)
                .build();
        LoadedCollection loaded = host.load(Programs.collection("event", text))) {
      return loaded
          .program("test")
          .run(RunInput.context(new byte[] {100, 0, 0, 0, 0, 0, 0, 0}))
          .returnValue();
    }
  }

  @Test
  void readsWhatItIsPassed() {
    long[] seen = new long[1];
    long result =
        run(
            memory(Flag.READ_ONLY),
            PASS_EIGHT_BYTES,
            (call, address, size, c, d, e) ->
                seen[0] = call.memory(address, (int) size).get(ValueLayout.JAVA_LONG, 0));
    assertThat(result).isEqualTo(105);
    assertThat(seen[0]).isEqualTo(5);
  }

  @Test
  void whatItThrowsIsAFaultOfTheProgram() {
    for (Exception thrown :
        List.of(
            new IllegalStateException("why"),
            new MapException("orders", "lookup", Errno.EBADF, "why"))) {
      assertThatThrownBy(() ->
              run(
                  memory(Flag.READ_ONLY),
                  PASS_EIGHT_BYTES,
                  (_, _, _, _, _, _) -> {
                    throw thrown;
                  }))
          .isInstanceOf(ProgramFault.class)
          .hasMessageContaining("mine#70000 threw")
          .cause()
          .isSameAs(thrown);
    }
  }

  @Test
  void writesWhereItsPrototypeSaysSo() {
    long result =
        run(
            memory(Flag.WRITABLE),
            PASS_EIGHT_BYTES,
            (call, address, size, c, d, e) -> {
              call.memory(address, (int) size).set(ValueLayout.JAVA_LONG, 0, 7);
              return 0;
            });
    assertThat(result).isEqualTo(107);
  }

  @Test
  void writesNowhereElse() {
    assertThatThrownBy(() ->
            run(
                memory(Flag.READ_ONLY),
                PASS_EIGHT_BYTES,
                (call, address, size, c, d, e) -> {
                  call.memory(address, (int) size).set(ValueLayout.JAVA_LONG, 0, 7);
                  return 0;
                }))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("mine#70000 threw")
        .hasMessageContaining("read-only");
    // One that writes 8 bytes finds what lies above them, but cannot write there.
    assertThatThrownBy(() ->
            run(
                memory(Flag.WRITABLE),
                PASS_EIGHT_BYTES,
                (call, address, size, c, d, e) -> {
                  call.memory(address, 16).set(ValueLayout.JAVA_LONG, 8, 7);
                  return 0;
                }))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("read-only");
    assertThatThrownBy(() ->
            run(
                memory(Flag.WRITABLE),
                PASS_EIGHT_BYTES,
                (call, address, size, c, d, e) -> call.memory(address, -1).byteSize()))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("-1 bytes is negative");
  }

  @Test
  void whatItMayWriteToEndsWithTheCall() {
    String twice =
        """
        r6 = r1
        *(u64 *)(r10 - 8) = 5
        r1 = r10
        r1 += -8
        r2 = 8
        call 70000
        *(u64 *)(r10 - 8) = r6
        r1 = r10
        r1 += -16
        r2 = 8
        *(u64 *)(r10 - 16) = 5
        call 70000
        r1 = *(u64 *)(r10 - 8)
        r0 = *(u64 *)(r1 + 0)
        exit
        """;
    List<MemorySegment> kept = new ArrayList<>();
    List<HelperCall> calls = new ArrayList<>();
    HelperFunction keeps =
        (call, address, size, c, d, e) -> {
          kept.add(call.memory(address, (int) size));
          calls.add(call);
          return 0;
        };
    assertThatThrownBy(() ->
            run(
                memory(Flag.WRITABLE),
                twice,
                (call, address, size, c, d, e) -> {
                  keeps.call(call, address, size, c, d, e);
                  kept.getFirst().set(ValueLayout.JAVA_LONG, 0, 7);
                  return kept.size();
                }))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("Already closed");
    assertThatThrownBy(() -> calls.getFirst().memory(kept.getFirst().address(), 8))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("over");
  }

  @Test
  void whatItLeavesOutIsZero() {
    String uninitialized =
        """
        r1 = r10
        r1 += -8
        r2 = 8
        call 70000
        r0 = *(u64 *)(r10 - 8)
        exit
        """;
    long result =
        run(
            memory(Flag.UNINITIALIZED),
            uninitialized,
            (call, address, size, c, d, e) -> {
              call.memory(address, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) 9);
              return 0;
            });
    assertThat(result).isEqualTo(9);
  }

  @Test
  void takesAndGivesNothingThatProofsRelyOn() {
    for (Result result : Result.values()) {
      if (!Set.of(Result.INTEGER, Result.VOID).contains(result)) {
        assertRefused(prototype(result), result.toString());
      }
    }
    assertRefused(prototype(Result.INTEGER, Argument.of(Kind.DYNPTR)), "DYNPTR as argument 1");
    assertRefused(
        prototype(Result.INTEGER, Argument.of(Kind.RING_RECORD, Flag.RELEASES)), "RING_RECORD");
    assertRefused(prototype(Result.INTEGER, memory()), "MEMORY as argument 1");
    assertRefused(prototype(Result.INTEGER, Argument.of(Kind.MAP_KEY)), "MAP_KEY as argument 1");
    assertRefused(prototype(Result.INTEGER, Argument.of(Kind.SIZE)), "SIZE as argument 1");
  }

  /// Tail calls too, which have no body.
  @Test
  void takesNoNumberOfLinux() {
    for (int taken : new int[] {1, 12, 131}) {
      assertThatThrownBy(() ->
              JvmHost.builder()
                  .helper(HelperPrototype.ofNumbers(taken, "mine", 1), (_, _, _, _, _, _) -> 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("helper number %d is taken".formatted(taken));
    }
  }

  private static void assertRefused(HelperPrototype prototype, String what) {
    assertThatThrownBy(() -> JvmHost.builder().helper(prototype, (_, _, _, _, _, _) -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
    assertThatThrownBy(() -> JvmHost.builder().kernelFunction(prototype, (_, _, _, _, _, _) -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
  }
}
