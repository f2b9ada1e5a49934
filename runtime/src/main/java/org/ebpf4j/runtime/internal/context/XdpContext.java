package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct xdp_md` and a packet in a page, as `BPF_PROG_TEST_RUN` builds it: 256 bytes of headroom,
/// linear up to what a page holds, fragments of a page each beyond that.
///
/// The caller's context may say, as in Linux, that the packet begins with metadata: `data` bytes of
/// them, `data_end` being where the linear part ends, 0 for as much as possible. After a run the
/// packet comes without metadata.
///
/// Sources: `bpf_prog_test_run_xdp` in `net/bpf/test_run.c`, `bpf_xdp_adjust_*` in
/// `net/core/filter.c`, Linux 6.12 and 6.18.
public final class XdpContext extends PacketContext {
  private static final int PAGE = 4096;

  /// `XDP_PACKET_HEADROOM`.
  private static final int HEADROOM = 256;

  /// `sizeof(struct skb_shared_info)`, aligned.
  private static final int SHARED_INFO = 320;

  /// `sizeof(struct xdp_frame)`: programs may not move the packet over it.
  private static final int FRAME = 40;

  /// `MAX_SKB_FRAGS`.
  private static final int FRAGMENTS = 17;

  private static final int LINEAR = PAGE - HEADROOM - SHARED_INFO;
  private static final int LONGEST = LINEAR + FRAGMENTS * PAGE;

  private static final int MOST_OFFSET = 0xffff;

  /// The most metadata: what fits a byte, a multiple of 4.
  private static final int MOST_META = 252;

  // Offsets in struct xdp_md.
  private static final int DATA = 0;
  private static final int DATA_END = 4;
  private static final int DATA_META = 8;
  private static final int INGRESS_IFINDEX = 12;
  private static final int RX_QUEUE_INDEX = 16;
  private static final int EGRESS_IFINDEX = 20;

  private static final int LOOPBACK = 1;

  private final long frameStart;
  private int linearLimit = LINEAR;

  /// Whether addresses have to be filled in: the packet has changed, or somebody has the struct and
  /// may write to it.
  private boolean stale = true;

  private boolean exposed;

  /// @param packetLimit the host's limit on the length of packets
  public XdpContext(ProgramTypes.Row type, int packetLimit) {
    super(type, Math.min(packetLimit, LONGEST), HEADROOM, PAGE);
    frameStart = buffer().data() - HEADROOM;
    Memory.putInt(address() + INGRESS_IFINDEX, LOOPBACK);
  }

  @Override
  public MemorySegment packetBuffer(String program, int length) {
    linearLimit = LINEAR;
    stale = true;
    return super.packetBuffer(program, length);
  }

  @Override
  public void accept(String program, RunInput input) {
    super.accept(program, input);
    linearLimit = LINEAR;
    stale = true;
    long md = address();
    int length = input.data().length;
    int metadata = Memory.getInt(md + DATA);
    if (input.context().length == 0) {
      Memory.putInt(md + INGRESS_IFINDEX, LOOPBACK);
      return;
    }
    int given = Memory.getInt(md + DATA_END);
    int end = given == 0 ? length : given;
    if (Memory.getInt(md + DATA_META) != 0
        || Integer.compareUnsigned(end, length) > 0
        || Integer.compareUnsigned(metadata, end) > 0
        || !metadataFits(metadata)
        || length - metadata < ETHERNET
        || Memory.getInt(md + EGRESS_IFINDEX) != 0
        || (Memory.getInt(md + INGRESS_IFINDEX) == 0 && Memory.getInt(md + RX_QUEUE_INDEX) != 0)) {
      throw new RunException(
          program,
          Errno.EINVAL,
          "struct xdp_md holds %d bytes of metadata and a linear end at %d, for %d bytes of data;"
                  .formatted(metadata, end, length)
              + " and data_meta, egress_ifindex and, without ingress_ifindex, rx_queue_index are"
              + " 0");
    }
    if (Memory.getInt(md + INGRESS_IFINDEX) == 0) {
      Memory.putInt(md + INGRESS_IFINDEX, LOOPBACK);
    }
    PacketBuffer packet = buffer();
    packet.moveStart(metadata);
    packet.setMeta(packet.data() - metadata);
    linearLimit = Math.min(end - metadata, LINEAR);
  }

  @Override
  public void begin() {
    super.begin();
    if (stale) {
      PacketBuffer packet = buffer();
      packet.setLinear(Math.min(packet.length(), linearLimit));
      moved();
      stale = exposed;
    }
  }

  @Override
  public boolean isSteady() {
    return true;
  }

  @Override
  public MemorySegment struct() {
    exposed = true;
    stale = true;
    return super.struct();
  }

  @Override
  public void moved() {
    super.moved();
    PacketBuffer packet = buffer();
    int metadata = (int) (packet.data() - packet.meta());
    Memory.putInt(address() + DATA, metadata);
    Memory.putInt(address() + DATA_END, metadata + packet.linear());
    stale = true;
  }

  private static boolean metadataFits(int bytes) {
    return bytes >= 0 && bytes <= Math.min(MOST_META, HEADROOM - FRAME) && bytes % 4 == 0;
  }

  /// Moves the packet's start (`bpf_xdp_adjust_head`); 0 or a negated errno.
  public int adjustHead(int delta) {
    PacketBuffer packet = buffer();
    long start = packet.data() + delta;
    long metadata = packet.data() - packet.meta();
    if (start < frameStart + FRAME + metadata
        || start > packet.data() + packet.linear() - ETHERNET) {
      return Errno.EINVAL.negated();
    }
    packet.moveStartWithMeta(delta);
    moved();
    return 0;
  }

  /// Moves the metadata's start (`bpf_xdp_adjust_meta`); 0 or a negated errno.
  public int adjustMeta(int delta) {
    PacketBuffer packet = buffer();
    long meta = packet.meta() + delta;
    if (meta < frameStart + FRAME || meta > packet.data()) {
      return Errno.EINVAL.negated();
    }
    long metadata = packet.data() - meta;
    if (metadata % 4 != 0 || metadata > MOST_META) {
      return Errno.EACCES.negated();
    }
    packet.setMeta(meta);
    moved();
    return 0;
  }

  /// Moves the packet's end (`bpf_xdp_adjust_tail`); 0 or a negated errno.
  public int adjustTail(int delta) {
    PacketBuffer packet = buffer();
    if (packet.length() + (long) delta < ETHERNET || delta > tailroom(packet)) {
      return Errno.EINVAL.negated();
    }
    packet.moveEnd(delta);
    moved();
    return 0;
  }

  /// The address of `size` bytes at an offset, for `bpf_xdp_load_bytes` and its like, or a negated
  /// errno.
  public long at(long offset, long size) {
    if (offset > MOST_OFFSET || size > MOST_OFFSET) {
      return Errno.EFAULT.negated();
    }
    return buffer().contains(offset, size) ? buffer().data() + offset : Errno.EINVAL.negated();
  }

  private int tailroom(PacketBuffer packet) {
    int beyond = packet.length() - packet.linear();
    if (beyond == 0) {
      return (int) (frameStart + PAGE - SHARED_INFO - packet.data()) - packet.linear();
    }
    return PAGE - ((beyond - 1) % PAGE + 1);
  }
}
