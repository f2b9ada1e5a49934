package org.ebpf4j.conformance.twin;

import java.nio.file.Path;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;

/// Loads each program of an object by itself, as `twin load` does, and prints what came of it in
/// the same words: object, program, errno. A process of its own, so that its system calls can be
/// traced.
public final class SingleLoads {
  private SingleLoads() {}

  /// @param args object files
  public static void main(String[] args) {
    try (LinuxHost host = LinuxHost.open()) {
      for (String object : args) {
        CollectionSpec spec = CollectionReader.read(Path.of(object));
        for (String program : spec.programs().keySet()) {
          System.out.printf("%s\t%s\t%d%n", spec.name(), program, load(host, spec, program));
        }
      }
    }
  }

  private static int load(LinuxHost host, CollectionSpec spec, String program) {
    try (LoadedCollection _ = host.load(spec, LoadOptions.defaults().withProgram(program))) {
      return 0;
    } catch (LoadException e) {
      return e.errno().number();
    }
  }
}
