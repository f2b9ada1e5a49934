package org.ebpf4j.linux.internal.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.BtfInfo;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.KernelObjects;
import org.ebpf4j.linux.internal.object.ObjectKind;
import org.jspecify.annotations.Nullable;

/// The types of the running kernel and its modules, read once and kept.
public final class KernelTypes {
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  private final Path file;
  private final Supplier<List<StoredModule>> stored;
  private @Nullable Btf kernel;
  private @Nullable List<Module> modules;

  /// Those of the running kernel.
  public KernelTypes() {
    this(VMLINUX, KernelTypes::loadedModules);
  }

  /// @param file the kernel's own types
  /// @param stored gives the types of modules when they are first asked for
  KernelTypes(Path file, Supplier<List<StoredModule>> stored) {
    this.file = file;
    this.stored = stored;
  }

  /// A module's types as the kernel keeps them: on top of its own.
  ///
  /// @param id id of the BTF object
  record StoredModule(int id, String name, byte[] types) {}

  private static List<StoredModule> loadedModules() {
    List<StoredModule> found = new ArrayList<>();
    KernelObjects.each(
        ObjectKind.BTF,
        descriptor -> {
          BtfInfo info = Infos.btf(descriptor);
          if (info.kernel() && !info.name().equals("vmlinux")) {
            found.add(new StoredModule(info.id(), info.name(), Infos.btfBytes(descriptor)));
          }
        });
    return found;
  }

  /// A module's types.
  ///
  /// @param id id of its BTF object
  public record Module(int id, String name, Btf types) {}

  /// Where a type was found.
  ///
  /// @param id its id
  /// @param module the module whose BTF it is in; empty for the kernel itself
  public record Found(int id, Optional<Module> module) {}

  /// The kernel's own types.
  ///
  /// @throws LoadException `ENOENT` if the kernel does not show them
  public synchronized Btf kernel() {
    Btf known = kernel;
    if (known == null) {
      try {
        known = BtfReader.read(file.toString(), Files.readAllBytes(file));
      } catch (IOException e) {
        throw new LoadException(
            "kernel types",
            Errno.ENOENT,
            file
                + " cannot be read; give the kernel's types with LoadOptions.withKernelTypes, or"
                + " use a kernel with CONFIG_DEBUG_INFO_BTF");
      }
      kernel = known;
    }
    return known;
  }

  /// The types of all modules loaded when first asked.
  public synchronized List<Module> modules() {
    List<Module> known = modules;
    if (known == null) {
      known =
          stored.get().stream()
              .map(m ->
                  new Module(m.id(), m.name(), BtfReader.readSplit(m.name(), m.types(), kernel())))
              .toList();
      modules = known;
    }
    return known;
  }

  /// The types among which something was found: the kernel's own, or a module's on top of them.
  public Btf types(Found found) {
    return found.module().map(Module::types).orElseGet(this::kernel);
  }

  /// What was found.
  public BtfType type(Found found) {
    return types(found).type(found.id());
  }

  /// A type by name, in the kernel or else in a module.
  public Optional<Found> find(String name, Class<? extends BtfType> kind) {
    List<Integer> ids = kernel().find(name, kind);
    if (!ids.isEmpty()) {
      return Optional.of(new Found(ids.getFirst(), Optional.empty()));
    }
    for (Module module : modules()) {
      for (int id : module.types().find(name, kind)) {
        if (id >= module.types().firstId()) {
          return Optional.of(new Found(id, Optional.of(module)));
        }
      }
    }
    return Optional.empty();
  }
}
