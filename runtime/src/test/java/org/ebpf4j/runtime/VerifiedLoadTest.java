package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.VerifierLimits;
import org.junit.jupiter.api.Test;

/// A host loads what is proven safe, and nothing else unless told.
class VerifiedLoadTest {
  private static final String UNCHECKED =
      """
      r1 = *(u32 *)(r1 + 0)
      r0 = *(u8 *)(r1 + 0)
      exit
      """;

  public record Order(long quantity, long price) {}

  private static final ProgramTypeDefinition<Order> ORDER =
      ProgramTypeDefinition.of("order", Order.class).returning(0, 1);

  private static CollectionSpec xdp(String text) {
    return CollectionSpec.of(ProgramSpec.of("test", ProgramType.XDP, Assembler.assemble(text)));
  }

  @Test
  void refusesInTheKernelsWordsWithItsErrno() {
    try (JvmHost host = JvmHost.create()) {
      assertThatThrownBy(() -> host.load(xdp(UNCHECKED)))
          .isInstanceOfSatisfying(
              LoadException.class,
              refused -> {
                assertThat(refused.errno()).isEqualTo(Errno.EACCES);
                assertThat(refused.subject()).isEqualTo("program test");
                assertThat(refused.summary())
                    .isEqualTo("R1 offset is outside of the packet, at instruction 1");
                assertThat(refused.log()).contains("R1=pkt");
              });
      assertThatThrownBy(() -> host.load(xdp("r0 = 0\nlabel: goto label\nexit")))
          .isInstanceOfSatisfying(
              LoadException.class, refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL));
    }
  }

  /// As Linux does: an array of programs belongs to those of the first one's type.
  @Test
  void refusesToShareAnArrayOfProgramsBetweenTypes() {
    List<MapSpec> maps = List.of(MapSpec.of("next", MapType.PROG_ARRAY, 4, 4, 2));
    try (JvmHost host = JvmHost.create()) {
      LoadedCollection packets =
          host.load(
              CollectionSpec.of(
                  maps,
                  List.of(
                      tailCaller("first", ProgramType.XDP),
                      tailCaller("second", ProgramType.XDP))));
      LoadOptions shared = LoadOptions.defaults().withMap("next", packets.map("next"));
      CollectionSpec filter =
          CollectionSpec.of(maps, List.of(tailCaller("other", ProgramType.SCHED_CLS)));
      assertThatThrownBy(() -> host.load(filter, shared))
          .isInstanceOfSatisfying(
              LoadException.class,
              refused -> {
                assertThat(refused.errno()).isEqualTo(Errno.EINVAL);
                assertThat(refused.subject()).isEqualTo("program other");
                assertThat(refused.summary()).contains("the program array next");
              });
      host.load(filter).close();
    }
  }

  /// A program that calls what the array `next` holds.
  private static ProgramSpec tailCaller(String name, ProgramType type) {
    Bytecode code = Assembler.assemble("ld_pseudo r2, 1, 0\nr3 = 0\ncall 12\nr0 = 0\nexit");
    return new ProgramSpec(
        name,
        "test",
        new ProgramSpec.ProgramKind(Optional.of(type), Optional.empty(), "", false, false),
        code,
        List.of(new ProgramFunction(0, code.size(), name, 0, true)),
        List.of(new Reference.MapHandle(0, "next")),
        List.of(),
        List.of(),
        true);
  }

  /// As Linux does, which never looks at what no path comes to.
  @Test
  void aCallThatIsNeverMadeMayBeOfAnything() {
    String never = "r0 = 2\nif r0 == 2 goto +1\ncall 9\nexit";
    try (JvmHost host = JvmHost.create();
        LoadedCollection loaded = host.load(xdp(never))) {
      assertThat(loaded.program("test").run(RunInput.packet(new byte[64])).returnValue())
          .isEqualTo(2);
      assertThatThrownBy(() -> host.load(xdp(never.replace("== 2", "== 3"))))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("program of this type cannot use helper bpf_skb_store_bytes#9");
      assertThatThrownBy(() -> host.load(xdp(never), Programs.UNVERIFIED))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("program of this type cannot use helper bpf_skb_store_bytes#9");
    }
  }

  @Test
  void loadsWhatItIsToldToLoadUnverified() {
    try (JvmHost host = JvmHost.create();
        LoadedCollection loaded =
            host.load(xdp(UNCHECKED), LoadOptions.defaults().withUnverified(true))) {
      long result = loaded.program("test").run(RunInput.packet(new byte[64])).returnValue();
      assertThat(result).isZero();
    }
  }

  @Test
  void provesProgramsOfTheApplicationsOwnTypes() {
    try (JvmHost host =
        JvmHost.builder()
            .programType(ORDER)
            .kernelFunction(
                HelperPrototype.ofNumbers(0, "limit", 1), (call, a, b, c, d, e) -> a & 1)
            .build()) {
      ProgramSpec calls =
          withReference(
              """
              r1 = *(u64 *)(r1 + 8)
              call 0x1 <kernel:0x0>
              if r0 == 0 goto out
              r0 = 1
              out: exit
              """,
              new Reference.KernelFunction(1, "limit", 0, false));
      LoadedCollection loaded = host.load(CollectionSpec.of(calls));
      byte[] order = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(8, 3).array();
      assertThat(loaded.program("test").run(RunInput.context(order)).returnValue()).isEqualTo(1);

      assertThatThrownBy(
              () -> host.load(Programs.collection("order", "r0 = *(u64 *)(r1 + 16)\nexit")))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("invalid bpf_context access off=16 size=8");
      assertThatThrownBy(() -> host.load(Programs.collection("order", "r0 = 2\nexit")))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("R0");
    }
  }

  private static ProgramSpec withReference(String text, Reference reference) {
    Bytecode code = Assembler.assemble(text);
    return new ProgramSpec(
        "test",
        "order",
        new ProgramSpec.ProgramKind(Optional.empty(), Optional.empty(), "", false, false),
        code,
        List.of(new ProgramFunction(0, code.size(), "test", 0, true)),
        List.of(reference),
        List.of(),
        List.of(),
        true);
  }

  /// What a frozen map holds decides a branch behind which anything may stand. A map that the
  /// caller brings, and may change, decides nothing.
  @Test
  void takesFrozenContentsForConstantAsTheyWereLoaded() {
    byte[] zero = new byte[8];
    MapSpec rodata =
        MapSpec.of(".rodata", MapType.ARRAY, 4, 8, 1)
            .withFlags(1 << 7)
            .withContents(new MapSpec.Contents.Data(zero, true));
    String text =
        """
        ld_pseudo r1, 2, 0, 0
        r2 = *(u64 *)(r1 + 0)
        r0 = 0
        if r2 == 0 goto out
        r0 = *(u64 *)(r2 + 0)
        out: exit
        """;
    Bytecode code = Assembler.assemble(text);
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "xdp",
            new ProgramSpec.ProgramKind(
                Optional.of(ProgramType.XDP), Optional.empty(), "", false, false),
            code,
            List.of(new ProgramFunction(0, code.size(), "test", 0, true)),
            List.of(new Reference.MapData(0, ".rodata", 0)),
            List.of(),
            List.of(),
            true);
    CollectionSpec spec =
        new CollectionSpec(
            "test",
            ByteOrder.nativeOrder(),
            "GPL",
            0,
            Btf.empty(),
            java.util.Map.of(".rodata", rodata),
            java.util.Map.of("test", program));
    try (JvmHost host = JvmHost.create()) {
      host.load(spec).close();
      var open = host.createMap(rodata.withContents(new MapSpec.Contents.None()));
      assertThatThrownBy(() -> host.load(spec, LoadOptions.defaults().withMap(".rodata", open)))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("R2 invalid mem access 'scalar'");
    }
  }

  @Test
  void whatTheVerifierMayTakeIsLimited() {
    Limits limits = Limits.defaults().withVerifier(new VerifierLimits(10, 1 << 20));
    try (JvmHost host = JvmHost.builder().limits(limits).build()) {
      assertThatThrownBy(
              () -> host.load(xdp("r6 = 0\nloop: r6 += 1\nif r6 < 9 goto loop\nr0 = 0\nexit")))
          .isInstanceOfSatisfying(
              LoadException.class, refused -> assertThat(refused.errno()).isEqualTo(Errno.E2BIG));
    }
  }

  @Test
  void saysWhatToDoAboutWhatItCannotJudge() {
    try (JvmHost host = JvmHost.builder().memoryProgramType("memory").build()) {
      assertThatThrownBy(() -> host.load(Programs.collection("memory", "r0 = 0\nexit")))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("load it unverified");
    }
  }
}
