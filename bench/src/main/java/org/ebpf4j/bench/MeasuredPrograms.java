package org.ebpf4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The programs of `bench/programs` and the examples, each measured by a call of `ebpf bench`.
final class MeasuredPrograms {
  private static final String SHORT_SECONDS = "0.3";

  private MeasuredPrograms() {}

  /// What `ebpf bench` was called with, and what it printed.
  record Table(String arguments, String text) {}

  private static final List<List<String>> SMALL =
      List.of(
          List.of("bench/programs/empty.bpf.o"),
          List.of("bench/programs/hash.bpf.o", "--size", "1500"),
          List.of("bench/programs/parser.bpf.o"),
          List.of("bench/programs/flows.bpf.o"),
          List.of("bench/programs/flows_update.bpf.o"),
          List.of("bench/programs/flows_percpu.bpf.o"),
          List.of("bench/programs/nested.bpf.o"),
          List.of("bench/programs/helpers.bpf.o"),
          List.of("bench/programs/sieve.bpf.o"),
          List.of("bench/programs/matrix.bpf.o"),
          List.of("bench/programs/checksum.bpf.o", "--size", "1500"),
          List.of("bench/programs/tailcalls.bpf.o", "--program", "start_of_chain"),
          List.of("bench/programs/histogram.bpf.o", "--size", "1500"),
          List.of("bench/programs/shared_counter.bpf.o"),
          List.of("examples/balancer/balancer.bpf.o", "--pcap", "examples/captures/syn.pcap"),
          List.of("examples/firewall/firewall.bpf.o", "--pcap", "examples/captures/web.pcap"));

  private static final List<List<String>> LARGE =
      List.of(
          large("straight1000"),
          large("straight4000"),
          large("straight20000"),
          large("straight100000"),
          large("branchy250"),
          large("branchy1000"));

  /// A large program, with what users get by default, too: the change from engine to engine.
  private static List<String> large(String name) {
    return List.of("bench/target/programs/" + name + ".bpf.o", "--engine", "interpreter,jit,auto");
  }

  /// Measures those whose object is there: large ones are only where clang compiled them.
  ///
  /// @param home the project's folder
  /// @param command the jar of the command
  static List<Table> measure(Path home, Path command, boolean quick)
      throws IOException, InterruptedException {
    List<List<String>> calls = new ArrayList<>(SMALL);
    calls.addAll(LARGE);
    return measure(calls, home, command, quick);
  }

  /// Measures small ones as programs that nobody has proven, in the JVM alone.
  static List<Table> measureUnverified(Path home, Path command, boolean quick)
      throws IOException, InterruptedException {
    List<List<String>> calls = new ArrayList<>();
    for (List<String> small : SMALL) {
      List<String> call = new ArrayList<>(small);
      call.addAll(List.of("--unverified", "--host", "jvm"));
      calls.add(call);
    }
    return measure(calls, home, command, quick);
  }

  private static List<Table> measure(
      List<List<String>> calls, Path home, Path command, boolean quick)
      throws IOException, InterruptedException {
    List<Table> tables = new ArrayList<>();
    for (List<String> call : calls) {
      if (Files.exists(home.resolve(call.getFirst()))) {
        tables.add(new Table(String.join(" ", call), run(home, command, call, quick)));
      }
    }
    return tables;
  }

  private static String run(Path home, Path command, List<String> call, boolean quick)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:+UseSerialGC", "-jar", command.toAbsolutePath().toString(), "bench"));
    words.addAll(call);
    if (quick) {
      words.addAll(List.of("--warm-up", SHORT_SECONDS, "--time", SHORT_SECONDS));
    }
    Process process =
        new ProcessBuilder(words).directory(home.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text.strip();
  }
}
