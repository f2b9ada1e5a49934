package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout.Kind;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.abi.ProgramTypes.PacketAccess;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// A context with a packet behind it, whose addresses its pointer fields hold.
public abstract class PacketContext extends LinuxContext {
  /// `ETH_HLEN`: the least that Linux takes as a packet (`net/bpf/test_run.c`).
  static final int ETHERNET = 14;

  private final PacketBuffer packet;
  private final int longest;
  private final boolean direct;
  private final long dataPointer;
  private final long endPointer;
  private final long metaPointer;

  /// @param longest the longest packet that callers may give
  /// @param headroom bytes before a new packet
  /// @param tailroom bytes by which the longest packet may grow
  protected PacketContext(ProgramTypes.Row type, int longest, int headroom, int tailroom) {
    super(type.context());
    this.longest = longest;
    this.direct = type.packet() == PacketAccess.READ || type.packet() == PacketAccess.READ_WRITE;
    boolean writable = type.packet() == PacketAccess.READ_WRITE;
    this.packet = new PacketBuffer(arena(), headroom, longest, tailroom, writable);
    this.dataPointer = pointerOf(Kind.PACKET);
    this.endPointer = pointerOf(Kind.PACKET_END);
    this.metaPointer = pointerOf(Kind.PACKET_META);
  }

  /// The packet's memory.
  public final PacketBuffer buffer() {
    return packet;
  }

  @Override
  public void accept(String program, RunInput input) {
    super.accept(program, input);
    byte[] data = input.data();
    check(program, data.length);
    packet.reset(data.length);
    Memory.copy(data, 0, packet.data(), data.length);
  }

  @Override
  public MemorySegment packetBuffer(String program, int length) {
    check(program, length);
    packet.reset(length);
    return packet.segment();
  }

  private void check(String program, int length) {
    if (length < least()) {
      throw new RunException(
          program,
          Errno.EINVAL,
          "a packet has at least %d bytes, not %d".formatted(least(), length));
    }
    if (length > longest) {
      throw new RunException(
          program,
          Errno.EMSGSIZE,
          "a packet of %d bytes is over the limit of %d".formatted(length, longest));
    }
  }

  /// The shortest packet that callers may give.
  protected int least() {
    return ETHERNET;
  }

  @Override
  public MemorySegment packet() {
    return packet.segment();
  }

  /// Brings the pointer fields in line with the packet; to be called whenever it moved.
  public void moved() {
    if (dataPointer != 0) {
      Memory.putLong(dataPointer, packet.data());
    }
    if (endPointer != 0) {
      Memory.putLong(endPointer, packet.data() + packet.linear());
    }
    if (metaPointer != 0) {
      Memory.putLong(metaPointer, packet.meta());
    }
  }

  @Override
  public @Nullable Region find(long address, int size, boolean write) {
    if (direct && (write ? packet.writable(address, size) : packet.readable(address, size))) {
      return packet;
    }
    return super.find(address, size, write);
  }

  @Override
  public Region stretch() {
    return direct ? packet : Region.NOTHING;
  }

  @Override
  public long loadPacket(int offset, int size) {
    return packet.contains(offset, size) ? bigEndian(packet.data() + offset, size) : -1;
  }

  static long bigEndian(long address, int size) {
    return switch (size) {
      case 1 -> Memory.getByte(address) & 0xffL;
      case 2 -> Short.reverseBytes(Memory.getShort(address)) & 0xffffL;
      default -> Integer.reverseBytes(Memory.getInt(address)) & 0xffff_ffffL;
    };
  }
}
