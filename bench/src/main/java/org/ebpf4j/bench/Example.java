package org.ebpf4j.bench;

import java.nio.file.Path;

/// The examples, each with the capture it is measured on.
public enum Example {
  FIREWALL("firewall", "web.pcap"),
  FLOWTABLE("flowtable", "web.pcap"),
  BALANCER("balancer", "web.pcap"),
  SYNGUARD("synguard", "syn.pcap"),
  DNSLOG("dnslog", "dns.pcap"),
  DISPATCHER("dispatcher", "mixed.pcapng");

  /// The project's folder, where the examples are found.
  private static final Path HOME = Path.of(System.getProperty("ebpf4j.home", ""));

  private final String program;
  private final String capture;

  Example(String program, String capture) {
    this.program = program;
    this.capture = capture;
  }

  /// The name of its entry program, which is also the example's.
  public String program() {
    return program;
  }

  public Path object() {
    return HOME.resolve("examples").resolve(program).resolve(program + ".bpf.o");
  }

  public Path capture() {
    return HOME.resolve("examples").resolve("captures").resolve(capture);
  }
}
