package org.ebpf4j;

import org.ebpf4j.error.EbpfException;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// A place where programs live: this JVM, or Linux. Safe for use by several threads.
///
/// Closing a host closes everything that was loaded into it, and the maps that it made. What is
/// closed throws [IllegalStateException] when it is used, but for maps and their readers:
/// [MapException] with `EBADF`. Closing again does nothing, in whatever order.
public interface Host extends AutoCloseable {

  /// A short name for messages and `--host`: `jvm` or `linux`.
  String name();

  /// Makes the maps and programs of a spec live, as [LoadOptions#defaults()] has it.
  ///
  /// @throws LoadException if the host refuses any part of it; nothing stays behind then
  default LoadedCollection load(CollectionSpec spec) {
    return load(spec, LoadOptions.defaults());
  }

  /// Makes the maps and programs of a spec live.
  ///
  /// @throws LoadException if the host refuses any part of it; nothing stays behind then
  LoadedCollection load(CollectionSpec spec, LoadOptions options);

  /// Makes a map that belongs to no collection. As libbpf does, it gives a perf event array of 0
  /// entries one for each CPU, and rounds a ring buffer up to a power of two of whole pages.
  ///
  /// @throws MapException with the error that Linux's `BPF_MAP_CREATE` gives
  BpfMap createMap(MapSpec spec);

  /// CPUs that per-CPU maps hold a value for.
  int cpus();

  @Override
  void close() throws EbpfException;
}
