package org.ebpf4j.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.SectionName;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// A type of programs, and what `BPF_PROG_TEST_RUN` of Linux 6.18 makes of the smallest program of
/// it.
///
/// @param type the type
/// @param section a section that says so
/// @param target what the program is tied to when it is loaded, or empty
/// @param code the program
/// @param outcome what a test run of it gives
record TestRunRow(ProgramType type, String section, String target, Bytecode code, Outcome outcome) {

  /// What comes of a test run.
  sealed interface Outcome {}

  /// It runs.
  ///
  /// @param packet bytes of the packet, 0 if it takes none
  /// @param context what goes in as context, empty for none
  /// @param result what the program returns
  /// @param packetOut bytes that the packet begins with afterwards
  /// @param changed where the context has changed afterwards, as a number of 32 bits; -1 if the
  ///   kernel copies none out
  /// @param changedTo what is there
  record Runs(int packet, byte[] context, int result, byte[] packetOut, int changed, int changedTo)
      implements Outcome {}

  /// Linux has no test runs of it.
  ///
  /// @param errno with which it says so
  record NotRun(Errno errno) implements Outcome {}

  /// Where a packet of IPv4 begins that all types take.
  static byte[] packet(int length) {
    byte[] packet = new byte[length];
    packet[12] = 8;
    packet[14] = 0x45;
    packet[17] = (byte) (length - 14);
    packet[22] = 64;
    packet[23] = 17;
    return packet;
  }

  /// All types, by their numbers.
  static final List<TestRunRow> TABLE =
      List.of(
          buffer(ProgramType.SOCKET_FILTER, "socket"),
          none(ProgramType.KPROBE, "kprobe", 0),
          writtenBuffer(ProgramType.SCHED_CLS, "tc", 0),
          writtenBuffer(ProgramType.SCHED_ACT, "action", 0),
          none(ProgramType.TRACEPOINT, "tracepoint", 0),
          // The length of the packet; the byte that it begins with; where it ends in the context.
          row(
              ProgramType.XDP,
              "xdp",
              "",
              """
              r2 = *(u32 *)(r1 + 0)
              r3 = *(u32 *)(r1 + 4)
              r4 = r2
              r4 += 1
              if r4 > r3 goto +1
              *(u8 *)(r2 + 0) = 7
              r0 = r3
              r0 -= r2
              exit
              """,
              new Runs(64, new byte[0], 64, new byte[] {7}, 4, 64)),
          none(ProgramType.PERF_EVENT, "perf_event", 0),
          buffer(ProgramType.CGROUP_SKB, "cgroup_skb/ingress"),
          none(ProgramType.CGROUP_SOCK, "cgroup/sock_create", 1),
          buffer(ProgramType.LWT_IN, "lwt_in"),
          buffer(ProgramType.LWT_OUT, "lwt_out"),
          writtenBuffer(ProgramType.LWT_XMIT, "lwt_xmit", 14),
          none(ProgramType.SOCK_OPS, "sockops", 1),
          none(ProgramType.SK_SKB, "sk_skb", 1),
          none(ProgramType.CGROUP_DEVICE, "cgroup/dev", 1),
          none(ProgramType.SK_MSG, "sk_msg", 1),
          argument(ProgramType.RAW_TRACEPOINT, "raw_tp"),
          none(ProgramType.CGROUP_SOCK_ADDR, "cgroup/connect4", 1),
          none(ProgramType.LWT_SEG6LOCAL, "lwt_seg6local", 0),
          none(ProgramType.LIRC_MODE2, "lirc_mode2", 0),
          none(ProgramType.SK_REUSEPORT, "sk_reuseport", 1),
          // addr_proto of `struct bpf_flow_keys`, which comes out in place of the packet.
          row(
              ProgramType.FLOW_DISSECTOR,
              "flow_dissector",
              "",
              """
              r2 = *(u64 *)(r1 + 144)
              *(u16 *)(r2 + 4) = 5
              r0 = 0
              exit
              """,
              new Runs(64, new byte[0], 0, new byte[] {14, 0, 14, 0, 5}, -1, 0)),
          none(ProgramType.CGROUP_SYSCTL, "cgroup/sysctl", 1),
          none(ProgramType.RAW_TRACEPOINT_WRITABLE, "raw_tp.w", 0),
          none(ProgramType.CGROUP_SOCKOPT, "cgroup/getsockopt", 1),
          row(
              ProgramType.TRACING,
              "tp_btf",
              "sched_switch",
              "r0 = 0\nexit",
              new NotRun(Errno.EFAULT)),
          row(
              ProgramType.SK_LOOKUP,
              "sk_lookup",
              "",
              """
              r2 = *(u32 *)(r1 + 60)
              r0 = 1
              if r2 == 80 goto +1
              r0 = 0
              exit
              """,
              new Runs(0, lookup(80), 1, new byte[0], 60, 80)),
          row(
              ProgramType.SYSCALL,
              "syscall",
              "",
              """
              r0 = *(u32 *)(r1 + 0)
              *(u32 *)(r1 + 4) = 9
              exit
              """,
              new Runs(0, words(12, 0), 12, new byte[0], 4, 9)),
          row(
              ProgramType.NETFILTER,
              "netfilter",
              "",
              "r0 = 1\nexit",
              new Runs(64, new byte[0], 1, new byte[0], -1, 0)));

