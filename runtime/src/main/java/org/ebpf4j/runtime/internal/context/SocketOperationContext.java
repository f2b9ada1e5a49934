package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct bpf_sock_ops`, and the TCP header that the program is called about, which the caller
/// gives as packet: none, or at least 20 bytes.
///
/// When Linux asks how much room the program wants for options of its own
/// (`BPF_SOCK_OPS_HDR_OPT_LEN_CB`), the header shows which options there are already, and
/// afterwards has as many zeros at its end as the program reserved. When it asks for the options
/// themselves (`BPF_SOCK_OPS_WRITE_HDR_OPT_CB`), the header is given up to where it is written, and
/// its data offset says how long it is to be.
///
/// Source: `bpf_skops_hdr_opt_len` and `bpf_skops_write_hdr_opt` in Linux 6.18's
/// `net/ipv4/tcp_output.c`.
public final class SocketOperationContext extends PacketContext {
  /// `BPF_SOCK_OPS_HDR_OPT_LEN_CB`.
  public static final int LENGTH = 14;

  /// `BPF_SOCK_OPS_WRITE_HDR_OPT_CB`.
  public static final int WRITE = 15;

  private static final int HEADER = 20;
  private static final int DATA_OFFSET = 12;
  private static final int FLAGS = 13;

  /// `MAX_TCP_OPTION_SPACE`.
  private static final int MOST_OPTIONS = 40;

  // Fields of the context.
  private static final String PACKET_LENGTH = "skb_len";
  private static final String PACKET_FLAGS = "skb_tcp_flags";

  private final long lengthField;
  private final long flagsField;
  private int remaining;

  public SocketOperationContext(ProgramTypes.Row type, int packetLimit) {
    super(type, packetLimit, 0, MOST_OPTIONS);
    this.lengthField = address() + layout().field(PACKET_LENGTH).orElseThrow().offset();
    this.flagsField = address() + layout().field(PACKET_FLAGS).orElseThrow().offset();
  }

  @Override
  protected int least() {
    return 0;
  }

  @Override
  public void begin() {
    super.begin();
    moved();
    int written = buffer().length() - HEADER;
    remaining =
        switch (operation()) {
          case LENGTH -> MOST_OPTIONS - Math.max(written, 0);
          case WRITE -> hasHeader() ? declared() - buffer().length() : 0;
          default -> 0;
        };
    remaining = Math.clamp(remaining, 0, MOST_OPTIONS);
    if (hasHeader()) {
      Memory.putInt(lengthField, buffer().length());
      Memory.putInt(flagsField, Memory.getByte(buffer().data() + FLAGS) & 0xff);
    }
  }

  /// The length that the header says it has.
  private int declared() {
    return (Memory.getByte(buffer().data() + DATA_OFFSET) >> 4 & 0xf) * Integer.BYTES;
  }

  /// Programs see no header that is not there, nor one that is only measured.
  @Override
  public void moved() {
    buffer().setLinear(hasHeader() && operation() != LENGTH ? buffer().length() : 0);
    super.moved();
  }

  /// What the program is called for (`BPF_SOCK_OPS_…_CB`).
  public int operation() {
    return Memory.getInt(address());
  }

  /// Whether there is a TCP header.
  public boolean hasHeader() {
    return buffer().length() >= HEADER;
  }

  /// Where the header's options begin.
  public long options() {
    return buffer().data() + HEADER;
  }

  /// One past the last byte of the header.
  public long end() {
    return buffer().data() + buffer().length();
  }

  /// How many bytes of options may still be reserved or written.
  public int remaining() {
    return remaining;
  }

  /// Reserves room for options, of which there must be enough.
  public void reserve(int length) {
    buffer().moveEnd(length);
    remaining -= length;
    moved();
  }

  /// Writes an option to the header's end, where there must be room.
  public void append(long option, int length) {
    long to = end();
    buffer().moveEnd(length);
    Memory.copy(option, to, length);
    remaining -= length;
    moved();
  }
}
