package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.SectionName;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Links to a pair of interfaces and to the network namespace that the test made for itself:
/// packets go through the programs while they are attached, and no longer.
class NetworkLinksTest {
  private LinuxHost host;
  private TestNetwork network;

  @BeforeEach
  void open() throws Exception {
    host = Linux.host();
    network = TestNetwork.make();
  }

  @AfterEach
  void close() throws Exception {
    if (host != null) {
      host.close();
    }
    if (network != null) {
      network.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"xdp,XDP,2", "tcx/ingress,TCX,-1"})
  void packetsOfAnInterfaceGoThroughTheProgram(String section, LinkType kind, int pass)
      throws Exception {
    network.within(() -> {
      try (LoadedCollection loaded = host.load(counting(section, pass))) {
        LinuxProgram program = (LinuxProgram) loaded.program("counts");
        LinkTarget target = new LinkTarget.Interface(network.receiver());
        LinuxLink link = host.attach(program, target);
        assertThat(link.info().type()).contains(kind);
        assertThat(link.info().programId()).isEqualTo(program.id());
        assertThat(countAfterSending(loaded, 0)).as("packets seen").isPositive();
        if (kind == LinkType.XDP) {
          assertThatThrownBy(() -> host.attach(program, target))
              .isInstanceOfSatisfying(
                  KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
        }
        link.close();
        assertThat(host.links()).extracting(LinkInfo::programId).doesNotContain(program.id());
        LinuxLink again = host.attach(program, target);
        again.detach();
        long before = count(loaded);
        send();
        assertThat(count(loaded)).as("packets seen after detaching").isEqualTo(before);
      }
    });
  }

  /// Sends until a packet was counted, or for five seconds.
  private long countAfterSending(LoadedCollection loaded, long before) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (count(loaded) == before && System.nanoTime() < end) {
      send();
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return count(loaded) - before;
  }

  private static long count(LoadedCollection loaded) {
    byte[] value = loaded.map("packets").lookup(new byte[4]).orElseThrow();
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
  }

  /// A broadcast, which nobody has to answer or look up.
  private static void send() throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
      channel.send(
          ByteBuffer.wrap(new byte[10]),
          new InetSocketAddress(InetAddress.ofLiteral(TestNetwork.BROADCAST), 9));
    }
  }

  @Test
  void connectionsOfANamespaceAreLookedUpByTheProgram() throws Exception {
    network.within(() -> {
      try (LoadedCollection loaded = host.load(plain("sk_lookup", "r0 = 0\nexit"));
          ServerSocket server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
        connect(server);
        LinuxLink link =
            host.attach(
                (LinuxProgram) loaded.program("counts"),
                new LinkTarget.NetworkNamespace(network.file()));
        assertThat(link.info().type()).contains(LinkType.NETNS);
        assertThatThrownBy(() -> connect(server)).isInstanceOf(ConnectException.class);
        link.detach();
        connect(server);
      }
    });
  }

  private static void connect(ServerSocket server) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(server.getLocalSocketAddress(), 5_000);
    }
  }

  @Test
  void aNamespaceHasOneFlowDissector() {
    try (LoadedCollection loaded = host.load(plain("flow_dissector", "r0 = 0\nexit"))) {
      LinuxProgram program = (LinuxProgram) loaded.program("counts");
      LinkTarget target = new LinkTarget.NetworkNamespace(network.file());
      LinuxLink link = host.attach(program, target);
      assertThat(link.info().type()).contains(LinkType.NETNS);
      assertThat(link.program()).isSameAs(program);
      assertThatThrownBy(() -> host.attach(program, target))
          .isInstanceOf(KernelException.class)
          .message()
          .contains("network namespace", "there already")
          .hasLineCount(1);
      link.close();
      host.attach(program, target).detach();
    }
  }

  /// Counts in a map, and lets pass.
  private static CollectionSpec counting(String section, int pass) {
    Bytecode code =
        Assembler.assemble(
            """
            r1 = 0 ll
            r2 = 1
            lock *(u64 *)(r1 + 0) += r2
            r0 = %d
            exit
            """
                .formatted(pass));
    long[] slots = code.toSlots();
    int mapValue = 2;
    slots[0] = Bytecode.slot(0x18, 1, mapValue, (short) 0, 0);
    return CollectionSpec.of(
        List.of(MapSpec.of("packets", MapType.ARRAY, 4, 8, 1)),
        List.of(
            program(section, Bytecode.of(slots), List.of(new Reference.MapData(0, "packets", 0)))));
  }

  private static CollectionSpec plain(String section, String text) {
    return CollectionSpec.of(program(section, Assembler.assemble(text), List.of()));
  }

  private static ProgramSpec program(String section, Bytecode code, List<Reference> references) {
    SectionName row = SectionName.of(section).orElseThrow();
    return new ProgramSpec(
        "counts",
        section,
        new ProgramSpec.ProgramKind(Optional.of(row.type()), row.attach(), "", false, false),
        code,
        List.of(new ProgramFunction(0, code.size(), "counts", 0, true)),
        references,
        List.of(),
        List.of(),
        true);
  }
}
