package org.ebpf4j.verifier.internal.state;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.verifier.internal.types.MapInfo;

/// What a pointer points into, beyond its [Kind].
public sealed interface Target {
  /// Nothing more is to be said.
  Target NONE = new Nothing();

  record Nothing() implements Target {}

  /// A map, its keys or values. `instance` tells lookups of inner maps apart, 0 for the map itself.
  record InMap(MapInfo map, int instance) implements Target {}

  /// A type of a BTF.
  record Typed(Btf btf, int type) implements Target {
    @Override
    public boolean equals(Object other) {
      return other instanceof Typed that && btf == that.btf && type == that.type;
    }

    @Override
    public int hashCode() {
      return type;
    }
  }

  /// Memory of `size` bytes. `dynptr` is the id of the dynptr it was sliced from, or 0.
  record Sized(int size, int dynptr, End end) implements Target {
    public static Sized of(int size) {
      return new Sized(size, 0, End.REFERENCE);
    }
  }

  /// With what memory ends, so that no pointer to it may be used any more.
  enum End {
    /// The reference that the pointer holds, if any.
    REFERENCE,
    /// The dynptr that it is a slice of, too: when that is given back, or overwritten.
    DYNPTR,
    /// Whatever may move the packet.
    PACKET
  }

  /// The stack of frame `frame`.
  record InFrame(int frame) implements Target {}

  /// The function of the program with this index.
  record Code(int subprogram) implements Target {}

  /// A dynptr: which sort, and whether this is its first slot.
  record Dynamic(DynptrType type, boolean first) implements Target {}

  /// An open-coded iterator, named after what it goes over.
  record Iterating(String type, boolean active, int depth) implements Target {}

  /// A saved interrupt flag, and which sort of functions saved it: `native` ones, or those of a
  /// `lock`.
  record InterruptFlag(String savedBy) implements Target {}

  /// What a dynptr is over.
  enum DynptrType {
    LOCAL,
    RING,
    SKB,
    XDP,
    SKB_META;

    /// Whether its bytes are those of a packet, which may move.
    public boolean isPacket() {
      return this == SKB || this == XDP || this == SKB_META;
    }

    public boolean isCounted() {
      return this == RING;
    }
  }
}
