package org.ebpf4j.conformance;

import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxAvailability;
import org.ebpf4j.linux.LinuxHost;

/// The Linux host for suites that cannot do without.
public final class LinuxHosts {
  private LinuxHosts() {}

  /// The host; where there is none, the test is skipped and says why.
  public static LinuxHost open() {
    return switch (LinuxAvailability.probe()) {
      case LinuxAvailability.Available() -> LinuxHost.open();
      case LinuxAvailability.Unavailable(Optional<Errno> errno, String reason) -> abort(reason);
    };
  }
}
