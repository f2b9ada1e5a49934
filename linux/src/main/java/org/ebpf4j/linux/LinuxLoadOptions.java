package org.ebpf4j.linux;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// What loading into Linux can be told beyond [org.ebpf4j.LoadOptions]. Immutable: each `with…`
/// gives a changed copy.
///
/// @param loadFlags `BPF_F_…` of `BPF_PROG_LOAD` for every program, added to what its section asks
///   for
/// @param pinFolder where maps that are shared by name are pinned
/// @param targets programs that `freplace` and `fentry` programs attach to, by the loaded program's
///   name
public record LinuxLoadOptions(int loadFlags, Path pinFolder, Map<String, LinuxProgram> targets) {
  /// `BPF_F_STRICT_ALIGNMENT`.
  public static final int STRICT_ALIGNMENT = 1;

  /// `BPF_F_ANY_ALIGNMENT`.
  public static final int ANY_ALIGNMENT = 1 << 1;

  /// `BPF_F_TEST_STATE_FREQ`: a checkpoint of the verifier at every instruction.
  public static final int FREQUENT_STATES = 1 << 3;

  /// `BPF_F_TEST_REG_INVARIANTS`: a broken range of the verifier is an error.
  public static final int REGISTER_INVARIANTS = 1 << 7;

  public LinuxLoadOptions {
    targets = Map.copyOf(targets);
  }

  /// No flags, `/sys/fs/bpf`, no targets.
  public static LinuxLoadOptions defaults() {
    return new LinuxLoadOptions(0, Path.of("/sys/fs/bpf"), Map.of());
  }

  public LinuxLoadOptions withLoadFlags(int flags) {
    return new LinuxLoadOptions(flags, pinFolder, targets);
  }

  public LinuxLoadOptions withPinFolder(Path folder) {
    return new LinuxLoadOptions(loadFlags, folder, targets);
  }

  /// Lets a program attach to a function of another program.
  public LinuxLoadOptions withTarget(String program, LinuxProgram target) {
    Map<String, LinuxProgram> more = new HashMap<>(targets);
    more.put(program, target);
    return new LinuxLoadOptions(loadFlags, pinFolder, more);
  }
}
