package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.verifier.HookResult;

/// The arguments of a traced function, 8 bytes each, as the caller gives them; for programs at the
/// function's end, what it returned behind them. How many there are is how many the caller gives.
///
/// Source: `bpf_get_func_arg` and its like in Linux 6.18's `kernel/trace/bpf_trace.c`.
public final class TraceContext extends PlainContext {
  private final boolean returns;

  /// @param returns whether the last word is what the function returned
  public TraceContext(ContextLayout layout, boolean returns) {
    super(layout, true);
    this.returns = returns;
  }

  /// Says what the proof of the program takes the returned value to be.
  public void expect(HookResult expected) {
    expectResult(expected);
  }

  /// How many arguments there are, without the returned value.
  public int arguments() {
    int words = (int) (struct().byteSize() / Long.BYTES);
    return returns ? Math.max(words - 1, 0) : words;
  }

  /// An argument that is there, by number from 0.
  public long argument(int index) {
    return Memory.getLong(address() + (long) index * Long.BYTES);
  }

  /// Whether the function has returned.
  public boolean hasReturned() {
    return returns && struct().byteSize() >= Long.BYTES;
  }

  /// What it returned.
  public long returned() {
    return argument(arguments());
  }
}
