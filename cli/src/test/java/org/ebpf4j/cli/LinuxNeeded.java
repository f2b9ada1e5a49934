package org.ebpf4j.cli;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxAvailability;
import org.junit.jupiter.api.Assumptions;

/// For tests that load programs into Linux.
final class LinuxNeeded {
  private LinuxNeeded() {}

  /// Where that is not possible, the test is skipped and says why.
  static void orSkip() {
    switch (LinuxAvailability.probe()) {
      case LinuxAvailability.Available() -> {}
      case LinuxAvailability.Unavailable(Optional<Errno> errno, String reason) ->
          Assumptions.abort(reason);
    }
  }
}
