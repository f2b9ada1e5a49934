package org.ebpf4j.linux.internal.load;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.linux.internal.object.KernelRelease;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.SystemCallException;

/// Loads specs into the kernel.
public final class CollectionLoader {
  private final LoadSession.Kernel kernel;
  private final OpenObjects owner;

  /// @param cpus CPUs that this machine may have
  /// @param owner who closes what is loaded
  public CollectionLoader(KernelTypes types, KernelConfig config, int cpus, OpenObjects owner) {
    this.owner = owner;
    this.kernel = new LoadSession.Kernel(types, config, KernelRelease.running(), cpus);
  }

  /// @throws LoadException if any part of it is refused; nothing stays behind then
  public LoadedCollection load(
      CollectionSpec spec, LoadOptions options, LinuxLoadOptions linuxOptions) {
    check(spec, options);
    List<ProgramSpec> selected = select(spec, options);
    return translated(() -> {
      try (LoadSession session = new LoadSession(spec, options, linuxOptions, kernel, owner)) {
        return session.load(selected);
      }
    });
  }

  /// Makes the maps of a collection, to ask about its programs.
  ///
  /// @throws LoadException if what surrounds the programs is refused: types, maps, externs
  public VerdictSession verdicts(
      CollectionSpec spec, LoadOptions options, LinuxLoadOptions linuxOptions) {
    check(spec, options);
    LoadSession session =
        translated(() -> new LoadSession(spec, options, linuxOptions, kernel, owner));
    return new VerdictSession() {
      @Override
      public Verdict verdict(String program, int loadFlags, int logLevel) {
        ProgramSpec selected = select(spec, LoadOptions.defaults().withProgram(program)).getFirst();
        return translated(() -> session.verdict(selected, loadFlags, logLevel));
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }

  /// Makes a map that belongs to no collection.
  ///
  /// @throws MapException if that is refused
  public LinuxMap createMap(MapSpec spec) {
    return switch (new MapMaker(kernel.cpus(), owner).make(spec, spec.name(), Optional.empty())) {
      case MapMaker.Outcome.Made made -> made.map();
      case MapMaker.Outcome.Refused refused ->
          throw new MapException(spec.name(), "create", refused.errno(), MapMaker.reason(refused));
    };
  }

  private static void check(CollectionSpec spec, LoadOptions options) {
    if (spec.order() != ByteOrder.nativeOrder()) {
      throw new LoadException(
          spec.name(),
          Errno.EINVAL,
          "it was compiled for %s machines, this one is not; compile with -target bpf"
              .formatted(spec.order() == ByteOrder.BIG_ENDIAN ? "big-endian" : "little-endian"));
    }
    if (options.unverified()) {
      throw new LoadException(
          spec.name(), Errno.EINVAL, "Linux runs no program that its verifier has not accepted");
    }
  }

  private static List<ProgramSpec> select(CollectionSpec spec, LoadOptions options) {
    for (String name : options.programs()) {
      if (spec.program(name).isEmpty()) {
        throw new LoadException(
            "program " + name,
            Errno.ENOENT,
            "%s has none of this name; it has %s".formatted(spec.name(), spec.programs().keySet()));
      }
    }
    return spec.programs().values().stream()
        .filter(program ->
            options.programs().isEmpty()
                ? program.autoload()
                : options.programs().contains(program.name()))
        .toList();
  }

  @FunctionalInterface
  private interface Loading<T> {
    T run();
  }

  /// Turns what may fail on the way, on maps and descriptors, into a refusal of the load.
  private static <T> T translated(Loading<T> loading) {
    try {
      return loading.run();
    } catch (MapException e) {
      throw new LoadException(
          "map " + e.map(), e.errno(), "%s failed: %s".formatted(e.operation(), e.reason()));
    } catch (SystemCallException e) {
      throw new LoadException("collection", Errors.of(e), e.call() + " failed");
    }
  }
}
