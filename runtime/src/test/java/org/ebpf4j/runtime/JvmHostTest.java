package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ebpf4j.Link;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.Test;

/// What a user of the JVM host relies on, from loading to faults.
class JvmHostTest {

  /// What an application hands to its programs.
  public record Order(long price, int quantity, short side) {}

  private static final ProgramTypeDefinition<Order> RISK =
      ProgramTypeDefinition.of("risk", Order.class).returning(0, 1);

  private static long run(JvmHost host, String text, byte[] memory) {
    try (LoadedCollection collection =
        host.load(Programs.collection("memory", text), Programs.UNVERIFIED)) {
      return collection.program("test").run(RunInput.packet(memory)).returnValue();
    }
  }

  private static long run(String text, byte... memory) {
    try (JvmHost host = JvmHost.builder().cpus(1).memoryProgramType("memory").build()) {
      return run(host, text, memory);
    }
  }

  private static ProgramFault fault(String text, byte... memory) {
    return catchThrowableOfType(ProgramFault.class, () -> run(text, memory));
  }

  @Test
  void runsALoopOverMemory() {
    long sum =
        run(
            """
            r0 = 0
            loop:
            if r2 == 0 goto out
            r3 = *(u8 *)(r1 + 0)
            r0 += r3
            r1 += 1
            r2 += -1
            goto loop
            out:
            exit
            """,
            new byte[] {1, 2, 3, (byte) 255});
    assertThat(sum).isEqualTo(261);
  }

  @Test
  void keepsRegistersAndStacksOfCallersApart() {
    long result =
        run(
            """
            r6 = 7
            *(u64 *)(r10 - 8) = r6
            call f
            r1 = *(u64 *)(r10 - 8)
            r0 += r6
            r0 += r1
            exit
            f:
            r6 = 100
            *(u64 *)(r10 - 8) = r6
            r0 = 1000
            exit
            """);
    assertThat(result).isEqualTo(1014);
  }

  @Test
  void aStackIsClearedBetweenRuns() {
    String reads = "r0 = *(u64 *)(r10 - 8)\nr1 = 77\n*(u64 *)(r10 - 8) = r1\nexit";
    try (JvmHost host = JvmHost.builder().cpus(1).memoryProgramType("memory").build()) {
      assertThat(run(host, reads, new byte[0])).isZero();
      assertThat(run(host, reads, new byte[0])).isZero();
    }
  }

  @Test
  void aLoadPastTheEndSaysWhereAndWhat() {
    ProgramFault fault = fault("r0 = *(u64 *)(r1 + 4)\nexit", new byte[8]);
    assertThat(fault.kind()).isEqualTo(ProgramFault.Kind.ACCESS);
    assertThat(fault.slot()).isZero();
    assertThat(fault)
        .hasMessageContaining("load of 8 bytes")
        .hasMessageContaining("memory (8 bytes)");
  }

  @Test
  void aNullPointerIsNamed() {
    assertThat(fault("r1 = 0\nr0 = *(u8 *)(r1 + 0)\nexit")).hasMessageContaining("null pointer");
  }

  @Test
  void theStackEndsAtTheFramePointer() {
    assertThat(fault("*(u8 *)(r10 + 0) = 1\nr0 = 0\nexit").kind())
        .isEqualTo(ProgramFault.Kind.ACCESS);
    assertThat(fault("*(u8 *)(r10 - 513) = 1\nr0 = 0\nexit").kind())
        .isEqualTo(ProgramFault.Kind.ACCESS);
    assertThat(run("*(u8 *)(r10 - 512) = 1\nr0 = *(u8 *)(r10 - 512)\nexit")).isEqualTo(1);
  }

  @Test
  void anEndlessLoopUsesUpItsBudget() {
    try (JvmHost host =
        JvmHost.builder()
            .memoryProgramType("memory")
            .limits(Limits.defaults().withInstructions(1000))
            .build()) {
      ProgramFault fault =
          catchThrowableOfType(
              ProgramFault.class,
              () -> run(host, "r0 = 0\nloop:\nr0 += 1\ngoto loop\nexit", new byte[0]));
      assertThat(fault.kind()).isEqualTo(ProgramFault.Kind.BUDGET);
    }
  }

