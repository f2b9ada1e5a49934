package org.ebpf4j.conformance.twin;

import java.nio.file.Path;
import java.util.List;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;

/// Loads each program of an object for a function of another program, as `twin replace` does, and
/// prints what came of it as [SingleLoads] does.
public final class ReplacementLoads {
  private ReplacementLoads() {}

  /// The command that runs this class.
  ///
  /// @param target the object of the program that has the function
  /// @param program that program
  public static List<String> command(Path target, String program, Path object) {
    return SingleLoads.java(ReplacementLoads.class, target.toString(), program, object.toString());
  }

  /// @param args the target's object, its program, and the object to load
  public static void main(String[] args) {
    CollectionSpec spec = CollectionReader.read(Path.of(args[2]));
    try (LinuxHost host = LinuxHost.open();
        LoadedCollection target = host.load(CollectionReader.read(Path.of(args[0])))) {
      LinuxProgram replaced = (LinuxProgram) target.program(args[1]);
      for (String program : spec.programs().keySet()) {
        System.out.printf(
            "%s\t%s\t%s%n", spec.name(), program, load(host, spec, program, replaced));
      }
    }
  }

  private static String load(
      LinuxHost host, CollectionSpec spec, String program, LinuxProgram target) {
    try (LoadedCollection _ =
        host.load(
            spec,
            LoadOptions.defaults().withProgram(program),
            LinuxLoadOptions.defaults().withTarget(program, target))) {
      return "0";
    } catch (LoadException e) {
      return e.errno().number() + "\t" + e.getMessage();
    }
  }
}
