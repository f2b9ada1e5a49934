package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Classic BPF's packet loads, on a socket filter that sees 18 bytes behind the Ethernet header
/// (RFC 9669, section 5.5): in network order, and a load outside of the packet returns 0 from the
/// function.
class PacketLoadTest {
  private static final byte[] PACKET =
      HexFormat.of().parseHex("00".repeat(14) + "000102030405060708090a0b0c0d0e0f7fff");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r0 = *(u8 *)skb[12]                        | 0x0c",
        "r0 = *(u16 *)skb[12]                       | 0x0c0d",
        "r0 = *(u32 *)skb[12]                       | 0x0c0d0e0f",
        "r0 = *(u32 *)skb[13]                       | 0x0d0e0f7f",
        "r2 = 10; r0 = *(u8 *)skb[r2 + 2]           | 0x0c",
        "r2 = 10; r0 = *(u16 *)skb[r2 + 2]          | 0x0c0d",
        "r2 = 14; r0 = *(u32 *)skb[r2 - 2]          | 0x0c0d0e0f",
        "r0 = *(u16 *)skb[16]                       | 0x7fff",
        "r0 = *(u16 *)skb[17]; r0 = 1               | 0",
        "r0 = *(u8 *)skb[18]; r0 = 1                | 0",
        "r0 = *(u32 *)skb[0x7fffffff]; r0 = 1       | 0",
        "r2 = -20; r0 = *(u8 *)skb[r2 + 2]; r0 = 1  | 0",
        "r0 = 7; call f; r0 += 1; exit; f: r0 = *(u8 *)skb[18]; r0 = 9 | 1",
      })
  void loadsInNetworkOrder(String body, String expected) {
    String text = "r6 = r1\n" + body.replace(';', '\n') + "\nexit";
    ProgramSpec filter =
        ProgramSpec.of("test", ProgramType.SOCKET_FILTER, Assembler.assemble(text));
    try (JvmHost host = JvmHost.builder().cpus(1).build();
        LoadedCollection loaded =
            host.load(CollectionSpec.of(List.of(), List.of(filter)), Programs.UNVERIFIED)) {
      assertThat(loaded.program("test").run(RunInput.packet(PACKET)).returnValue())
          .isEqualTo(Long.decode(expected));
    }
  }
}
