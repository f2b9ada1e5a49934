package org.ebpf4j.net.capture;

import java.util.ArrayList;
import java.util.List;

/// The block format: sections of blocks, each with its own byte order and interfaces
/// (draft-ietf-opsawg-pcapng). Every block is
///
/// ```
/// type 4 | total length 4 | body, padded to 4 bytes | total length again 4
/// ```
final class PcapngFormat implements CaptureFormat {
  static final int SECTION_HEADER = 0x0a0d0d0a;
  static final int INTERFACE_DESCRIPTION = 1;
  static final int OBSOLETE_PACKET = 2;
  static final int SIMPLE_PACKET = 3;
  static final int ENHANCED_PACKET = 6;

  static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
  static final int OPTION_TIMESTAMP_RESOLUTION = 9;
  static final int OPTION_TIMESTAMP_OFFSET = 14;

  /// Keeps memory bounded on a file made of nothing but interfaces.
  private static final int MAX_INTERFACES = 65_536;

  /// Type, total length twice: a block with an empty body.
  private static final int EMPTY_BLOCK = 12;

  private record Interface(LinkType linkType, long snapLength, TimestampScale scale) {}

  private final CaptureInput input;
  private final List<Interface> interfaces = new ArrayList<>();

  // The block being read: where it starts in the file, its length, and what is left of it.
  private long blockOffset;
  private long blockLength;
  private long blockLeft;

  /// Reads the first section header.
  PcapngFormat(CaptureInput input) {
    this.input = input;
    beginBlock();
    beginSection();
    endBlock();
  }

  @Override
  public boolean next(CapturedPacket packet) {
    endBlock();
    while (beginBlock()) {
      boolean found =
          switch (input.peekInt(0)) {
            case ENHANCED_PACKET -> enhancedPacket(packet);
            case SIMPLE_PACKET -> simplePacket(packet);
            case OBSOLETE_PACKET -> obsoletePacket(packet);
            case INTERFACE_DESCRIPTION -> {
              addInterface();
              yield false;
            }
            case SECTION_HEADER -> {
              beginSection();
              yield false;
            }
            default -> false;
          };
      if (found) {
        return true;
      }
      endBlock();
    }
    return false;
  }

  private boolean beginBlock() {
    blockOffset = input.offset();
    if (!input.has(EMPTY_BLOCK)) {
      if (input.atEnd()) {
        return false;
      }
      throw cutOff();
    }
    if (input.peekInt(0) == SECTION_HEADER) {
      // The length before it can be read only in the order that this magic shows.
      if (input.peekInt(8) == Integer.reverseBytes(BYTE_ORDER_MAGIC)) {
        input.swapOrder();
      } else if (input.peekInt(8) != BYTE_ORDER_MAGIC) {
        throw damaged("a section header has no byte-order magic");
      }
    }
    blockLength = Integer.toUnsignedLong(input.peekInt(4));
    if (blockLength < EMPTY_BLOCK || blockLength % 4 != 0) {
      throw damaged("a block claims the impossible length " + blockLength);
    }
    blockLeft = blockLength;
    return true;
  }

  /// Passes over what nobody read of the block, and checks the length at its end.
  private void endBlock() {
    if (blockLeft == 0) {
      return;
    }
    if (!input.skip(blockLeft - 4) || !input.has(4)) {
      throw cutOff();
    }
    if (Integer.toUnsignedLong(input.peekInt(0)) != blockLength) {
      throw damaged("the two lengths of a block differ");
    }
    input.advance(4);
    blockLeft = 0;
  }

  private void beginSection() {
    need(24);
    int major = input.peekUnsignedShort(12);
    if (major != 1) {
      throw damaged("pcapng version " + major + " is not known, 1 is");
    }
    interfaces.clear();
  }

  /// Interface description: `link type 2 | reserved 2 | snap length 4 | options`.
  private void addInterface() {
    need(16);
    if (interfaces.size() == MAX_INTERFACES) {
      throw damaged("a section has more than " + MAX_INTERFACES + " interfaces");
    }
    LinkType linkType = new LinkType(input.peekUnsignedShort(8));
    long snapLength = Integer.toUnsignedLong(input.peekInt(12));
    consume(16);
    interfaces.add(new Interface(linkType, snapLength, readTimestampOptions()));
  }

