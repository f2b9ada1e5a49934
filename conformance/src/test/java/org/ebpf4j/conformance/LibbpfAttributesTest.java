package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.ebpf4j.conformance.twin.BpfTrace;
import org.ebpf4j.conformance.twin.ReplacementLoads;
import org.ebpf4j.conformance.twin.SingleLoads;
import org.ebpf4j.conformance.twin.Twin;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the Linux host tells the kernel is what libbpf tells it: both load the same object under a
/// tracer of bpf(2), and their calls are compared, whether the kernel takes the program or not.
class LibbpfAttributesTest {
  private static final Path EXAMPLES = Path.of("../examples");

  private static Twin twin;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    LinuxHosts.open().close();
    twin =
        switch (Twin.build(Path.of("."))) {
          case Twin.Build.Built(Twin built) -> built;
          case Twin.Build.Missing(String reason) -> abort(reason);
        };
  }

  @Test
  void everyKindOfProgramIsDescribedAlike() {
    compare(twin.allKinds());
    compare(twin.structOfFunctions());
  }

  @Test
  void programsForFunctionsOfOthersAreDescribedAlike() {
    Path object = twin.replacing();
    Path target = twin.replaced();
    compare(
        object,
        trace("libbpf", twin.command("replace", target.toString(), "chooses", object.toString())),
        trace("ebpf4j", ReplacementLoads.command(target, "chooses", object)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"firewall", "flowtable", "dnslog"})
  void examplesAreDescribedAlike(String example) {
    compare(EXAMPLES.resolve(example).resolve(example + ".bpf.o"));
  }

  private void compare(Path object) {
    compare(
        object,
        trace("libbpf", twin.command("load", object.toString())),
        trace("ebpf4j", SingleLoads.command(object)));
  }

  private static void compare(Path object, BpfTrace theirs, BpfTrace ours) {
    CollectionSpec spec = CollectionReader.read(object);
    List<String> differences = new ArrayList<>();
    for (String program : spec.programs().keySet()) {
      compare("program " + program, cut(program), ours, theirs, BpfTrace::programs, differences);
    }
    for (String map : ours.maps().keySet()) {
      if (!map.isEmpty()) { // a trial whether maps can be made
        compare("map " + map, map, ours, theirs, BpfTrace::maps, differences);
      }
    }
    assertThat(ours.maps()).hasSizeGreaterThanOrEqualTo(spec.maps().size());
    assertThat(differences).isEmpty();
  }

  private static void compare(
      String what,
      String name,
      BpfTrace ours,
      BpfTrace theirs,
      Function<BpfTrace, Map<String, Map<String, String>>> part,
      List<String> differences) {
    Map<String, String> mine = part.apply(ours).get(name);
    Map<String, String> other = part.apply(theirs).get(name);
    if (mine == null || other == null) {
      differences.add(what + ": not sent by " + (mine == null ? "ebpf4j" : "libbpf"));
      return;
    }
    BpfTrace.differences(mine, other).forEach(line -> differences.add(what + ", " + line));
  }

  private static String cut(String name) {
    return name.substring(0, Math.min(15, name.length()));
  }

  private BpfTrace trace(String name, List<String> command) {
    Path file = folder.resolve(name);
    Twin.run(new ArrayList<>(), twin.traced(file, command));
    return BpfTrace.read(file);
  }
}
