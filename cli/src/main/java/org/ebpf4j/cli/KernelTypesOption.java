package org.ebpf4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.verifier.LinuxTypes;
import picocli.CommandLine.Option;

/// Where a command takes the kernel's types from.
final class KernelTypesOption {
  /// The running kernel's types, on a Linux that has them.
  static final Path RUNNING = Path.of("/sys/kernel/btf/vmlinux");

  @Option(
      names = "--btf",
      paramLabel = "FILE",
      description = {
        "The kernel's types; default: those of the running kernel,",
        "else those of Linux 6.18 that ship with ebpf4j."
      })
  private Optional<Path> file = Optional.empty();

  /// The types.
  Btf types() {
    if (file.isPresent()) {
      return BtfFiles.read(file.get());
    }
    return Files.isReadable(RUNNING) ? BtfFiles.read(RUNNING) : LinuxTypes.shipped();
  }
}
