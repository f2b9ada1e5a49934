package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ContextLayout.Field;
import org.ebpf4j.abi.ContextLayout.Kind;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.verifier.HookResult;
import org.jspecify.annotations.Nullable;

/// A context laid out as a row of the tables says: the uapi struct, and the pointers behind it.
///
/// What the caller writes into the struct stays there from run to run unless the program or a new
/// input changes it.
public abstract class LinuxContext extends ProgramContext {
  private final Arena arena = Arena.ofShared();
  private final ContextLayout layout;
  private final MemorySegment struct;
  private final ContextRegion region;
  private final @Nullable ContextSocket socket;
  private final Destination destination = new Destination();
  private int returnCode;

  protected LinuxContext(ContextLayout layout) {
    this.layout = layout;
    this.struct = arena.allocate(Math.max(layout.stateSize(), 1), 16);
    this.region = new ContextRegion(layout, new ContextAccess(layout), struct.address());
    give(struct.address(), 0);
    this.socket =
        ContextSocket.belongsTo(layout) ? new ContextSocket(arena, layout, struct.address()) : null;
    if (socket != null) {
      Memory.putLong(pointerOf(Kind.SOCKET), socket.address());
    }
  }

  /// Memory that lives as long as the context.
  protected final Arena arena() {
    return arena;
  }

  public final ContextLayout layout() {
    return layout;
  }

  /// Where the program asked to send the packet.
  public final Destination destination() {
    return destination;
  }

  @Override
  public @Nullable ContextLayout steadyLayout() {
    return layout;
  }

  @Override
  public void accept(String program, RunInput input) {
    byte[] given = input.context();
    int known = Math.min(given.length, layout.size());
    requireZeros(program, given, known);
    Memory.fill(address(), layout.size(), (byte) 0);
    Memory.copy(given, 0, address(), known);
  }

  /// As in Linux, a struct may be longer than the one known here, if what is not known is zeros
  /// (`bpf_check_uarg_tail_zero` in `kernel/bpf/syscall.c`).
  private void requireZeros(String program, byte[] given, int from) {
    for (int i = from; i < given.length; i++) {
      if (given[i] != 0) {
        throw new RunException(
            program,
            Errno.E2BIG,
            "a context of %d bytes is longer than struct %s, %d bytes"
                .formatted(given.length, layout.struct(), layout.size()));
      }
    }
  }

  @Override
  public MemorySegment packetBuffer(String program, int length) {
    throw new RunException(program, Errno.EINVAL, "programs of this type take no packet");
  }

  @Override
  public MemorySegment packet() {
    return MemorySegment.NULL;
  }

  @Override
  public MemorySegment struct() {
    return struct.asSlice(0, region.length());
  }

  @Override
  public void begin() {
    destination.clear();
    returnCode = 0;
    if (socket != null) {
      socket.fill();
    }
  }

  /// Whether an address is that of the socket that the program is called about.
  public final boolean isSocket(long address) {
    return socket != null && address == socket.address();
  }

  /// What the system call that the program decides about is to give, 0 or a negated errno
  /// (`bpf_get_retval`, `bpf_set_retval`).
  public int returnCode() {
    return returnCode;
  }

  public void setReturnCode(int code) {
    returnCode = code;
  }

  @Override
  public @Nullable Region find(long address, int size, boolean write) {
    if (write ? region.writable(address, size) : region.readable(address, size)) {
      return region;
    }
    return socket != null && !write && socket.readable(address, size) ? socket : null;
  }

  @Override
  public String describe(long address) {
    return region.describe(address);
  }

  @Override
  public long loadPacket(int offset, int size) {
    return -1;
  }

  @Override
  public final Redirect redirect() {
    return destination.target();
  }

  /// A run that finds something else there ends by a fault.
  protected final void expectResult(HookResult expected) {
    region.expect(expected);
  }

  /// Lets the program see only the first bytes of the struct.
  protected final void limit(int bytes) {
    region.limit(bytes);
  }

  /// Where the address of the first pointer field of a kind is kept, or 0 if there is none.
  protected final long pointerOf(Kind kind) {
    for (Field field : layout.fields()) {
      if (field.kind() == kind) {
        return address() + layout.pointerOffset(field);
      }
    }
    return 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
