package org.ebpf4j.linux.internal.call;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.ebpf4j.sys.SystemCall;

/// One call of bpf(2): its `union bpf_attr`, and memory for what that points to.
///
/// The attributes are told to be as long as the last one that was set. Linux takes shorter ones
/// than it knows, and refuses longer ones unless the rest is zero; so a call that uses no new
/// attribute works on old kernels too.
public final class BpfCall implements AutoCloseable {
  private static final int ATTRIBUTE_BYTES = 192;

  /// `BPF_OBJ_NAME_LEN`, with the zero at the end.
  private static final int NAME_BYTES = 16;

  private final BpfCommand command;
  private final Arena arena;
  private final MemorySegment state;
  private final MemorySegment attributes;
  private int size;

  /// A call for this thread.
  public BpfCall(BpfCommand command) {
    this(command, Arena.ofConfined());
  }

  /// @param arena for its memory, taken over
  public BpfCall(BpfCommand command, Arena arena) {
    this.command = command;
    this.arena = arena;
    this.state = arena.allocate(SystemCall.STATE_BYTES, 8);
    this.attributes = arena.allocate(ATTRIBUTE_BYTES, 8);
  }

  /// Sets an attribute of 32 bits.
  public BpfCall set32(int offset, int value) {
    attributes.set(JAVA_INT, offset, value);
    size = Math.max(size, offset + Integer.BYTES);
    return this;
  }

  /// Sets an attribute of 64 bits.
  public BpfCall set64(int offset, long value) {
    attributes.set(JAVA_LONG, offset, value);
    size = Math.max(size, offset + Long.BYTES);
    return this;
  }

  /// Sets a pointer.
  public BpfCall setPointer(int offset, MemorySegment target) {
    return set64(offset, target.address());
  }

  /// Sets the name of a map or program: letters, digits, `_` and `.`; what is too long is cut.
  public BpfCall setName(int offset, String name) {
    int length = Math.min(name.length(), NAME_BYTES - 1);
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '.');
      attributes.set(JAVA_BYTE, offset + (long) i, (byte) (plain ? c : '_'));
    }
    size = Math.max(size, offset + NAME_BYTES);
    return this;
  }

  /// What the kernel wrote to an attribute of 32 bits.
  public int get32(int offset) {
    return attributes.get(JAVA_INT, offset);
  }

  /// Zeroed memory that lives as long as this call.
  public MemorySegment allocate(long bytes) {
    return arena.allocate(Math.max(bytes, 1), 8);
  }

  /// A copy of bytes that lives as long as this call.
  public MemorySegment copy(byte[] bytes) {
    MemorySegment copy = allocate(bytes.length);
    MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
    return copy;
  }

  /// A copy of a string, with a zero at the end, that lives as long as this call.
  public MemorySegment copy(String text) {
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }

  /// Makes the call.
  ///
  /// @return the result, or Linux's error number negated
  public int invoke() {
    return (int) SystemCall.BPF.call(state, command.number(), attributes.address(), size, 0, 0, 0);
  }

  @Override
  public void close() {
    arena.close();
  }
}
