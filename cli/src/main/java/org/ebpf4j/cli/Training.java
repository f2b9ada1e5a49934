package org.ebpf4j.cli;

import java.io.OutputStream;
import java.io.PrintStream;

/// The run in which the JVM learns, for an AOT cache, which classes the command needs: what people
/// ask first, in text and in JSON.
///
///     java -XX:AOTCacheOutput=FILE -cp ebpf.jar org.ebpf4j.cli.Training OBJECT CAPTURE
final class Training {
  private Training() {}

  static void main(String[] args) {
    String object = args[0];
    String capture = args[1];
    String[][] calls = {
      {"run", object, "--pcap", capture},
      {"run", object, "--pcap", capture, "--json"},
      {"verify", object},
      {"verify", object, "--json"},
      {"prog", "dump", "file", object},
      {"map", "show", "file", object},
      {"btf", "dump", "file", object, "format", "c"},
    };
    Main.useOneFormat();
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    for (String[] call : calls) {
      int code = Main.run(nowhere, nowhere, call);
      if (code != 0) {
        throw new IllegalStateException(
            "ebpf %s ended with %d".formatted(String.join(" ", call), code));
      }
    }
    Main.main(new String[] {"version"}); // which ends the process as every command does
  }
}