  /// The result is `cb[1]` of the context that goes in; 5 comes out in `cb[0]`.
  private static TestRunRow buffer(ProgramType type, String section) {
    return row(type, section, "", CONTROL_BLOCK, new Runs(64, marked(), 1, new byte[0], 48, 5));
  }

  /// The same, and the packet's first byte is written.
  ///
  /// @param linkHeader bytes before the packet that such programs do not see, and Linux clears
  private static TestRunRow writtenBuffer(ProgramType type, String section, int linkHeader) {
    byte[] packetOut = Arrays.copyOf(packet(64), linkHeader + 1);
    packetOut[linkHeader] = 7;
    String write =
        """
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 1
        if r4 > r3 goto +1
        *(u8 *)(r2 + 0) = 7
        """;
    return row(
        type, section, "", write + CONTROL_BLOCK, new Runs(64, marked(), 1, packetOut, 48, 5));
  }

  private static final String CONTROL_BLOCK =
      """
      *(u32 *)(r1 + 48) = 5
      r0 = *(u32 *)(r1 + 52)
      r0 &= 1
      exit
      """;

  /// The result is the first argument.
  private static TestRunRow argument(ProgramType type, String section) {
    return row(
        type,
        section,
        "",
        "r0 = *(u64 *)(r1 + 0)\nexit",
        new Runs(0, words(33, 0), 33, new byte[0], -1, 0));
  }

  private static TestRunRow none(ProgramType type, String section, int result) {
    return row(type, section, "", "r0 = %d\nexit".formatted(result), new NotRun(Errno.ENOTSUPP));
  }

  private static TestRunRow row(
      ProgramType type, String section, String target, String text, Outcome outcome) {
    return new TestRunRow(type, section, target, Assembler.assemble(text), outcome);
  }

  /// `struct __sk_buff` with 1 in `cb[1]`.
  private static byte[] marked() {
    return ByteBuffer.allocate(192).order(ByteOrder.nativeOrder()).putInt(52, 1).array();
  }

  /// `struct bpf_sk_lookup` of a connection by IPv4 and TCP.
  private static byte[] lookup(int port) {
    return ByteBuffer.allocate(72)
        .order(ByteOrder.nativeOrder())
        .putInt(8, 2)
        .putInt(12, 6)
        .putInt(60, port)
        .array();
  }

  private static byte[] words(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.nativeOrder());
    for (int word : words) {
      bytes.putInt(word);
    }
    return bytes.array();
  }

  /// A collection of this program alone, named `smallest`.
  CollectionSpec collection() {
    SectionName row =
        Objects.requireNonNull(SectionName.of(section).orElse(null), "section " + section);
    return CollectionSpec.of(
        new ProgramSpec(
            "smallest",
            section,
            new ProgramSpec.ProgramKind(
                Optional.of(type), row.attach(), target, row.sleepable(), false),
            code,
            List.of(new ProgramFunction(0, code.size(), "smallest", 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true));
  }

  @Override
  public String toString() {
    return type.name();
  }
}
