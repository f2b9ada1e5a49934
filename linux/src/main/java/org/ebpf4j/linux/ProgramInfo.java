package org.ebpf4j.linux;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.ProgramType;

/// What the kernel tells of a program (`struct bpf_prog_info`).
///
/// @param id its id
/// @param name its name, 15 bytes at most
/// @param typeNumber the number of its type; see [#type()]
/// @param tag a hash of its instructions, in hexadecimal
/// @param gplCompatible whether its license lets it call GPL-only helpers
/// @param sinceBoot when it was loaded, as time since boot
/// @param user the user who loaded it
/// @param mapIds the maps it uses
/// @param btfId id of its BTF, 0 for none
/// @param ifindex the device it is offloaded to, 0 for none
/// @param translatedBytes bytes of instructions after the verifier
/// @param nativeBytes bytes of machine code, 0 if it is interpreted
/// @param memoryBytes memory that it takes, as the kernel accounts it; 0 if /proc does not tell
/// @param verifiedInstructions how many instructions the verifier walked through
/// @param runs completed runs, counted while statistics are on
/// @param runTime time spent in them
/// @param misses runs left out because the program was already running
/// @param attachBtfId what it is attached to, in the BTF of id `attachBtfObject`; 0 for none
/// @param attachBtfObject see `attachBtfId`
public record ProgramInfo(
    int id,
    String name,
    int typeNumber,
    String tag,
    boolean gplCompatible,
    Duration sinceBoot,
    int user,
    List<Integer> mapIds,
    int btfId,
    int ifindex,
    int translatedBytes,
    int nativeBytes,
    long memoryBytes,
    int verifiedInstructions,
    long runs,
    Duration runTime,
    long misses,
    int attachBtfId,
    int attachBtfObject) {

  public ProgramInfo {
    mapIds = List.copyOf(mapIds);
  }

  /// The type, or empty if it is one that is not known here.
  public Optional<ProgramType> type() {
    return ProgramType.of(typeNumber);
  }
}
