package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.conformance.twin.Twin;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.PinnedObject;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What libbpf loads, the Linux host loads: each program of each object by itself, loaded by the C
/// twin and here.
///
/// More objects than the examples and the corpus can be named, as files or folders, by the system
/// property `ebpf4j.objects`.
class LibbpfLoadTest {
  private static final Path EXAMPLES = Path.of("../examples");

  private static LinuxHost host;
  private static Twin twin;
  private static Set<Path> before = Set.of();

  @BeforeAll
  static void open() {
    host = LinuxHosts.open();
    host.mountPins();
    before =
        host.pins(LinuxHost.PIN_PLACE).stream().map(PinnedObject::path).collect(Collectors.toSet());
    twin =
        switch (Twin.build(Path.of("."))) {
          case Twin.Build.Built(Twin built) -> built;
          case Twin.Build.Missing(String reason) -> abort(reason);
        };
  }

  /// Takes away what was pinned by name.
  @AfterAll
  static void close() {
    if (host != null) {
      host.pins(LinuxHost.PIN_PLACE).stream()
          .map(PinnedObject::path)
          .filter(pin -> !before.contains(pin))
          .forEach(host::unpin);
      host.close();
    }
  }

  @Test
  void examplesLoad() throws IOException {
    assertThat(compare(objects(EXAMPLES))).isGreaterThanOrEqualTo(5);
  }

  @Test
  void corpusLoads() throws IOException {
    Corpus corpus =
        Corpus.find()
            .orElseGet(() ->
                abort("no corpus in %s; corpus/build.sh builds it".formatted(Corpus.place())));
    List<Path> objects = new ArrayList<>(objects(corpus.file("verifier")));
    objects.addAll(objects(corpus.file("btf")));
    assertThat(compare(objects)).isGreaterThan(600);
  }

  @Test
  void namedObjectsLoad() throws IOException {
    String named = System.getProperty("ebpf4j.objects");
    assumeTrue(named != null, "no objects named by the system property ebpf4j.objects");
    List<Path> objects = new ArrayList<>();
    for (String place : named.split(":", -1)) {
      objects.addAll(objects(Path.of(place)));
    }
    assertThat(compare(objects)).isPositive();
  }

  private static List<Path> objects(Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      return files.filter(file -> file.toString().endsWith(".o")).sorted().toList();
    }
  }

  /// Compares; gives how many programs libbpf loaded.
  private static int compare(List<Path> objects) {
    int loaded = 0;
    List<String> missing = new ArrayList<>();
    List<String> otherwise = new ArrayList<>();
    for (Path object : objects) {
      Map<String, Integer> theirs = withLibbpf(object);
      Map<String, Integer> ours = here(object, theirs.keySet().stream().toList());
      for (Map.Entry<String, Integer> program : theirs.entrySet()) {
        int mine = ours.getOrDefault(program.getKey(), -1);
        String line =
            "%s %s: libbpf %d, here %d"
                .formatted(object.getFileName(), program.getKey(), program.getValue(), mine);
        if (program.getValue() == 0) {
          loaded++;
          if (mine != 0) {
            missing.add(line);
          }
        } else if (mine != program.getValue()) {
          otherwise.add(line);
        }
      }
    }
    // Not failures: libbpf refuses some by itself, before the kernel could.
    otherwise.forEach(line -> System.out.println("differs: " + line));
    assertThat(missing).as("loaded by libbpf and not here").isEmpty();
    return loaded;
  }

  /// An errno by program, 0 for what is loaded; empty for an object that cannot be opened.
  private static Map<String, Integer> withLibbpf(Path object) {
    List<String> lines = new ArrayList<>();
    Twin.run(lines, twin.command("load", object.toString()));
    Map<String, Integer> results = new LinkedHashMap<>();
    for (String line : lines) {
      String[] words = line.split("\t", -1);
      if (!words[1].isEmpty()) {
        results.put(words[1], Integer.parseInt(words[2]));
      }
    }
    return results;
  }

  private static Map<String, Integer> here(Path object, List<String> programs) {
    Map<String, Integer> results = new LinkedHashMap<>();
    try {
      CollectionSpec spec = CollectionReader.read(object);
      programs.forEach(program -> results.put(program, here(spec, program)));
    } catch (ObjectFileException e) {
      System.out.println("unreadable: " + e.getMessage());
    }
    return results;
  }

  private static int here(CollectionSpec spec, String program) {
    try (LoadedCollection _ = host.load(spec, LoadOptions.defaults().withProgram(program))) {
      return 0;
    } catch (LoadException e) {
      return e.errno().number();
    }
  }
}