  /// Options: `code 2 | length 2 | value, padded to 4 bytes`, up to code 0 or the block's end.
  private TimestampScale readTimestampOptions() {
    long unitsPerSecond = TimestampScale.MICROSECONDS.unitsPerSecond();
    long offsetSeconds = 0;
    while (blockLeft >= 8) {
      need(4);
      int code = input.peekUnsignedShort(0);
      int length = input.peekUnsignedShort(2);
      consume(4);
      if (code == 0) {
        break;
      }
      int padded = (length + 3) & ~3;
      need(padded);
      if (code == OPTION_TIMESTAMP_RESOLUTION && length == 1) {
        unitsPerSecond = TimestampScale.unitsPerSecond(input.peekByte(0));
        if (unitsPerSecond == 0) {
          throw damaged("an interface's timestamps are finer than 64 bits can count");
        }
      } else if (code == OPTION_TIMESTAMP_OFFSET && length == 8) {
        offsetSeconds = input.peekLong(0);
      }
      consume(padded);
    }
    return new TimestampScale(unitsPerSecond, offsetSeconds);
  }

  /// `interface 4 | timestamp, upper half first 8 | captured length 4 | original length 4 | bytes`.
  private boolean enhancedPacket(CapturedPacket packet) {
    need(28);
    int id = input.peekInt(8);
    return packet(packet, id, 28, input.peekInt(20), input.peekInt(24));
  }

  /// `interface 2 | drops 2`, then as the enhanced packet.
  private boolean obsoletePacket(CapturedPacket packet) {
    need(28);
    int id = input.peekUnsignedShort(8);
    return packet(packet, id, 28, input.peekInt(20), input.peekInt(24));
  }

  /// `original length 4 | bytes`, cut to the snap length of the first interface.
  private boolean simplePacket(CapturedPacket packet) {
    need(12);
    Interface source = interfaceOf(0);
    int originalLength = input.peekInt(8);
    long length = Integer.toUnsignedLong(originalLength);
    if (source.snapLength != 0) {
      length = Math.min(length, source.snapLength);
    }
    length = Math.min(length, blockLength - 16);
    return packet(packet, 0, 12, (int) length, originalLength);
  }

  private boolean packet(
      CapturedPacket packet, int id, int header, int length, int originalLength) {
    Interface source = interfaceOf(id);
    if (Integer.compareUnsigned(length, CaptureReader.MAX_PACKET) > 0
        || header + length + 4 > blockLength) {
      throw damaged(
          "a packet claims "
              + Integer.toUnsignedString(length)
              + " captured bytes in a block of "
              + blockLength
              + ", at most "
              + CaptureReader.MAX_PACKET
              + " are possible: the file is corrupt");
    }
    need(header + length);
    long timestamp =
        header == 12
            ? 0
            : source.scale.nanoseconds(
                ((long) input.peekInt(12) << 32) | Integer.toUnsignedLong(input.peekInt(16)));
    packet.set(input.index(header), length, Integer.toUnsignedLong(originalLength), timestamp);
    packet.setInterface(id, source.linkType);
    // The bytes stay where they are until the next call ends the block.
    return true;
  }

  private Interface interfaceOf(int id) {
    if (Integer.compareUnsigned(id, interfaces.size()) >= 0) {
      throw damaged(
          "a packet names interface "
              + Integer.toUnsignedString(id)
              + " of a section that has "
              + interfaces.size());
    }
    return interfaces.get(id);
  }

  /// Sees to it that the block has `count` more bytes before its last length, and the file, too.
  private void need(int count) {
    if (count > blockLeft - 4) {
      throw damaged("a block of " + blockLength + " bytes is too short for what it should hold");
    }
    if (!input.has(count)) {
      throw cutOff();
    }
  }

  private void consume(int count) {
    input.advance(count);
    blockLeft -= count;
  }

  private CaptureException cutOff() {
    return damaged("the file is cut off in a block");
  }

  private CaptureException damaged(String problem) {
    return input.damaged(blockOffset, problem);
  }
}
