package org.ebpf4j.spec;

/// What a slot of a program refers to that only a host can fill in. `slot` counts slots of 8 bytes
/// from the program's start.
public sealed interface Reference {

  int slot();

  /// A 64-bit immediate load of the map itself.
  record MapHandle(int slot, String map) implements Reference {}

  /// A 64-bit immediate load of an address inside a map's value at key 0: global data at `offset`.
  record MapData(int slot, String map, int offset) implements Reference {}

  /// A 64-bit immediate load of a kernel variable's address. `type` is the BTF id of what the
  /// object takes it for, 0 for `extern const void`. A weak one that the host lacks is 0.
  record KernelVariable(int slot, String name, int type, boolean weak) implements Reference {}

  /// A call of a kernel function. `type` is the BTF id of the `FUNC` that the object declares. A
  /// weak one that the host lacks may be loaded as long as it is never called.
  record KernelFunction(int slot, String name, int type, boolean weak) implements Reference {}

  /// A 64-bit immediate load that is 1 or 0 as a weak kernel function is there or not.
  record KernelFunctionAddress(int slot, String name, int type, boolean weak)
      implements Reference {}
}
