package org.ebpf4j.runtime.internal.map;

/// A map that `bpf_redirect_map` may name.
public interface RedirectTarget {
  /// `BPF_F_BROADCAST`: to all entries.
  long BROADCAST = 1 << 3;

  /// `BPF_F_EXCLUDE_INGRESS`: but not where the packet came from.
  long EXCLUDE_INGRESS = 1 << 4;

  /// Whether there is a target at a key; if not, `bpf_redirect_map` gives the action in its flags.
  boolean hasTarget(int key);

  /// The flags, besides the action, that the map allows.
  long redirectFlags();
}
