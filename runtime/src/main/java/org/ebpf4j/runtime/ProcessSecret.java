package org.ebpf4j.runtime;

import java.security.SecureRandom;

/// A number that nobody outside this process can know.
final class ProcessSecret {
  static final long VALUE = new SecureRandom().nextLong();

  private ProcessSecret() {}
}
