package org.ebpf4j.conformance;

import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;

/// The behaviour suite in this machine's kernel.
class LinuxBehaviourTest extends BehaviourTest {
  @Override
  Host open() {
    return LinuxHosts.open();
  }

  @Override
  LoadOptions options() {
    return LoadOptions.defaults();
  }
}
