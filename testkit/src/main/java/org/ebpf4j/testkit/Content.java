package org.ebpf4j.testkit;

/// What the generator takes a register or stack slot to hold.
sealed interface Content {
  Nothing NOTHING = new Nothing();

  /// Not initialised.
  record Nothing() implements Content {}

  /// A number.
  ///
  /// @param id the same for copies of one value
  record Scalar(Range range, int id) implements Content {}

  /// The context.
  record Context() implements Content {}

  /// The end of the packet.
  record PacketEnd() implements Content {}

  /// An address in a region, `low` to `high` bytes from its start.
  ///
  /// @param maybeNull whether it may be 0
  record Pointer(Region region, int low, int high, boolean maybeNull) implements Content {
    Pointer moved(int from, int to) {
      return new Pointer(region, low + from, high + to, maybeNull);
    }

    Pointer notNull() {
      return new Pointer(region, low, high, false);
    }

    /// Bytes behind the farthest place that it may point at.
    int room() {
      return region.size() - high;
    }
  }

  /// Memory of a known size.
  ///
  /// @param kind what it is
  /// @param size bytes in it; for packets, as many as were checked
  /// @param id tells regions of a kind apart
  record Region(Kind kind, int size, int id) {
    boolean writable() {
      return kind != Kind.READ_ONLY_PACKET;
    }
  }

  /// Kinds of memory.
  enum Kind {
    STACK,
    VALUE,
    LOCKED_VALUE,
    PACKET,
    READ_ONLY_PACKET,
    RECORD,
    ARGUMENT
  }
}
