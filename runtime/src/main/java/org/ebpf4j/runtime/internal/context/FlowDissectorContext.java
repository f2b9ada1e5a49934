package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout.Kind;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.FixedRegion;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// A packet to dissect and the `struct bpf_flow_keys` that the program fills. The caller's context
/// is such a struct, of which `flags` may be set; after a run both the struct and the packet of the
/// result are what the program filled in, as Linux's test run gives it.
///
/// Source: `bpf_prog_test_run_flow_dissector` in `net/bpf/test_run.c`, `bpf_flow_dissect` in
/// `net/core/flow_dissector.c`.
public final class FlowDissectorContext extends PacketContext {
  /// `sizeof(struct bpf_flow_keys)`.
  private static final int KEYS = 56;

  private static final int THOFF = 2;
  private static final int N_PROTO = 10;
  private static final int FLAGS = 48;

  private final MemorySegment keys = arena().allocate(KEYS, 8);
  private final Region region = FixedRegion.of("flow keys", keys, true);
  private final long keysPointer = pointerOf(Kind.FLOW_KEYS);

  public FlowDissectorContext(ProgramTypes.Row type, int packetLimit) {
    super(type, packetLimit, 0, 0);
  }

  @Override
  public void accept(String program, RunInput input) {
    byte[] context = input.context();
    super.accept(program, new RunInput(input.data(), new byte[0], 1));
    for (int i = 0; i < context.length; i++) {
      if (context[i] != 0 && (i < FLAGS || i >= FLAGS + 4)) {
        throw new RunException(
            program, Errno.EINVAL, "of struct bpf_flow_keys only flags may be set");
      }
    }
    keys.fill((byte) 0);
    Memory.copy(context, 0, keys.address(), Math.min(context.length, KEYS));
  }

  @Override
  public void begin() {
    super.begin();
    long address = keys.address();
    int flags = Memory.getInt(address + FLAGS);
    keys.fill((byte) 0);
    Memory.putInt(address + FLAGS, flags);
    Memory.putShort(address, (short) ETHERNET);
    Memory.putShort(address + THOFF, (short) ETHERNET);
    Memory.putShort(address + N_PROTO, Memory.getShort(buffer().data() + 12));
    Memory.putLong(keysPointer, address);
    moved();
  }

  /// The keys, their header offsets brought into the packet as `bpf_flow_dissect` does after a run.
  @Override
  public MemorySegment packet() {
    // Through the segment: the runner may be closed by now.
    int end = buffer().length();
    int network = Math.clamp(keys.get(ValueLayout.JAVA_SHORT, 0) & 0xffff, ETHERNET, end);
    int transport = Math.clamp(keys.get(ValueLayout.JAVA_SHORT, THOFF) & 0xffff, network, end);
    keys.set(ValueLayout.JAVA_SHORT, 0, (short) network);
    keys.set(ValueLayout.JAVA_SHORT, THOFF, (short) transport);
    return keys;
  }

  @Override
  public MemorySegment struct() {
    return keys;
  }

  @Override
  public @Nullable Region find(long address, int size, boolean write) {
    return region.readable(address, size) ? region : super.find(address, size, write);
  }
}
