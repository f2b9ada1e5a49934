package org.ebpf4j.linux;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;

/// What the tests of this module need of the machine.
final class Linux {
  private Linux() {}

  /// The host; where there is none, the test is skipped and says why.
  static LinuxHost host() {
    return switch (LinuxAvailability.probe()) {
      case LinuxAvailability.Available() -> LinuxHost.open();
      case LinuxAvailability.Unavailable(Optional<Errno> errno, String reason) -> abort(reason);
    };
  }

  /// The object `sample.bpf.o`.
  static CollectionSpec sample() {
    return object("sample.bpf.o");
  }

  /// One of the objects that `build.sh` makes.
  static CollectionSpec object(String name) {
    try (InputStream in = Linux.class.getResourceAsStream("/objects/" + name)) {
      return CollectionReader.read(name, Objects.requireNonNull(in).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
