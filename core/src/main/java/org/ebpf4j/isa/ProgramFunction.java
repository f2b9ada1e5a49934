package org.ebpf4j.isa;

/// A function of a linked program: the program itself at slot 0, then its subprograms.
///
/// @param slot where it starts
/// @param slots how many slots it takes
/// @param name its name in the object
/// @param type BTF id of its `FUNC`, 0 for none
/// @param global whether the verifier proves it on its own; static ones are proven in context
public record ProgramFunction(int slot, int slots, String name, int type, boolean global) {}
