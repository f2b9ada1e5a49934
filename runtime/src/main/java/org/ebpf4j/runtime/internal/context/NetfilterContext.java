package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.FixedRegion;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// `struct bpf_nf_ctx` and a packet, which callers give with its Ethernet header and programs see
/// from the network header on, by dynptr. The caller's context is a `struct nf_hook_state`, of
/// which the hook's number and the protocol family may be set, as in Linux's test run; where it is
/// not given, the packet is one that this machine sends, and of the family that its frame says.
///
/// Source: `bpf_prog_test_run_nf` in Linux 6.18's `net/bpf/test_run.c`.
public final class NetfilterContext extends PacketContext {
  /// `sizeof(struct nf_hook_state)`.
  private static final int STATE = 48;

  private static final int FAMILY = 1;
  private static final int FAMILY_IPV4 = 2;
  private static final int FAMILY_IPV6 = 10;
  private static final int MOST_HOOK = 4;

  /// `NF_INET_LOCAL_OUT`.
  private static final int LOCAL_OUT = 3;

  private static final int IPV4_HEADER = 20;

  private final MemorySegment state = arena().allocate(STATE, Long.BYTES);
  private final Region region = FixedRegion.of("struct nf_hook_state", state, false);
  private boolean pulled;

  /// The family that was found here, not given.
  private int found;

  public NetfilterContext(ProgramTypes.Row type, int packetLimit) {
    super(type, packetLimit, 0, 0);
  }

  @Override
  protected int least() {
    return ETHERNET + IPV4_HEADER;
  }

  @Override
  public void accept(String program, RunInput input) {
    byte[] given = input.context();
    super.accept(program, new RunInput(input.data(), new byte[0], 1));
    pulled = false;
    state.fill((byte) 0);
    Memory.copy(given, 0, state.address(), Math.min(given.length, STATE));
    int family = Memory.getByte(state.address() + FAMILY);
    found = 0;
    if (given.length == 0) {
      return;
    }
    if (given.length > STATE
        || (family != FAMILY_IPV4 && family != FAMILY_IPV6)
        || Memory.getByte(state.address()) < 0
        || Memory.getByte(state.address()) > MOST_HOOK
        || state.asSlice(2).mismatch(MemorySegment.ofArray(new byte[STATE - 2])) >= 0) {
      throw new RunException(
          program,
          Errno.EINVAL,
          "of struct nf_hook_state, hook (0 to 4) and pf (2 or 10) may be set; the rest is 0");
    }
  }

  /// Fills in what the caller has not given.
  private void describe() {
    int family = Memory.getByte(state.address() + FAMILY);
    if (family == 0) {
      Memory.putByte(state.address(), (byte) LOCAL_OUT);
    }
    if (family == 0 || family == found) {
      found = familyOfFrame();
      Memory.putByte(state.address() + FAMILY, (byte) found);
    }
  }

  private int familyOfFrame() {
    return bigEndian(buffer().data() + 12, 2) == Skb.IPV6 ? FAMILY_IPV6 : FAMILY_IPV4;
  }

  @Override
  public MemorySegment packetBuffer(String program, int length) {
    pulled = false;
    return super.packetBuffer(program, length);
  }

  /// With the Ethernet header that programs do not see.
  @Override
  public MemorySegment packet() {
    return pulled ? buffer().segmentFrom(-ETHERNET) : super.packet();
  }

  @Override
  public MemorySegment struct() {
    return state;
  }

  @Override
  public void begin() {
    super.begin();
    if (!pulled) {
      describe();
      buffer().moveStart(ETHERNET);
      pulled = true;
    }
    Memory.putLong(address() + layout().pointerOffset(layout().fields().get(0)), state.address());
    Memory.putLong(address() + layout().pointerOffset(layout().fields().get(1)), Handles.PACKET);
  }

  @Override
  public @Nullable Region find(long address, int size, boolean write) {
    return !write && region.readable(address, size) ? region : super.find(address, size, write);
  }
}
