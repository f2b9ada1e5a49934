package org.ebpf4j.cli;

import java.io.OutputStream;
import java.io.PrintStream;

/// The run in which the JVM learns, for an AOT cache, which classes the command needs: what people
/// ask first, in text and in JSON.
///
///     java -XX:AOTCacheOutput=FILE -cp ebpf.jar org.ebpf4j.cli.Training OBJECT CAPTURE LARGE
///
/// The last is an object that takes the verifier long, by which HotSpot learns what is hot there.
final class Training {
  private Training() {}

  static void main(String[] args) {
    String object = args[0];
    String capture = args[1];
    String large = args[2];
    String[][] calls = {
      {"run", object, "--pcap", capture},
      {"run", object, "--pcap", capture, "--json"},
      {"verify", object},
      {"verify", object, "--json"},
      {"verify", large},
      {"prog", "dump", "file", object},
      {"map", "show", "file", object},
      {"btf", "dump", "file", object, "format", "c"},
      {"version"},
    };
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    for (String[] call : calls) {
      int code = Main.run(nowhere, nowhere, call);
      // A refused program teaches as much.
      if (code > 1) {
        throw new IllegalStateException(
            "ebpf %s ended with %d".formatted(String.join(" ", call), code));
      }
    }
  }
}
