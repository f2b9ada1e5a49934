package org.ebpf4j.conformance;

import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.runtime.JvmHost;

/// The behaviour suite in the JVM, without the verifier: helpers must hold on their own.
class JvmBehaviourTest extends BehaviourTest {
  @Override
  Host open() {
    return JvmHost.builder().cpus(2).poisonFreedMemory(true).build();
  }

  @Override
  LoadOptions options() {
    return LoadOptions.defaults().withUnverified(true);
  }
}
