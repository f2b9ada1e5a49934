package org.ebpf4j.conformance.tables;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.LinuxHost;

/// Asks a kernel, by loading tiny programs, what is a kernel's to say, and writes it down as data:
///
/// | file | what |
/// | --- | --- |
/// | `helpers-by-program-type.tsv` | which program types may call which helper |
/// | `context-accesses.tsv` | which bytes of its context a program may load and store |
/// | `maps-by-helper.tsv` | which types of maps may be passed to which helper |
public final class KernelTables {
  private static final List<String> NO_SUCH_HELPER =
      List.of("invalid func ", "unknown func ", "cannot use helper ");

  private KernelTables() {}

  /// The program types that can be asked about without something to attach to.
  static List<ProgramType> types() {
    return Arrays.stream(ProgramType.values())
        .filter(type -> HelperPermissions.of(type).isPresent())
        .toList();
  }

  /// @param args the folder to write to
  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args.length > 0 ? args[0] : "."));
    try (LinuxHost host = LinuxHost.open()) {
      Judge kernel = new Judge.Kernel(host);
      write(folder.resolve("helpers-by-program-type.tsv"), helpers(kernel));
      write(
          folder.resolve("context-accesses.tsv"),
          ContextAccesses.of(types().stream().map(Caller::of).toList(), kernel));
      write(folder.resolve("maps-by-helper.tsv"), MapHelpers.of(types(), kernel));
    }
  }

  private static void write(Path file, Map<String, String> rows) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# What Linux %s said.".formatted(System.getProperty("os.version")));
    rows.forEach((key, value) -> lines.add(value.isEmpty() ? key : key + "\t" + value));
    Files.write(file, lines, StandardCharsets.UTF_8);
  }

  /// Rows by helper: the program types that may call it.
  static Map<String, String> helpers(Judge judge) {
    Map<String, String> rows = new TreeMap<>();
    for (HelperPrototype helper : Helpers.all()) {
      rows.put(
          helper.name(),
          types().stream()
              .filter(type -> mayCall(Caller.of(type), helper, judge))
              .map(Enum::name)
              .collect(Collectors.joining(" ")));
    }
    return rows;
  }

  /// Whether it is for another reason than the helper if the call is refused: its arguments are not
  /// there.
  private static boolean mayCall(Caller caller, HelperPrototype helper, Judge judge) {
    long call = Bytecode.slot(0x85, 0, 0, (short) 0, helper.id());
    return judge
        .refusal(TinyProgram.of(caller, List.of(), List.of(), call))
        .filter(reason -> NO_SUCH_HELPER.stream().anyMatch(reason::contains))
        .isEmpty();
  }

  /// The same rows as the table of `core` has them.
  static Map<String, String> helpersOfTables() {
    Map<String, String> rows = new TreeMap<>();
    for (HelperPrototype helper : Helpers.all()) {
      rows.put(
          helper.name(),
          types().stream()
              .filter(type -> HelperPermissions.of(type).orElseThrow().contains(helper.id()))
              .map(Enum::name)
              .collect(Collectors.joining(" ")));
    }
    return rows;
  }

  /// Rows by program type and hook: the helpers that it may call.
  static Map<String, String> helpersByHook(List<Caller> callers, Judge judge) {
    Map<String, String> rows = new TreeMap<>();
    for (Caller caller : callers) {
      rows.put(
          caller.toString(),
          Helpers.all().stream()
              .filter(helper -> mayCall(caller, helper, judge))
              .map(HelperPrototype::name)
              .collect(Collectors.joining(" ")));
    }
    return rows;
  }

  /// Rows by program type and hook: the numbers near 0 that it may return.
  static Map<String, String> results(List<Caller> callers, Judge judge) {
    Map<String, String> rows = new TreeMap<>();
    for (Caller caller : callers) {
      rows.put(
          caller.toString(),
          IntStream.rangeClosed(-2, 5)
              .filter(number ->
                  judge
                      .refusal(TinyProgram.returning(caller, number, List.of(), List.of()))
                      .isEmpty())
              .mapToObj(String::valueOf)
              .collect(Collectors.joining(" ")));
    }
    return rows;
  }
}
