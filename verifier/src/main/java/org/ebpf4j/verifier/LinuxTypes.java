package org.ebpf4j.verifier;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.KconfigEncoder;

/// The types of Linux 6.18 (x86-64) that ship with ebpf4j, for where no kernel gives its own: what
/// the tables of helpers, kernel functions and hooks need, and not more.
///
/// [KernelTypeNeeds] says what that is; `ebpf btf min --btf vmlinux -o FILE` makes the file again.
public final class LinuxTypes {
  private static final String FILE = "linux-6.18.btf.gz";

  private LinuxTypes() {}

  /// The types. They are read when they are first asked for.
  public static Btf shipped() {
    return Holder.TYPES;
  }

  /// The collection with the contents that its `.kconfig` has in that kernel, so far as they do not
  /// depend on how it was configured.
  public static CollectionSpec configured(CollectionSpec collection) {
    return KconfigEncoder.fill(
        collection,
        name ->
            switch (name) {
              case "LINUX_KERNEL_VERSION" -> Optional.of(Integer.toString(6 << 16 | 18 << 8));
              case "LINUX_HAS_BPF_COOKIE", "LINUX_HAS_SYSCALL_WRAPPER" -> Optional.of("y");
              default -> Optional.empty();
            });
  }

  /// Read on first use: many programs need no kernel types at all.
  private static final class Holder {
    static final Btf TYPES = read();

    private static Btf read() {
      try (InputStream stream = LinuxTypes.class.getResourceAsStream(FILE)) {
        if (stream == null) {
          throw new IllegalStateException("resource " + FILE + " is missing");
        }
        try (InputStream unpacked = new GZIPInputStream(stream)) {
          return BtfReader.read("the shipped Linux 6.18 types", unpacked.readAllBytes());
        }
      } catch (IOException e) {
        throw new IllegalStateException("resource " + FILE + " cannot be read", e);
      }
    }
  }
}
