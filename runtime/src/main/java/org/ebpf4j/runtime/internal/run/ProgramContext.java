package org.ebpf4j.runtime.internal.run;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// What a program is given through `R1`: its context, and the packet behind it if there is one. An
/// object serves one runner, run after run, and owns the memory. Segments that it hands out end
/// with [#close].
public abstract class ProgramContext implements AutoCloseable {
  private long address;
  private long second;

  /// What `R1` holds.
  public final long address() {
    return address;
  }

  /// What `R2` holds: nothing, for Linux's program types.
  public final long second() {
    return second;
  }

  /// Says what the next runs are given in `R1` and `R2`. Fields, not methods of each kind of
  /// context: a run should not have to find out of which kind its context is.
  protected final void give(long newAddress, long newSecond) {
    address = newAddress;
    second = newSecond;
  }

  /// Takes what the next run is given, copying it.
  ///
  /// @param program its name, for errors
  /// @throws org.ebpf4j.RunException with Linux's errno for input that the program type does not
  ///   take
  public abstract void accept(String program, RunInput input);

  /// Room for the next packet; see [org.ebpf4j.Runner#packetBuffer].
  ///
  /// @throws org.ebpf4j.RunException if there is no packet, or none so long
  public abstract MemorySegment packetBuffer(String program, int length);

  /// The packet as it is now; empty if there is none.
  public abstract MemorySegment packet();

  /// The context in uapi layout, as the caller fills and reads it.
  public abstract MemorySegment struct();

  /// Called before each run: puts in order what the last one left.
  public abstract void begin();

  /// Whether what it is stays in order when a program that calls no helpers has run: [#begin] does
  /// not depend on what programs store.
  public boolean isSteady() {
    return false;
  }

  /// The region of the context or the packet that holds all of an access, or `null`.
  public abstract @Nullable Region find(long address, int size, boolean write);

  /// What of the context an address is that was not to be accessed so, for people; "" if it is none
  /// of it, or memory like any other.
  public String describe(long address) {
    return "";
  }

  /// The region of which most accesses are, if it is a stretch of ordinary memory
  /// ([Region#inStretch]): the packet. The same for as long as the context lives.
  public Region stretch() {
    return Region.NOTHING;
  }

  /// How all of the context's struct may be accessed, the same in every run; `null` if that is not
  /// so.
  public @Nullable ContextLayout steadyLayout() {
    return null;
  }

  /// The packet bytes at an offset, in network order, or -1 outside of it (`LD_ABS`, `LD_IND`).
  public abstract long loadPacket(int offset, int size);

  /// A map that the run is given with its context, beside the program's own, or `null`.
  public @Nullable RuntimeMap shownMap() {
    return null;
  }

  /// Where the program sent the packet.
  public abstract Redirect redirect();

  /// Frees the memory; no run may be under way.
  ///
  /// @throws IllegalStateException while a channel of the application reads or writes a segment of
  ///   it
  @Override
  public abstract void close();
}
