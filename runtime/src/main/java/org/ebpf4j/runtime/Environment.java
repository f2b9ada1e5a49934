package org.ebpf4j.runtime;

public interface Environment {
  static Environment live() {
    return new Environment() {};
  }
}
