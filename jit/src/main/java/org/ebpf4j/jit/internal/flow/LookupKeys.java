package org.ebpf4j.jit.internal.flow;

import java.util.Optional;
import org.ebpf4j.isa.Instruction;

/// What is known of the keys of `bpf_map_lookup_elem`.
public interface LookupKeys {

  /// The key of a lookup.
  ///
  /// @param size bytes
  /// @param inWords whether the call takes it in words, which can be made of locals, and not in
  ///   memory
  record Key(int size, boolean inWords) {}

  /// The key of a call, if it is a lookup in a map that is always the same.
  Optional<Key> of(int slot, Instruction.CallHelper call);
}
