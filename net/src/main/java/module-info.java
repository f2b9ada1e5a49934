/// Packets in and out: captures in pcap and pcapng files.
module org.ebpf4j.net {
  requires transitive org.ebpf4j.core;
  requires static org.jspecify;

  exports org.ebpf4j.net.capture;
}
