package org.ebpf4j.spec;

/// A CO-RE relocation: `slot` was compiled for the type `type` of the object's own BTF and is to be
/// adjusted to the kernel's.
///
/// @param slot the instruction's slot in its program
/// @param type BTF id of the root type, in the object's BTF
/// @param access the path from it, such as `0:1:2`; for enumerators, their index
/// @param kind what about it the instruction holds
public record CoreRelocation(int slot, int type, String access, Kind kind) {

  /// What is asked of the target, in the order of `enum bpf_core_relo_kind`.
  public enum Kind {
    FIELD_BYTE_OFFSET,
    FIELD_BYTE_SIZE,
    FIELD_EXISTS,
    FIELD_SIGNED,
    FIELD_LEFT_SHIFT,
    FIELD_RIGHT_SHIFT,
    TYPE_ID_LOCAL,
    TYPE_ID_TARGET,
    TYPE_EXISTS,
    TYPE_SIZE,
    ENUM_VALUE_EXISTS,
    ENUM_VALUE,
    TYPE_MATCHES
  }
}
