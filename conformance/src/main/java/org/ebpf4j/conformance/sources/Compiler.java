package org.ebpf4j.conformance.sources;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import org.ebpf4j.btf.BtfType;

/// Compiles generated programs with clang, against the types of a kernel and libbpf's headers.
final class Compiler {
  /// Names that clang may have, the first that is there is taken.
  private static final List<String> CLANG = List.of("clang-19", "clang", "clang-20", "clang-18");

  /// Ways to compile; a seed takes the one that its number falls on.
  private static final List<List<String>> WAYS =
      List.of(
          List.of("-O2", "-mcpu=v3"),
          List.of("-O2", "-mcpu=v4"),
          List.of("-O1", "-mcpu=v3"),
          List.of("-O2", "-mcpu=v2"),
          List.of("-Os", "-mcpu=v4"),
          List.of("-O2", "-mcpu=v1"));

  private final String clang;
  private final Path folder;

  private Compiler(String clang, Path folder) {
    this.clang = clang;
    this.folder = folder;
  }

  /// Whether programs can be compiled here.
  sealed interface Found {
    record Ready(Compiler compiler) implements Found {}

    /// @param reason what is missing
    record Missing(String reason) implements Found {}
  }

  /// Writes the headers and tries them.
  ///
  /// @param folder takes headers, sources and objects
  static Found find(Path folder, Btf kernelTypes) throws IOException {
    Files.writeString(folder.resolve("vmlinux.h"), header(kernelTypes));
    for (String clang : CLANG) {
      Compiler compiler = new Compiler(clang, folder);
      if (compiler.isThere()) {
        Path trial = compiler.write("trial.bpf.c", "");
        String errors = compiler.run(trial, folder.resolve("trial.bpf.o"), WAYS.getFirst());
        return errors.isEmpty()
            ? new Found.Ready(compiler)
            : new Found.Missing(
                clang + " cannot compile for BPF, or libbpf-dev is missing: " + errors);
      }
    }
    return new Found.Missing("clang is missing: none of " + String.join(", ", CLANG) + " is there");
  }

  /// The kernel's types, and its functions that programs may call.
  private static String header(Btf types) {
    StringBuilder text = new StringBuilder(BtfCPrinter.header(types));
    text.append("\n#ifndef KERNEL_FUNCTIONS\n#define KERNEL_FUNCTIONS\n");
    for (int id = 1; id < types.endId(); id++) {
      if (types.type(id) instanceof BtfType.Function function
          && KernelFunction.all().containsKey(function.name())) {
        text.append("extern ")
            .append(BtfCPrinter.type(types, id).replaceAll(";$", ""))
            .append(" __attribute__((weak, section(\".ksyms\")));\n");
      }
    }
    return text.append("#endif\n").toString();
  }

  private boolean isThere() {
    try {
      Process process =
          new ProcessBuilder(clang, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Compiles an object of programs.
  ///
  /// @param seed its number, which says how it is compiled
  /// @throws IllegalStateException if clang refuses it: the rules are wrong
  Path compile(String name, String programs, long seed) throws IOException {
    Path source = write(name + ".bpf.c", programs);
    Path object = folder.resolve(name + ".bpf.o");
    List<String> way = WAYS.get((int) Long.remainderUnsigned(seed, WAYS.size()));
    String errors = run(source, object, way);
    if (!errors.isEmpty()) {
      throw new IllegalStateException(source + " does not compile: " + errors);
    }
    return object;
  }

  private Path write(String name, String programs) throws IOException {
    Path source = folder.resolve(name);
    Files.writeString(source, Grammar.read("prelude.c") + tailMaps() + programs);
    return source;
  }

  /// A map of programs for each hook: those of one map must be alike.
  private static String tailMaps() {
    StringBuilder maps = new StringBuilder();
    for (Hook hook : Hook.values()) {
      maps.append("SIZED(programs_%s, PROG_ARRAY, 4);%n".formatted(hook.name()));
    }
    return maps.toString();
  }

  private String run(Path source, Path object, List<String> way) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                clang,
                "-g",
                "-Wno-everything",
                "-ferror-limit=3",
                "--target=bpf",
                "-D__TARGET_ARCH_x86",
                "-I" + folder,
                "-c",
                source.toString(),
                "-o",
                object.toString()));
    command.addAll(way);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return process.waitFor() == 0
          ? ""
          : output.lines().filter(l -> l.contains("error:")).findFirst().orElse(output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while " + clang + " runs"));
    }
  }
}
