package org.ebpf4j.cli.prog;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.cli.map.LiveMaps;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.linux.PinnedObject;
import org.ebpf4j.linux.ProgramInfo;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The verbs of `ebpf prog` for programs in the Linux kernel.
abstract class LiveProgCommand extends NounCommand {
  private static final String PROGRAM = "id N|name X|tag T|pinned P";

  LiveProgCommand(Console console) {
    super(console);
  }

  /// Those that are meant; all for no words.
  final void showLive(List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      List<ProgramInfo> programs =
          words.isEmpty() ? host.programs() : LivePrograms.infos(host, parse(words).selector());
      ProgramListing listing =
          ProgramListing.of(host, programs, pins(host, PinnedObject.Kind.PROGRAM));
      if (json()) {
        printJson(listing.json(!words.isEmpty()));
      } else {
        listing.text(console());
      }
    }
  }

  @Command(
      name = "load",
      mixinStandardHelpOptions = true,
      description = "Loads the first program of an object file into Linux and pins it.")
  void load(
      @Parameters(arity = "1..*", paramLabel = "OBJECT") Path object,
      @Parameters(
              arity = "1..*",
              paramLabel = "PATH",
              description = "In a BPF file system, such as /sys/fs/bpf.")
          Path pin,
      @Parameters(arity = "0..*", paramLabel = LoadWords.SYNOPSIS) List<String> words,
      @Option(names = "--program", paramLabel = "NAME", description = "This one, not the first.")
          Optional<String> name) {
    LoadWords given = loadWords(words);
    CollectionSpec spec = given.retyped(CollectionReader.read(object));
    String program =
        name.or(() -> spec.programs().keySet().stream().findFirst())
            .orElseThrow(() -> new CommandException(object + ": no program in it"));
    try (LinuxHost host = LinuxHost.open();
        LoadedCollection collection =
            host.load(spec, given.options(host, spec).withProgram(program))) {
      preparePin(host, pin);
      pin(collection.program(program), pin);
      given.pinMaps(collection);
      printDone();
    }
  }

  @Command(
      name = "loadall",
      mixinStandardHelpOptions = true,
      description = "Loads all programs of an object file into Linux and pins each by its name.")
  void loadAll(
      @Parameters(arity = "1..*", paramLabel = "OBJECT") Path object,
      @Parameters(
              arity = "1..*",
              paramLabel = "DIR",
              description = "In a BPF file system, made if missing.")
          Path folder,
      @Parameters(arity = "0..*", paramLabel = LoadWords.SYNOPSIS) List<String> words) {
    LoadWords given = loadWords(words);
    CollectionSpec spec = given.retyped(CollectionReader.read(object));
    try (LinuxHost host = LinuxHost.open();
        LoadedCollection collection = host.load(spec, given.options(host, spec))) {
      preparePin(host, folder);
      LoadWords.makeFolder(folder);
      for (BpfProgram program : collection.programs().values()) {
        pin(program, folder.resolve(program.name()));
      }
      given.pinMaps(collection);
      printDone();
    }
  }

  private LoadWords loadWords(@Nullable List<String> words) {
    return LoadWords.parse(words == null ? List.of() : words, this::usage);
  }

  private static void pin(BpfProgram program, Path path) {
    if (program instanceof LinuxProgram live) {
      live.pin(path);
    }
  }

  @Command(
      name = "pin",
      mixinStandardHelpOptions = true,
      description = "Gives a program in Linux a name in a BPF file system.")
  void pin(
      @Parameters(arity = "1..*", paramLabel = "id N|name X|pinned P PATH") List<String> words) {
    if (words.size() != 3) {
      throw usage("say: pin id N PATH");
    }
    Path pin = Path.of(words.getLast());
    try (LinuxHost host = LinuxHost.open()) {
      preparePin(host, pin);
      LivePrograms.open(host, selector(words)).pin(pin);
      printDone();
    }
  }

  @Command(
      name = "run",
      mixinStandardHelpOptions = true,
      description =
          "Runs a program in Linux once, or N times, on the bytes of a file; - is standard input"
              + " and output.")
  void runOnce(
      @Parameters(
              arity = "1..*",
              paramLabel =
                  "id N|name X|pinned P [data_in F] [data_out F] [ctx_in F] [ctx_out F] [repeat N]")
          List<String> words) {
    Selector.Parsed parsed =
        parse(
            words,
            "data_in",
            "data_out",
            "data_size_out",
            "ctx_in",
            "ctx_out",
            "ctx_size_out",
            "repeat");
    Map<String, String> given = parsed.options();
    RunInput input =
        new RunInput(
            RunBytes.read(given.get("data_in")),
            RunBytes.read(given.get("ctx_in")),
            count(given.get("repeat")));
    try (LinuxHost host = LinuxHost.open()) {
      RunResult result = LivePrograms.open(host, parsed.selector()).run(input);
      RunBytes data = new RunBytes("data_out", given.get("data_size_out"), result.data());
      RunBytes context = new RunBytes("ctx_out", given.get("ctx_size_out"), result.context());
      String shown =
          data.give(given.get("data_out"), json()) + context.give(given.get("ctx_out"), json());
      long value = Integer.toUnsignedLong((int) result.returnValue());
      if (json()) {
        printJson(
            "{%s\"retval\":%d,\"duration\":%d}".formatted(shown, value, result.nanoseconds()));
      } else {
        console().out().print(shown);
        console()
            .line(
                "Return value: %d, duration%s: %dns",
                value, input.repeat() > 1 ? " (average)" : "", result.nanoseconds());
      }
    }
  }

  private static int count(@Nullable String word) {
    try {
      int count = word == null ? 1 : Integer.parseInt(word);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw new CommandException("repeat is a number from 1 on, not '" + word + "'", e);
    }
    throw new CommandException("repeat is a number from 1 on, not '" + word + "'");
  }

  /// The instructions of a program in Linux, or its machine code.
  final void dumpLive(boolean machineCode, List<String> words, boolean opcodes) {
    List<String> plain = new ArrayList<>(words);
    boolean lineNumbers = plain.remove("linum");
    boolean encoded = plain.remove("opcodes") || opcodes;
    boolean visual = plain.remove("visual");
    if (visual && (machineCode || json())) {
      throw usage("'visual' is a graph of xlated instructions, and not JSON");
    }
    Selector.Parsed parsed = parse(plain, "file");
    String file = parsed.options().get("file");
    try (LinuxHost host = LinuxHost.open()) {
      LinuxProgram program = LivePrograms.open(host, parsed.selector());
      byte[] bytes =
          machineCode
              ? program.nativeCode()
              : program.translated().toBytes(ByteOrder.nativeOrder());
      if (bytes.length == 0) {
        throw new CommandException(
            machineCode
                ? "no machine code: the program is interpreted, or the kernel hides it"
                : "no instructions: the kernel hides them");
      }
      if (file != null) {
        RunBytes.write(file, bytes);
      } else if (machineCode) {
        if (json()) {
          printJson(MapBytes.json(bytes));
        } else {
          console().line(MapBytes.text(bytes));
        }
      } else {
        TranslatedListing listing = TranslatedListing.of(host, program, encoded, lineNumbers);
        if (visual) {
          new ProgramDot(program.translated(), program.functions(), listing.texts())
              .print(console());
        } else if (json()) {
          printJson(listing.json());
        } else {
          listing.text(console());
        }
      }
    }
  }

  @Command(
      name = "attach",
      mixinStandardHelpOptions = true,
      description = {
        "Attaches a program in Linux to a map of sockets, or to this network namespace.",
        "It stays attached until it is detached. Links, which last while somebody holds them, are"
            + " made by LinuxHost.attach."
      })
  void attach(
      @Parameters(arity = "1..*", paramLabel = PROGRAM + " " + PlainHook.SYNOPSIS)
          List<String> words) {
    PlainHook hook = PlainHook.parse(words, this::usage);
    try (LinuxHost host = LinuxHost.open()) {
      host.attachPlain(
          LivePrograms.open(host, selector(words)),
          hook.type(),
          hook.map().map(map -> LiveMaps.open(host, selector(map))));
      printDone();
    }
  }

  @Command(
      name = "detach",
      mixinStandardHelpOptions = true,
      description = "Detaches what attach has attached.")
  void detach(
      @Parameters(arity = "1..*", paramLabel = PROGRAM + " " + PlainHook.SYNOPSIS)
          List<String> words) {
    PlainHook hook = PlainHook.parse(words, this::usage);
    try (LinuxHost host = LinuxHost.open()) {
      host.detachPlain(
          LivePrograms.open(host, selector(words)),
          hook.type(),
          hook.map().map(map -> LiveMaps.open(host, selector(map))));
      printDone();
    }
  }

  @Command(
      name = "tracelog",
      mixinStandardHelpOptions = true,
      description = "Prints what programs in Linux say by bpf_printk, until interrupted.")
  void traceLog() {
    TraceLog.print(console(), json());
  }

  @Command(
      name = "profile",
      hidden = true,
      mixinStandardHelpOptions = true,
      description = "Not there: says what to use in place of bpftool's verb.")
  void profile(
      @Parameters(arity = "0..*", paramLabel = PROGRAM + " [duration N] METRIC...")
          List<String> words) {
    throw new CommandException(
        """
        prog profile: ebpf does not count hardware events; for runs and nanoseconds of a program, \
        write 1 to /proc/sys/kernel/bpf_stats_enabled and see 'ebpf prog show %s'; for cycles use \
        'bpftool prog profile', built with clang\
        """
            .formatted(program(words)));
  }

  /// What the words choose, `id N` if they do not.
  private static String program(@Nullable List<String> words) {
    return words == null || words.size() < 2 ? "id N" : words.getFirst() + " " + words.get(1);
  }
}
