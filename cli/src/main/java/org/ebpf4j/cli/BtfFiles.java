package org.ebpf4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.spec.CollectionReader;

/// Reads types from a file: an object file's `.BTF`, or BTF as it is (`/sys/kernel/btf/vmlinux`).
final class BtfFiles {
  private static final byte[] ELF_MAGIC = {0x7f, 'E', 'L', 'F'};

  private BtfFiles() {}

  static Btf read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new CommandException(file + ": no such file", e);
    } catch (IOException e) {
      throw new CommandException(file + ": cannot be read: " + e.getMessage(), e);
    }
    boolean elf =
        bytes.length >= ELF_MAGIC.length
            && java.util.Arrays.equals(bytes, 0, ELF_MAGIC.length, ELF_MAGIC, 0, ELF_MAGIC.length);
    return elf
        ? CollectionReader.read(file.toString(), bytes).btf()
        : BtfReader.read(file.toString(), bytes);
  }
}
