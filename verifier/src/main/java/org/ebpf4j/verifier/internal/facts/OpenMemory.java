package org.ebpf4j.verifier.internal.facts;

import java.util.BitSet;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// Memory that the proof does not know the end of, for it is the run that brings it: the context of
/// some types, and the keys and values that iterators show. Notes how far a run may reach in it;
/// who starts a run has to bring as much.
///
/// Notes, too, where objects of the kernel are given away as if they were plain memory: a host may
/// have no bytes of them.
public final class OpenMemory {
  private final BitSet calls = new BitSet();
  private boolean inFunctions;
  private long context;
  private long key;
  private long value;

  /// An instruction, or what it calls, may touch so many bytes at a pointer.
  public void reach(int slot, @Nullable Instruction instruction, Value pointer, int size) {
    long end = pointer.offset() + pointer.number().smax() + size;
    switch (pointer.kind()) {
      case CONTEXT -> context = Math.max(context, end);
      case BUFFER -> {
        if (pointer.has(Flags.READ_ONLY)) {
          key = Math.max(key, end);
        } else {
          value = Math.max(value, end);
        }
      }
      case BTF_OBJECT -> {
        if (instruction instanceof Instruction.CallLocal) {
          inFunctions = true;
        } else {
          calls.set(slot);
        }
      }
      default -> {
        // Ends where the proof says.
      }
    }
  }

  /// The end of what calls may reach in the context.
  public long contextBytes() {
    return context;
  }

  /// The end of what a run may reach in a key that is shown to it (Linux's `max_rdonly_access`).
  public long keyBytes() {
    return key;
  }

  /// The end of what a run may reach in a value that is shown to it (Linux's `max_rdwr_access`).
  public long valueBytes() {
    return value;
  }

  /// Whether a call may be given an object of the kernel as plain memory.
  public boolean mayBeObject(int slot) {
    return inFunctions || calls.get(slot);
  }

  /// Whether functions of the program may be given objects of the kernel as plain memory.
  public boolean isInFunctions() {
    return inFunctions;
  }
}
