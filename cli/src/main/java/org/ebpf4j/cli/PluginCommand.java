package org.ebpf4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ebpf plugin`: runs bare programs, as the bpf_conformance suite asks of its plugins. `R1` holds
/// the address of the memory given and `R2` its length.
@Command(
    name = "plugin",
    mixinStandardHelpOptions = true,
    description = "Runs bare programs, in hex, as the bpf_conformance suite asks of its plugins.",
    footer = {
      "",
      "The program comes on standard input; what it leaves in R0 is printed as hex.",
    })
final class PluginCommand implements Runnable {
  /// The section that stands for such programs.
  private static final String TYPE = "memory";

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MEMORY_HEX",
      description = "The bytes that R1 points at; R2 holds their number.")
  private String memory = "";

  @Option(
      names = "--batch",
      description = {
        "One line 'PROGRAM_HEX [MEMORY_HEX]' in, one line '0x…' or 'error: …' out, until the end of"
            + " input."
      })
  private boolean batch;

  private final Console console;

  PluginCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (JvmHost host = JvmHost.builder().cpus(1).memoryProgramType(TYPE).build()) {
      if (batch) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (!line.isBlank()) {
            console.line(answer(host, line.strip()));
          }
        }
      } else {
        String program = String.join("", in.lines().toList());
        console.line("%x".formatted(run(host, bytes(program), bytes(memory))));
      }
    } catch (IOException e) {
      throw new CommandException("standard input cannot be read: " + e.getMessage(), e);
    }
  }

  private static String answer(JvmHost host, String line) {
    String[] words = line.split("\\s+", 2);
    try {
      byte[] memory = words.length == 2 ? bytes(words[1]) : new byte[0];
      return "0x%x".formatted(run(host, bytes(words[0]), memory));
    } catch (EbpfException e) {
      return "error: " + e.getMessage();
    }
  }

  private static long run(JvmHost host, byte[] program, byte[] memory) {
    if (program.length % Bytecode.SLOT_BYTES != 0) {
      throw new CommandException("a program takes a multiple of 8 bytes, not " + program.length);
    }
    Bytecode code = Bytecode.read(ByteBuffer.wrap(program), ByteOrder.nativeOrder());
    ProgramSpec spec =
        new ProgramSpec(
            "stdin",
            TYPE,
            new ProgramSpec.ProgramKind(Optional.empty(), Optional.empty(), "", false, false),
            code,
            Functions.of(code),
            List.of(),
            List.of(),
            List.of(),
            true);
    try (LoadedCollection collection =
        host.load(CollectionSpec.of(spec), LoadOptions.defaults().withUnverified(true))) {
      return collection.program("stdin").run(RunInput.packet(memory)).returnValue();
    }
  }

  private static byte[] bytes(String hex) {
    try {
      return HexFormat.of().parseHex(hex.replaceAll("\\s+", ""));
    } catch (IllegalArgumentException e) {
      throw new CommandException("not hex: " + e.getMessage(), e);
    }
  }
}
