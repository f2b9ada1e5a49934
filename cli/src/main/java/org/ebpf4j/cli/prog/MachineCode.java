package org.ebpf4j.cli.prog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.cli.Main;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.spec.ProgramSpec;

/// What HotSpot makes of a compiled program: a JVM of its own runs `ebpf bench` on it, told to
/// print the code of the program's methods. Branches that no run takes there are traps, not code.
final class MachineCode {
  /// The classes that programs become, and their methods: `at` and the slot where one begins.
  private static final String METHODS = "org.ebpf4j.jit.internal.emit.Program*::at*";

  private static final Pattern HEADING =
      Pattern.compile("Compiled method \\((c[12])\\).* (\\S+\\.Program/\\w+)::(at\\w+) \\(.*");
  private static final Pattern BEGIN = Pattern.compile("\\[(Disassembly|MachCode)]");
  private static final Pattern END = Pattern.compile("\\[/(Disassembly|MachCode)]");
  private static final Pattern FRAME =
      Pattern.compile("\\S+\\.Program/\\w+::(at\\w+@-?\\d+)(?: \\(line (\\d+)\\))?");

  private final ProgramSpec program;

  private MachineCode(ProgramSpec program) {
    this.program = program;
  }

  /// The newest code of each method, in HotSpot's own form; its remarks on where in the program an
  /// instruction belongs to name the program's instruction and source line.
  ///
  /// @param object the file that the program is in
  static String of(Path object, ProgramSpec program) {
    return new MachineCode(program).read(printed(object, program));
  }

  private static List<String> printed(Path object, ProgramSpec program) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=print," + METHODS,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "bench",
            object.toString(),
            "--program=" + program.name(),
            "--host=jvm",
            "--engine=jit",
            "--memory=segment",
            "--warm-up=1",
            "--time=0");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new CommandException(
            "program %s cannot be run to see its machine code: %s"
                .formatted(program.name(), out.strip().lines().reduce("", (_, last) -> last)));
      }
      return out.lines().toList();
    } catch (IOException failed) {
      throw new CommandException("no JVM starts to print machine code: " + failed, failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted while HotSpot compiled", stopped);
    }
  }

  /// Takes the program's methods out of what HotSpot printed. The first class is the program's; the
  /// next is the empty one that `ebpf bench` compares it with.
  private String read(List<String> lines) {
    Map<String, String> methods = new LinkedHashMap<>();
    String first = "";
    for (int i = 0; i < lines.size(); i++) {
      Matcher heading = HEADING.matcher(lines.get(i));
      if (heading.matches()) {
        first = first.isEmpty() ? heading.group(2) : first;
        if (first.equals(heading.group(2))) {
          String title = "%s, by HotSpot's %s%n".formatted(heading.group(3), heading.group(1));
          methods.put(heading.group(3), title + body(lines, i + 1));
        }
      }
    }
    if (methods.isEmpty()) {
      throw new CommandException(
          "HotSpot compiled nothing of program " + program.name() + " within some seconds");
    }
    return String.join(System.lineSeparator(), methods.values());
  }

  private String body(List<String> lines, int from) {
    StringBuilder body = new StringBuilder();
    boolean inside = false;
    for (String line : lines.subList(from, lines.size())) {
      if (END.matcher(line).matches()) {
        break;
      }
      if (inside) {
        body.append(FRAME.matcher(line).replaceAll(this::place).stripTrailing())
            .append(System.lineSeparator());
      }
      inside |= BEGIN.matcher(line).matches();
    }
    return body.toString();
  }

  /// Lines of the class are slots of the program, counted from 1.
  private String place(MatchResult frame) {
    if (frame.group(2) == null) {
      return frame.group(1);
    }
    int slot = Integer.parseInt(frame.group(2)) - 1;
    return Matcher.quoteReplacement(
        "%s (instruction %d%s)"
            .formatted(
                frame.group(1),
                slot,
                program.line(slot).map(line -> ", " + line.location()).orElse("")));
  }
}
