package org.ebpf4j.conformance.twin;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;

/// Loads each program of an object by itself, as `twin load` does, and prints what came of it in
/// the same words: object, program, errno, and for an error its message. A process of its own, so
/// that its system calls can be traced or refused.
public final class SingleLoads {
  private SingleLoads() {}

  /// The command that runs this class: this JVM's `java` with the same class path.
  public static List<String> command(Path object) {
    return java(SingleLoads.class, object.toString());
  }

  /// The command that runs a class with a `main` of this module.
  static List<String> java(Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return List.copyOf(command);
  }

  /// @param args object files
  public static void main(String[] args) {
    try (LinuxHost host = LinuxHost.open()) {
      for (String object : args) {
        CollectionSpec spec = CollectionReader.read(Path.of(object));
        for (String program : spec.programs().keySet()) {
          System.out.printf("%s\t%s\t%s%n", spec.name(), program, load(host, spec, program));
        }
      }
    } catch (KernelException e) {
      System.out.printf("\t\t%d\t%s%n", e.errno().number(), e.getMessage());
    }
  }

  private static String load(LinuxHost host, CollectionSpec spec, String program) {
    try (LoadedCollection _ = host.load(spec, LoadOptions.defaults().withProgram(program))) {
      return "0";
    } catch (LoadException e) {
      return e.errno().number() + "\t" + e.getMessage();
    }
  }
}
