package org.ebpf4j.conformance.fuzz;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Tests the checks themselves: plants one fault after the other into a copy of a module's sources,
/// compiles that, and sees whether a check finds it, and how soon. The tree itself stays as it is.
///
/// `PlantedFaults FOLDER SECONDS [NAME]...` with a folder of `*.fault` files, from the root of the
/// tree. Exit code 1 if one was not found.
public final class PlantedFaults {
  private static final Pattern FINDING = Pattern.compile("[A-Z_]+ seed -?\\d+: .*");
  private static final Pattern SEED = Pattern.compile("seed (-?\\d+):");
  private static final Pattern SUMMARY = Pattern.compile("^([\\d,]+) programs", Pattern.MULTILINE);

  private static final int REPETITIONS = 3;

  private final String classPath = System.getProperty("java.class.path");
  private final long seconds;

  private PlantedFaults(long seconds) {
    this.seconds = seconds;
  }

  /// What became of one fault.
  ///
  /// @param finding how it showed, empty if it did not
  /// @param programs how many were generated until then
  private record Result(Optional<String> finding, double seconds, long programs) {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length < 2) {
      System.err.println("usage: PlantedFaults FOLDER SECONDS [NAME]...");
      System.exit(2);
    }
    List<String> names = List.of(arguments).subList(2, arguments.length);
    PlantedFaults faults = new PlantedFaults(Long.parseLong(arguments[1]));
    int missed = 0;
    System.out.printf("%-34s %-7s %8s %10s  %s%n", "fault", "found", "seconds", "programs", "how");
    for (Path file : files(Path.of(arguments[0]))) {
      PlantedFault fault = PlantedFault.read(file);
      if (names.isEmpty() || names.contains(fault.name())) {
        Result result = faults.run(fault);
        missed += result.finding().isPresent() ? 0 : 1;
        System.out.printf(
            Locale.ROOT,
            "%-34s %-7s %8.1f %,10d  %s%n",
            fault.name(),
            result.finding().isPresent() ? "yes" : "NO",
            result.seconds(),
            result.programs(),
            result.finding().orElse(fault.why()));
      }
    }
    System.exit(missed == 0 ? 0 : 1);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.toString().endsWith(".fault")).sorted().toList();
    }
  }

  /// Whether a finding comes from the fault: its program shows something each time with the fault,
  /// and never without. What depends on addresses or time does neither.
  private boolean comesFrom(PlantedFault fault, Path scratch, String finding)
      throws IOException, InterruptedException {
    Matcher seed = SEED.matcher(finding);
    if (!seed.find()) {
      return true;
    }
    String planted = scratch + File.pathSeparator + classPath;
    for (int i = 0; i < REPETITIONS; i++) {
      if (!shows(planted, fault, seed.group(1)) || shows(classPath, fault, seed.group(1))) {
        return false;
      }
    }
    return true;
  }

  private static boolean shows(String path, PlantedFault fault, String seed)
      throws IOException, InterruptedException {
    return execute(path, fault.check(), "from=" + seed, "count=1")
        .lines()
        .anyMatch(FINDING.asMatchPredicate());
  }

  private Result run(PlantedFault fault) throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory("planted");
    try {
      compile(fault, scratch);
      return check(fault, scratch);
    } finally {
      delete(scratch);
    }
  }

  /// Compiles the whole module, for the fault may be in something that is compiled into others.
  private void compile(PlantedFault fault, Path scratch) throws IOException {
    Path sources = Path.of(fault.module(), "src", "main", "java");
    Path planted = scratch.resolve(String.valueOf(fault.file().getFileName()));
    Files.writeString(planted, fault.plant(Files.readString(fault.file())));
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(sources)) {
      all.filter(path -> path.toString().endsWith(".java"))
          .filter(path -> !path.endsWith("module-info.java") && !path.equals(fault.file()))
          .forEach(files::add);
    }
    files.add(planted);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of(
              "-nowarn",
              "-proc:none",
              "--add-exports",
              "java.base/jdk.internal.misc=ALL-UNNAMED",
              "-cp",
              classPath,
              "-d",
              scratch.toString());
      StringBuilder problems = new StringBuilder();
      boolean compiled =
          compiler
              .getTask(
                  null,
                  manager,
                  problem -> problems.append(problem).append('\n'),
                  options,
                  null,
                  manager.getJavaFileObjectsFromPaths(files))
              .call();
      if (!compiled) {
        throw new IllegalStateException(fault.name() + " does not compile:\n" + problems);
      }
    }
  }

  /// Goes on behind findings that do not come from the fault, until the time is up.
  private Result check(PlantedFault fault, Path scratch) throws IOException, InterruptedException {
    long searched = 0;
    long from = 0;
    long programs = 0;
    while (searched < seconds) {
      long start = System.nanoTime();
      String text =
          execute(
              scratch + File.pathSeparator + classPath,
              fault.check(),
              "from=" + from,
              "count=100000000",
              "findings=1",
              "seconds=" + (seconds - searched));
      double took = (System.nanoTime() - start) / 1e9;
      Matcher summary = SUMMARY.matcher(text);
      programs += summary.find() ? Long.parseLong(summary.group(1).replace(",", "")) : 0;
      Optional<String> finding = text.lines().filter(FINDING.asMatchPredicate()).findFirst();
      if (finding.isEmpty()) {
        // The check itself may break down over it: that is seen too.
        finding = text.lines().filter(line -> line.startsWith("Exception in thread")).findFirst();
        return new Result(finding, searched + took, programs);
      }
      if (comesFrom(fault, scratch, finding.get())) {
        return new Result(finding, searched + took, programs);
      }
      searched += (long) Math.ceil(took);
      Matcher seed = SEED.matcher(finding.get());
      from = seed.find() ? Long.parseLong(seed.group(1)) + 1 : from + programs;
    }
    return new Result(Optional.empty(), searched, programs);
  }

  /// Runs a check in a JVM of its own and gives what it prints.
  private static String execute(String path, String check, String... options)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+SuppressFatalErrorMessage",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                path,
                FuzzCommand.class.getName(),
                check,
                "threads=1"));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] output = process.getInputStream().readAllBytes();
    process.waitFor();
    return new String(output, StandardCharsets.UTF_8);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted((a, b) -> b.compareTo(a))
          .forEach(path -> {
            try {
              Files.delete(path);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
