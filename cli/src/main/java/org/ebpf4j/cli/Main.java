package org.ebpf4j.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.ErrorJson;
import org.ebpf4j.error.EbpfException;
import picocli.CommandLine;

/// Starts the command. Exit codes: 0 done, 1 refused or failed, 2 usage.
public final class Main {
  private static final Set<String> JSON = Set.of("--json", "-j", "--pretty", "-p", "-jp", "-pj");

  /// What picocli puts before some of its messages, and the console before all.
  private static final String ERROR = "Error: ";

  private Main() {}

  /// Runs the command and ends the process with its exit code.
  public static void main(String[] args) {
    useOneFormat();
    System.exit(run(System.out, System.err, args));
  }

  /// Numbers read the same whatever the user's language: what the command prints is English, and
  /// other programs read it.
  static void useOneFormat() {
    Locale.setDefault(Locale.Category.FORMAT, Locale.US);
  }

  /// Runs the command and gives its exit code.
  public static int run(PrintStream out, PrintStream err, String... words) {
    String[] args = helpAsOption(optionsBehindNoun(words));
    Console console = new Console(out, err);
    // Asked for even where the words are too wrong to be understood.
    boolean json = List.of(args).stream().anyMatch(JSON::contains);
    CommandLine command = new CommandLine(new EbpfCommand(console), new Factory(console));
    EbpfCommand.addCommands(command, args);
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setOut(new java.io.PrintWriter(out, true, StandardCharsets.UTF_8));
    command.setErr(new java.io.PrintWriter(err, true, StandardCharsets.UTF_8));
    command.setExecutionExceptionHandler((exception, failed, parsed) -> {
      if (exception instanceof EbpfException failure) {
        console.error(String.valueOf(exception.getMessage()));
        if (json) {
          console.line(ErrorJson.of(failure));
        }
        return CommandLine.ExitCode.SOFTWARE;
      }
      throw exception;
    });
    command.setParameterExceptionHandler((exception, given) -> {
      String message = message(exception);
      console.error(message);
      console.error(
          "see: " + exception.getCommandLine().getCommandSpec().qualifiedName() + " --help");
      if (json) {
        console.line(ErrorJson.ofUsage(message));
      }
      return CommandLine.ExitCode.USAGE;
    });
    int code = command.execute(args);
    out.flush();
    return code;
  }

  /// What is wrong; of a word where a command should stand, which commands there are.
  private static String message(CommandLine.ParameterException exception) {
    Set<String> commands = exception.getCommandLine().getSubcommands().keySet();
    if (exception instanceof CommandLine.UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()
        && !commands.isEmpty()) {
      return "unknown command '%s'; say one of: %s"
          .formatted(unmatched.getUnmatched().getFirst(), String.join(", ", commands));
    }
    String message = String.valueOf(exception.getMessage());
    return message.startsWith(ERROR) ? message.substring(ERROR.length()) : message;
  }

  /// As bpftool takes it: `ebpf help`, `ebpf prog help` and `ebpf help prog` are `--help`.
  private static String[] helpAsOption(String... args) {
    List<String> words = new ArrayList<>(List.of(args));
    boolean first = args.length > 0 && args[0].equals("help");
    if (first) {
      words.removeFirst();
    } else if (args.length == 2 && args[1].equals("help") && EbpfCommand.hasVerbs(args[0])) {
      words.removeLast();
    } else {
      return args;
    }
    words.add("--help");
    return words.toArray(String[]::new);
  }

  /// Options may stand before the noun, as bpftool takes them: `ebpf -j prog show`.
  private static String[] optionsBehindNoun(String... args) {
    int noun = 0;
    while (noun < args.length && args[noun].startsWith("-")) {
      noun++;
    }
    if (noun == 0 || noun == args.length) {
      return args;
    }
    List<String> words = new ArrayList<>(List.of(args));
    words.add(0, words.remove(noun));
    return words.toArray(String[]::new);
  }

  /// Makes commands with the console they print to.
  private record Factory(Console console) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      try {
        return type.getDeclaredConstructor(Console.class).newInstance(console);
      } catch (NoSuchMethodException e) {
        return CommandLine.defaultFactory().create(type);
      }
    }
  }
}
