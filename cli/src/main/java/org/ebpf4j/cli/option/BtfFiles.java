package org.ebpf4j.cli.option;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfWriter;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfReader;

/// Reads types from a file: an object file's `.BTF`, or BTF as it is (`/sys/kernel/btf/vmlinux`).
public final class BtfFiles {
  private static final byte[] ELF_MAGIC = {0x7f, 'E', 'L', 'F'};

  private BtfFiles() {}

  /// Types of a file. Those of a kernel module stand on top of the kernel's, which lie beside them.
  public static Btf read(Path file) {
    Path folder = Path.of("/sys/kernel/btf");
    return folder.equals(file.getParent()) && !file.endsWith("vmlinux")
        ? read(file, Optional.of(read(folder.resolve("vmlinux"))))
        : read(file, Optional.empty());
  }

  /// Types of a file.
  ///
  /// @param base what split BTF stands on
  public static Btf read(Path file, Optional<Btf> base) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new CommandException(file + ": no such file", e);
    } catch (IOException e) {
      throw CommandException.unread(file, e);
    }
    boolean elf =
        bytes.length >= ELF_MAGIC.length
            && java.util.Arrays.equals(bytes, 0, ELF_MAGIC.length, ELF_MAGIC, 0, ELF_MAGIC.length);
    if (base.isPresent()) {
      if (elf) {
        throw new CommandException(
            file + ": is an object file, whose types stand alone; leave the base away");
      }
      return BtfReader.readSplit(file.toString(), bytes, base.get());
    }
    return elf
        ? stored(ElfReader.read(file.toString(), bytes))
        : BtfReader.read(file.toString(), bytes);
  }

  /// The types as they are stored: loaders fill in the sizes of sections later.
  private static Btf stored(ElfFile object) {
    return object
        .section(".BTF")
        .map(section -> BtfReader.read(section.data()))
        .orElseThrow(() ->
            new CommandException(
                object.name() + ": no types in it: compile with -g, so that it has a .BTF"));
  }

  /// Writes types as they are stored, packed if the file's name ends in `.gz`.
  ///
  /// @return bytes in the file
  public static long write(Btf btf, Path file) {
    byte[] bytes = new BtfWriter(btf).toBytes();
    try {
      if (file.toString().endsWith(".gz")) {
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(file))) {
          packed.write(bytes);
        }
      } else {
        Files.write(file, bytes);
      }
      return Files.size(file);
    } catch (IOException e) {
      throw CommandException.unwritten(file, e);
    }
  }
}
