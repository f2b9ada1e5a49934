package org.ebpf4j.cli.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.cli.option.BtfFiles;
import org.ebpf4j.cli.option.EngineOptions;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.cli.option.JsonOption;
import org.ebpf4j.cli.option.LimitOptions;
import org.ebpf4j.cli.option.ProgramOptions;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.EventFormat;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `ebpf run`: runs a program of an object file over the packets of a capture, or over contexts.
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Runs a program of an object file over the packets of a capture, or over contexts.",
    footer = {
      "",
      "Time, as programs see it, is that of the capture: two runs give the same results.",
      "Example: ebpf run examples/firewall/firewall.bpf.o --pcap examples/captures/web.pcap",
      "Example: ebpf run probe.bpf.o --program on_open --context 0x2a00000000000000",
    })
public final class RunCommand implements Runnable {
  private static final byte[] NO_CONTEXT = {};

  @Mixin private ProgramOptions program = new ProgramOptions();

  @Option(
      names = "--pcap",
      paramLabel = "IN",
      description = {
        "The capture, pcap or pcapng; '-' is standard input. Programs of XDP and traffic control",
        "see whole frames, socket filters and those of cgroup_skb and lwt what follows the Ethernet",
        "header, as in Linux's test runs."
      })
  private Optional<Path> capture = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "FILE|0xHEX",
      description = {
        "The bytes of the context, as Linux's headers lay it out: with --pcap what each packet's",
        "says beside the packet, such as a mark; without, one run of a program that takes no",
        "packets, such as one for tracepoints, and may be given several times."
      })
  private List<String> contexts = List.of();

  @Option(
      names = "--out",
      paramLabel = "OUT",
      description =
          "Writes the packets that the program lets through, as it left them (.pcap or .pcapng),"
              + " with the VLAN tag that it pushed.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description = "Runs each packet N times (to measure); the last run counts.")
  private int repeat = 1;

  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--packets", description = "One line for each packet, too.")
  private boolean packets;

  @Option(
      names = "--btf",
      paramLabel = "FILE",
      description = "Relocates (CO-RE) against these kernel types; default: the object's own.")
  private Optional<Path> btf = Optional.empty();

  @Option(
      names = "--event-type",
      paramLabel = "STRUCT",
      description =
          "Shows events as this struct of the object; default: one named '…event' of their size.")
  private Optional<String> eventType = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = {
        "Sets a global variable before the run, constants too; the value is JSON, text, a number",
        "with 0x, or an IP address."
      })
  private List<String> variables = List.of();

  @Option(
      names = "--maps",
      paramLabel = "FILE",
      description = {
        "Fills maps before the run: a JSON array of maps with name and elements, each of key and",
        "value, as --json shows them in the end, or all that --json printed. Program arrays and maps",
        "of maps stay as they are in the object."
      })
  private List<Path> maps = List.of();

  @Option(
      names = "--iterate",
      paramLabel = "PROGRAM[:MAP]",
      description = {
        "Runs this iterator of the object, after the packets if there are any, over the elements of",
        "MAP (for iter/bpf_map_elem), and shows what it writes; may be given several times."
      })
  private List<String> iterate = List.of();

  @Option(
      names = "--host",
      paramLabel = "jvm|linux",
      description = {
        "Where it runs: in this JVM (default), or in the Linux kernel by BPF_PROG_TEST_RUN,",
        "which takes root and, as programs see it, has its own clock; what they print goes to",
        "the kernel's trace_pipe."
      })
  private HostKind hostKind = HostKind.JVM;

  @Mixin private EngineOptions engine = new EngineOptions();

  @Mixin private LimitOptions limits = new LimitOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  public RunCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    if (repeat < 1) {
      throw new CommandException("--repeat is at least 1, not " + repeat);
    }
    List<byte[]> given = contexts.stream().map(ContextBytes::of).toList();
    List<Iteration> iterations = iterate.stream().map(Iteration::parse).toList();
    if (capture.isEmpty() && given.isEmpty() && iterations.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "give what to run over: --pcap with a capture, or --context; or --iterate with an iterator");
    }
    if (capture.isEmpty() && out.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--out takes packets: give them with --pcap");
    }
    if (capture.isPresent() && given.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "with --pcap there is one --context, for all packets");
    }
    CollectionSpec collection = program.read();
    iterations.forEach(iteration -> iteration.check(collection));
    boolean onlyIterates = capture.isEmpty() && given.isEmpty();
    ProgramSpec chosen =
        onlyIterates ? iterations.getFirst().in(collection) : program.choose(collection);
    if (!onlyIterates && Iteration.is(chosen)) {
      throw new CommandException(
          "program %1$s is an iterator: run it with --iterate %1$s".formatted(chosen.name()));
    }
    LoadOptions options = program.load(collection, chosen);
    if (btf.isPresent()) {
      options = options.withKernelTypes(BtfFiles.read(btf.get()));
    }
    InitialState state = new InitialState(collection);
    maps.forEach(state::read);
    variables.forEach(state::set);
    options = state.applyTo(options);
    for (Iteration iteration : iterations) {
      options = options.withProgram(iteration.program());
    }
    EventFormat events = new EventFormat(collection.btf(), eventType);
    try (RunOutput output =
        json.isSet()
            ? new RunJson(console, packets, events, hostKind)
            : new RunText(
                console, packets, events, hostKind, capture.isPresent() ? "packet" : "run")) {
      CaptureEnvironment environment = new CaptureEnvironment(output::printed);
      try (Host host = host(environment);
          PacketRun run = new PacketRun(host, environment, collection, chosen, options, output)) {
        run.fill(state);
        if (capture.isPresent()) {
          run.over(capture.get(), given.isEmpty() ? NO_CONTEXT : given.getFirst(), out, repeat);
        } else if (!given.isEmpty()) {
          run.over(given, repeat);
        }
        run.end(iterations);
      }
    }
  }

  private Host host(CaptureEnvironment environment) {
    return switch (hostKind) {
      case JVM -> engine.build(JvmHost.builder().environment(environment).limits(limits.limits()));
      case LINUX -> {
        if (!engine.areDefaults() || program.unverified() || !limits.areDefaults()) {
          throw new CommandException(
              "--engine, --memory, --unverified and limits are for the JVM host: the kernel decides"
                  + " itself");
        }
        yield LinuxHost.open();
      }
    };
  }
}
