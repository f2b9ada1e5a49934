package org.ebpf4j.cli.prog;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.cli.map.MapWords;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.isa.Disassembler;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.linux.PinnedObject;
import org.ebpf4j.linux.ProgramInfo;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ebpf prog`: the programs of an object file, and those in the Linux kernel.
@Command(
    name = "prog",
    mixinStandardHelpOptions = true,
    description =
        "Shows programs of object files, and shows, loads, runs and pins programs in Linux.")
public final class ProgCommand extends NounCommand {
  public ProgCommand(Console console) {
    super(console);
  }

  @Command(
      name = "show",
      aliases = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the programs of an object file, or those in the Linux kernel.")
  void show(
      @Parameters(arity = "0..*", paramLabel = "[file F|id N|name X|pinned P]")
          List<String> words) {
    if (words == null || words.isEmpty() || !words.getFirst().equals("file")) {
      live(words == null ? List.of() : words);
      return;
    }
    CollectionSpec spec = file(parse(words).selector());
    if (json()) {
      printJson(json(spec));
      return;
    }
    for (ProgramSpec program : spec.programs().values()) {
      console()
          .line(
              "%s  %s  section %s%s  insns %d  functions %d",
              program.name(),
              type(program),
              program.section(),
              program.autoload() ? "" : " (not loaded unless named)",
              program.bytecode().size(),
              program.functions().size());
    }
  }

  private void live(List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      List<ProgramInfo> programs =
          words.isEmpty() ? host.programs() : LivePrograms.infos(host, parse(words).selector());
      ProgramListing listing =
          ProgramListing.of(host, programs, pins(host, PinnedObject.Kind.PROGRAM));
      if (json()) {
        printJson(listing.json());
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
      @Parameters(paramLabel = "OBJECT") Path object,
      @Parameters(paramLabel = "PATH", description = "In a BPF file system, such as /sys/fs/bpf.")
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
    }
  }

  @Command(
      name = "loadall",
      mixinStandardHelpOptions = true,
      description = "Loads all programs of an object file into Linux and pins each by its name.")
  void loadAll(
      @Parameters(paramLabel = "OBJECT") Path object,
      @Parameters(paramLabel = "DIR", description = "In a BPF file system, made if missing.")
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
  void pin(@Parameters(paramLabel = "id N|name X|pinned P PATH") List<String> words) {
    if (words.size() != 3) {
      throw usage("say: pin id N PATH");
    }
    Path pin = Path.of(words.getLast());
    try (LinuxHost host = LinuxHost.open()) {
      preparePin(host, pin);
      LivePrograms.open(host, selector(words)).pin(pin);
    }
  }

  @Command(
      name = "run",
      mixinStandardHelpOptions = true,
      description = "Runs a program in Linux once, or N times, on the bytes of a file.")
  void runOnce(
      @Parameters(
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
            bytes(given.get("data_in")), bytes(given.get("ctx_in")), count(given.get("repeat")));
    try (LinuxHost host = LinuxHost.open()) {
      RunResult result = LivePrograms.open(host, parsed.selector()).run(input);
      write(given.get("data_out"), given.get("data_size_out"), result.data());
      write(given.get("ctx_out"), given.get("ctx_size_out"), result.context());
      long value = Integer.toUnsignedLong((int) result.returnValue());
      if (json()) {
        printJson("{\"retval\":%d,\"duration\":%d}".formatted(value, result.nanoseconds()));
      } else {
        console().line("Return value: %d, duration (average): %dns", value, result.nanoseconds());
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

  private static byte[] bytes(@Nullable String file) {
    try {
      return file == null ? new byte[0] : Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw new CommandException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /// @param limit how many of the bytes are wanted at most
  private static void write(@Nullable String file, @Nullable String limit, byte[] bytes) {
    if (file == null) {
      return;
    }
    int length =
        limit == null ? bytes.length : Math.min(bytes.length, MapWords.number("size", limit));
    try {
      Files.write(Path.of(file), Arrays.copyOf(bytes, Math.max(0, length)));
    } catch (IOException e) {
      throw new CommandException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  @Command(
      name = "dump",
      mixinStandardHelpOptions = true,
      description = {
        "Prints the instructions of an object file, or of a program in Linux.",
        "Of an object file in llvm-objdump's syntax, with C source lines; of a program in Linux as"
            + " the verifier left it (xlated), in the kernel's syntax as bpftool does, or its"
            + " machine code in hex (jited). opcodes shows the encoding, linum where lines are;"
            + " 'file OUT' writes the bytes as they are.",
        "'jited file F' prints the JVM bytecode that the JVM host's compiler makes."
      })
  void dump(
      @Parameters(
              paramLabel =
                  "[jited] file F | xlated|jited id N|name X|tag T|pinned P [file OUT] [opcodes]"
                      + " [linum]")
          List<String> words,
      @Option(names = "--program", paramLabel = "NAME", description = "Only this program.")
          Optional<String> name,
      @Option(names = "--opcodes", description = "The encoding, too.") boolean opcodes) {
    String form = words.getFirst();
    if (form.equals("jited") && words.size() > 1 && words.get(1).equals("file")) {
      dumpCompiled(file(parse(words.subList(1, words.size())).selector()), name);
      return;
    }
    if (form.equals("xlated") || form.equals("jited")) {
      dumpLive(form.equals("jited"), words.subList(1, words.size()), opcodes);
      return;
    }
    CollectionSpec spec = file(parse(words).selector());
    if (name.isPresent() && !spec.programs().containsKey(name.get())) {
      throw new CommandException(
          "%s: no program named %s; it has %s"
              .formatted(spec.name(), name.get(), String.join(", ", spec.programs().keySet())));
    }
    for (ProgramSpec program : spec.programs().values()) {
      if (name.isEmpty() || name.get().equals(program.name())) {
        dump(program, opcodes);
      }
    }
  }

  private void dumpCompiled(CollectionSpec spec, Optional<String> name) {
    LoadOptions options =
        name.map(LoadOptions.defaults()::withProgram).orElse(LoadOptions.defaults());
    try (JvmHost host = JvmHost.create();
        LoadedCollection collection = host.load(spec, options)) {
      for (BpfProgram program : collection.programs().values()) {
        console().line("program %s", program.name());
        console().line(host.listing(program));
      }
    }
  }

  private void dump(ProgramSpec program, boolean opcodes) {
    Disassembler disassembler =
        Disassembler.plain()
            .with(Disassembler.Option.SLOT_NUMBERS)
            .withFunctions(program.functions())
            .withLines(program.lines())
            .withHelpers(id -> Helpers.byId(id).map(row -> "bpf_" + row.name()));
    if (opcodes) {
      disassembler = disassembler.with(Disassembler.Option.RAW_BYTES);
    }
    console().line(disassembler.print(program.bytecode()));
  }

  private void dumpLive(boolean machineCode, List<String> words, boolean opcodes) {
    List<String> plain = new ArrayList<>(words);
    boolean lineNumbers = plain.remove("linum");
    boolean encoded = plain.remove("opcodes") || opcodes;
    if (plain.contains("visual")) {
      throw new CommandException("graphs ('visual') are not supported: leave the word away");
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
        write(file, null, bytes);
      } else if (machineCode) {
        if (json()) {
          printJson(MapBytes.json(bytes));
        } else {
          console().line(MapBytes.text(bytes));
        }
      } else {
        TranslatedListing listing = TranslatedListing.of(host, program, encoded, lineNumbers);
        if (json()) {
          printJson(listing.json());
        } else {
          listing.text(console());
        }
      }
    }
  }

  private static String type(ProgramSpec program) {
    return program.kind().type().map(Names::of).orElse("(type unknown)");
  }

  private static String json(CollectionSpec spec) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      for (ProgramSpec program : spec.programs().values()) {
        json.writeStartObject();
        json.writeStringProperty("name", program.name());
        json.writeStringProperty("type", type(program));
        json.writeStringProperty("section", program.section());
        json.writeBooleanProperty("autoload", program.autoload());
        json.writeNumberProperty("insns", program.bytecode().size());
        json.writeName("functions");
        json.writeStartArray();
        program.functions().forEach(function -> json.writeString(function.name()));
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return out.toString();
  }
}
