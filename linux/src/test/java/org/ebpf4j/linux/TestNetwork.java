package org.ebpf4j.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.SystemCall;

/// A network namespace with a pair of interfaces in it, made by ip(8), and gone when it is closed.
final class TestNetwork {
  /// Where packets to both interfaces go.
  static final String BROADCAST = "10.99.0.255";

  /// `CLONE_NEWNET`.
  private static final int NETWORK = 0x40000000;

  private final String name;

  private TestNetwork(String name) {
    this.name = name;
  }

  /// What may throw anything.
  interface Action {
    void run() throws Exception;
  }

  /// A network; where that is not possible, the test is skipped and says why.
  static TestNetwork make() throws Exception {
    String name = "ebpf4j-" + ProcessHandle.current().pid();
    Said made = ip("netns", "add", name);
    assumeTrue(made.done(), () -> "no network namespace can be made here: " + made.text());
    TestNetwork network = new TestNetwork(name);
    Said pair = ip("-n", name, "link", "add", "sends", "type", "veth", "peer", "name", "receives");
    if (!pair.done()) {
      network.close();
    }
    assumeTrue(pair.done(), () -> "no pair of interfaces can be made here: " + pair.text());
    ip("-n", name, "addr", "add", "10.99.0.1/24", "broadcast", BROADCAST, "dev", "sends");
    for (String device : new String[] {"lo", "sends", "receives"}) {
      ip("-n", name, "link", "set", device, "up");
    }
    return network;
  }

  /// The namespace.
  Path file() {
    return Path.of("/run/netns", name);
  }

  /// The index of the interface to which packets come that go out of the other. To be called
  /// within.
  int receiver() throws Exception {
    Said shown = ip("-n", name, "-o", "link", "show", "receives");
    return Integer.parseInt(shown.text().substring(0, shown.text().indexOf(':')));
  }

  /// Does something in a thread that is in the namespace.
  void within(Action action) throws Exception {
    Callable<Void> entered =
        () -> {
          try (Descriptor namespace = Descriptor.open(file().toString(), Descriptor.READ_ONLY)) {
            SystemCall.SETNS.require(namespace.acquire(), NETWORK, 0, 0, 0, 0);
            namespace.release();
          }
          action.run();
          return null;
        };
    FutureTask<Void> task = new FutureTask<>(entered);
    Thread thread = new Thread(task, name);
    thread.start();
    try {
      task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Exception exception -> throw exception;
        case Error error -> throw error;
        default -> throw e;
      }
    }
  }

  /// What ip(8) said.
  private record Said(boolean done, String text) {}

  private static Said ip(String... words) throws Exception {
    String[] command = new String[words.length + 1];
    command[0] = "ip";
    System.arraycopy(words, 0, command, 1, words.length);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Said(process.waitFor() == 0, text.strip());
    } catch (IOException e) {
      return new Said(false, "ip(8) is missing: " + e.getMessage());
    }
  }

  void close() throws Exception {
    ip("netns", "delete", name);
  }
}
