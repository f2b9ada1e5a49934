package org.ebpf4j.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.runtime.Network;
import org.junit.jupiter.api.Test;

/// The world around programs that run over a capture.
class CaptureEnvironmentTest {
  private final CaptureEnvironment environment = new CaptureEnvironment(line -> {});

  /// What Linux's test runs receive on is there to be asked about, and to be sent to.
  @Test
  void hasTheDeviceThatPacketsAreReceivedOn() {
    assertThat(environment.network().device(1).map(Network.Device::mtu)).contains(65536);
    assertThat(environment.network().device(2)).isEmpty();
  }
}