  @Test
  void aNinthFrameIsOneTooMany() {
    ProgramFault fault = fault("call f\nexit\nf:\ncall f\nexit");
    assertThat(fault.kind()).isEqualTo(ProgramFault.Kind.LIMIT);
  }

  @Test
  void aWriteToTheFramePointerIsAFaultWhereItIsReached() {
    assertThat(run("r0 = 3\nexit\nr10 = 1\nexit")).isEqualTo(3);
    ProgramFault fault = fault("r0 = 3\nr10 += 8\nexit");
    assertThat(fault.kind()).isEqualTo(ProgramFault.Kind.INSTRUCTION);
    assertThat(fault.slot()).isEqualTo(1);
  }

  @Test
  void anAtomicNeedsAlignedMemory() {
    assertThat(fault("r2 = 1\nlock *(u64 *)(r10 - 9) += r2\nr0 = 0\nexit"))
        .hasMessageContaining("not aligned");
  }

  @Test
  void unknownHelpersAreRefusedByName() {
    try (JvmHost host = JvmHost.builder().memoryProgramType("memory").build()) {
      assertThatThrownBy(() -> run(host, "call 4711\nexit", new byte[0]))
          .isInstanceOfSatisfying(
              LoadException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
          .hasMessageContaining("4711");
    }
  }

  @Test
  void anApplicationDefinesItsOwnHookAndHelper() {
    try (JvmHost host =
        JvmHost.builder()
            .programType(RISK)
            .helper(
                HelperPrototype.ofNumbers(70_000, "limit_of", 1),
                (call, quantity, b, c, d, e) -> quantity * 10)
            .build()) {
      LoadedCollection collection =
          host.load(
              CollectionSpec.of(
                  Programs.program(
                      "risk",
                      """
                      r6 = *(u64 *)(r1 + 0)
                      r1 = *(u32 *)(r1 + 8)
                      call 70000
                      if r6 > r0 goto refuse
                      r0 = 1
                      exit
                      refuse:
                      r0 = 0
                      exit
                      """)));
      Hook<Order> hook = host.hook(RISK);
      assertThat(hook.fire(new Order(99, 10, (short) 0), 1)).isEqualTo(1);
      try (Link link = hook.attach(collection.program("test"))) {
        assertThat(link.program().name()).isEqualTo("test");
        assertThat(hook.fire(new Order(99, 10, (short) 0), 1)).isEqualTo(1);
        assertThat(hook.fire(new Order(101, 10, (short) 0), 1)).isZero();
      }
      assertThat(hook.fire(new Order(101, 10, (short) 0), 1)).isEqualTo(1);
    }
  }

  @Test
  void aHelperThatThrowsEndsTheRunWithItsCause() {
    try (JvmHost host =
        JvmHost.builder()
            .memoryProgramType("memory")
            .helper(
                HelperPrototype.ofNumbers(70_000, "fails", 0),
                (call, a, b, c, d, e) -> {
                  throw new java.io.IOException("no disk");
                })
            .build()) {
      ProgramFault fault =
          catchThrowableOfType(
              ProgramFault.class, () -> run(host, "call 70000\nexit", new byte[0]));
      assertThat(fault.kind()).isEqualTo(ProgramFault.Kind.HELPER);
      assertThat(fault).hasRootCauseMessage("no disk");
      assertThat(run(host, "r0 = 5\nexit", new byte[0])).isEqualTo(5);
    }
  }

  @Test
  void aResultOutsideOfTheTypesRangeIsAFault() {
    try (JvmHost host = JvmHost.builder().programType(RISK).build()) {
      LoadedCollection collection =
          host.load(
              CollectionSpec.of(Programs.program("risk", "r0 = 2\nexit")), Programs.UNVERIFIED);
      byte[] order = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).array();
      assertThatThrownBy(() -> collection.program("test").run(RunInput.context(order)))
          .isInstanceOf(ProgramFault.class)
          .hasMessageContaining("returned 2");
    }
  }

  @Test
  void whatIsClosedSaysSo() {
    try (JvmHost host = JvmHost.builder().memoryProgramType("memory").build()) {
      LoadedCollection collection =
          host.load(Programs.collection("memory", "r0 = 0\nexit"), Programs.UNVERIFIED);
      collection.close();
      assertThatThrownBy(() -> collection.program("test").run(RunInput.none()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }
}
