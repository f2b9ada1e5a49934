package org.ebpf4j.linux;

import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;

/// What the kernel tells of a map (`struct bpf_map_info`).
///
/// @param id its id
/// @param name its name, 15 bytes at most
/// @param typeNumber the number of its type; see [#type()]
/// @param keySize bytes in a key
/// @param valueSize bytes in a value
/// @param maxEntries how many elements it may hold
/// @param flags `BPF_F_…` that it was made with
/// @param extra `map_extra`
/// @param btfId id of the BTF that describes keys and values, 0 for none
/// @param keyType type of keys in that BTF
/// @param valueType type of values in that BTF
/// @param ifindex the device it is offloaded to, 0 for none
/// @param memoryBytes memory that it takes, as the kernel accounts it; 0 if /proc does not tell
/// @param frozen whether users may no longer change it
/// @param owner of a program array, what its programs are like; empty before the first
public record MapInfo(
    int id,
    String name,
    int typeNumber,
    int keySize,
    int valueSize,
    int maxEntries,
    int flags,
    long extra,
    int btfId,
    int keyType,
    int valueType,
    int ifindex,
    long memoryBytes,
    boolean frozen,
    Optional<Owner> owner) {

  /// What all programs in a program array have in common.
  ///
  /// @param typeNumber their type's number; see [#type()]
  /// @param jited whether they are machine code
  public record Owner(int typeNumber, boolean jited) {
    /// The type, or empty if it is one that is not known here.
    public Optional<ProgramType> type() {
      return ProgramType.of(typeNumber);
    }
  }

  /// The type, or empty if it is one that is not known here.
  public Optional<MapType> type() {
    return MapType.of(typeNumber);
  }
}
