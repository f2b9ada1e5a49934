package org.ebpf4j.conformance;

import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.runtime.JvmHost;

/// The behaviour suite in the JVM, proven first and compiled where the host would do so. Programs
/// that the verifier cannot judge yet are left out.
class VerifiedBehaviourTest extends BehaviourTest {
  @Override
  Host open() {
    return JvmHost.builder().cpus(2).poisonFreedMemory(true).build();
  }

  @Override
  String label() {
    return "jvm, verified";
  }

  @Override
  LoadOptions options() {
    return LoadOptions.defaults();
  }
}
