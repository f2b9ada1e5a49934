package org.ebpf4j.runtime.internal.run;

import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// What a program is given through `R1`: its context, and the packet behind it if there is one. An
/// object serves one runner, run after run, and owns the memory.
public abstract class ProgramContext implements AutoCloseable {

  /// What `R1` holds.
  public abstract long address();

  /// Takes what the next run is given, copying it.
  ///
  /// @throws org.ebpf4j.RunException with Linux's errno for input that the program type does not
  ///   take
  public abstract void accept(RunInput input);

  /// The region of the context or the packet that holds all of an access, or `null`.
  public abstract @Nullable Region find(long address, int size, boolean write);

  /// The packet bytes at an offset, in network order, or -1 outside of it (`LD_ABS`, `LD_IND`).
  public abstract long loadPacket(int offset, int size);

  /// The packet as it is now; none if there is none.
  public abstract byte[] data();

  /// The context as it is now, in uapi layout.
  public abstract byte[] context();

  /// Where the program sent the packet.
  public abstract Redirect redirect();

  /// Frees the memory; no run may be under way.
  @Override
  public abstract void close();
}
