/// Packets in and out: captures in pcap and pcapng files, and packets built by hand.
module org.ebpf4j.net {
  requires transitive org.ebpf4j.core;
  requires static org.jspecify;

  exports org.ebpf4j.net.capture;
  exports org.ebpf4j.net.packet;
}
