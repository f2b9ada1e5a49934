package org.ebpf4j.conformance;

import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;

/// The behaviour suite in the JVM, proven first and compiled from the first run on.
class CompiledBehaviourTest extends BehaviourTest {
  @Override
  Host open() {
    return JvmHost.builder().cpus(2).poisonFreedMemory(true).engine(Engine.JIT).build();
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
