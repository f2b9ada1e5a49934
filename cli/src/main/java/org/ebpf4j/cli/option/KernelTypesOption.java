package org.ebpf4j.cli.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.verifier.LinuxTypes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command takes the kernel's types from.
public final class KernelTypesOption {
  /// The running kernel's types, on a Linux that has them.
  public static final Path RUNNING = Path.of("/sys/kernel/btf/vmlinux");

  @Option(
      names = "--btf",
      paramLabel = "FILE",
      description = {
        "The kernel's types; default: those of the running kernel,",
        "else those of Linux 6.18 that ship with ebpf4j."
      })
  private Optional<Path> file = Optional.empty();

  private @Nullable Btf read;

  /// The types, read when they are first asked for: a kernel has 126,000 of them.
  public Btf types() {
    Btf types = read;
    if (types == null) {
      types = file.map(BtfFiles::read).orElseGet(KernelTypesOption::found);
      read = types;
    }
    return types;
  }

  /// Reads the types that were named, so that a wrong file is an error even where nothing needs it.
  public void check() {
    if (file.isPresent()) {
      types();
    }
  }

  /// Whether the types are those of the kernel that runs here.
  public boolean areRunning() {
    return file.isEmpty() && Files.isReadable(RUNNING);
  }

  private static Btf found() {
    return Files.isReadable(RUNNING) ? BtfFiles.read(RUNNING) : LinuxTypes.shipped();
  }
}
