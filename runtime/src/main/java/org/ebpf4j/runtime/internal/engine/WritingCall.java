package org.ebpf4j.runtime.internal.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.runtime.HelperCall;
import org.jspecify.annotations.Nullable;

/// The call of an application's helper that writes to what the program passes: there and nowhere
/// else, and until the call ends. Beside it may lie what the program's proof relies on, such as a
/// pointer that was saved on the stack.
final class WritingCall implements HelperCall, AutoCloseable {
  private final CheckedMemory run;
  private final Argument[] arguments;
  private final long[] values;
  private @Nullable Arena loan;
  private boolean over;

  WritingCall(CheckedMemory run, Argument[] arguments, long a, long b, long c, long d, long e) {
    this.run = run;
    this.arguments = arguments;
    this.values = new long[] {a, b, c, d, e};
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].has(Argument.Flag.UNINITIALIZED) && values[i] != 0 && bytes(i) > 0) {
        // What the function leaves out must not show the program what runs before it left there.
        memory(values[i], (int) bytes(i)).fill((byte) 0);
      }
    }
  }

  @Override
  public int cpu() {
    return run.cpu();
  }

  @Override
  public MemorySegment memory(long address, int size) {
    if (over) {
      throw new IllegalStateException("the helper's call is over");
    }
    for (int i = 0; i < arguments.length; i++) {
      long offset = address - values[i];
      if (ArgumentChecker.writes(arguments[i]) && offset >= 0 && size <= bytes(i) - offset) {
        if (loan == null) {
          loan = Arena.ofConfined();
        }
        return run.writableMemory(address, size, loan);
      }
    }
    return run.memory(address, size);
  }

  /// How many bytes the program passed in an argument; 0 if that is no memory.
  private long bytes(int index) {
    Argument argument = arguments[index];
    return switch (argument.kind()) {
      case MEMORY -> argument.size() != 0 ? argument.size() : values[index + 1];
      case MAP_VALUE -> valueBytes(index);
      default -> 0;
    };
  }

  /// Bytes in a value of the map that was passed before.
  private long valueBytes(int index) {
    for (int i = index - 1; i >= 0; i--) {
      if (arguments[i].kind() == Argument.Kind.MAP) {
        return run.map(values[i]).spec().valueSize();
      }
    }
    return 0;
  }

  @Override
  public void close() {
    over = true;
    if (loan != null) {
      loan.close();
    }
  }
}
