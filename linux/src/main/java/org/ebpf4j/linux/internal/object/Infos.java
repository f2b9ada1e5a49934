package org.ebpf4j.linux.internal.object;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.linux.BtfInfo;
import org.ebpf4j.linux.LinkInfo;
import org.ebpf4j.linux.MapInfo;
import org.ebpf4j.linux.ProgramInfo;
import org.ebpf4j.sys.Descriptor;

/// What the kernel tells of maps, programs, BTF and links.
///
/// Offsets are those of `struct bpf_map_info`, `bpf_prog_info`, `bpf_btf_info` and `bpf_link_info`
/// in Linux 6.18's `include/uapi/linux/bpf.h`.
public final class Infos {
  private static final int MAP_BYTES = 88;
  private static final int PROGRAM_BYTES = 232;
  private static final int BTF_BYTES = 32;
  private static final int LINK_BYTES = 16;

  private Infos() {}

  public static MapInfo map(Descriptor descriptor) {
    DescriptorInfo shown = DescriptorInfo.of(descriptor);
    try (InfoCall info = new InfoCall(MAP_BYTES).ask(descriptor)) {
      return new MapInfo(
          info.get32(4),
          info.string(24),
          info.get32(0),
          info.get32(8),
          info.get32(12),
          info.get32(16),
          info.get32(20),
          info.get64(80),
          info.get32(64),
          info.get32(68),
          info.get32(72),
          info.get32(40),
          shown.number("memlock").orElse(0L),
          shown.number("frozen").orElse(0L) != 0,
          shown
              .number("owner_prog_type")
              .map(type ->
                  new MapInfo.Owner(type.intValue(), shown.number("owner_jited").orElse(0L) != 0)));
    }
  }

  public static ProgramInfo program(Descriptor descriptor) {
    int mapCount;
    try (InfoCall info = new InfoCall(PROGRAM_BYTES).ask(descriptor)) {
      mapCount = info.get32(52);
    }
    try (InfoCall info = new InfoCall(PROGRAM_BYTES)) {
      MemorySegment maps = info.array(56, 52, mapCount, (long) mapCount * Integer.BYTES);
      info.ask(descriptor);
      List<Integer> mapIds =
          Arrays.stream(maps.asSlice(0, (long) mapCount * Integer.BYTES).toArray(JAVA_INT))
              .boxed()
              .toList();
      return new ProgramInfo(
          info.get32(4),
          info.string(64),
          info.get32(0),
          HexFormat.of().formatHex(info.bytes(8, 8)),
          (info.get32(84) & 1) != 0,
          Duration.ofNanos(info.get64(40)),
          info.get32(48),
          mapIds,
          info.get32(128),
          info.get32(80),
          info.get32(20),
          info.get32(16),
          DescriptorInfo.of(descriptor).number("memlock").orElse(0L),
          info.get32(216),
          info.get64(200),
          Duration.ofNanos(info.get64(192)),
          info.get64(208),
          info.get32(224),
          info.get32(220));
    }
  }

  /// The instructions as the verifier left them.
  public static byte[] translated(Descriptor descriptor) {
    return dump(descriptor, 32, 20);
  }

  /// The machine code.
  public static byte[] nativeCode(Descriptor descriptor) {
    return dump(descriptor, 24, 16);
  }

  private static byte[] dump(Descriptor descriptor, int pointer, int length) {
    int bytes;
    try (InfoCall info = new InfoCall(PROGRAM_BYTES).ask(descriptor)) {
      bytes = info.get32(length);
    }
    try (InfoCall info = new InfoCall(PROGRAM_BYTES)) {
      MemorySegment dump = info.array(pointer, length, bytes, bytes);
      info.ask(descriptor);
      // The kernel takes the pointer away where it hides the code.
      return info.get64(pointer) == 0 ? new byte[0] : dump.asSlice(0, bytes).toArray(JAVA_BYTE);
    }
  }

  /// Where a program's functions start: slot and BTF id of each.
  public static List<int[]> functionRecords(Descriptor descriptor) {
    return records(descriptor, 136, 144, 132, 2);
  }

  /// Where a program's source lines start: slot, offsets of the file's name and of the text in the
  /// strings of its BTF, and line and column in one word.
  public static List<int[]> lineRecords(Descriptor descriptor) {
    return records(descriptor, 152, 148, 172, 4);
  }

  /// Records of a program.
  ///
  /// @param recordSize where the kernel says how large they are, and is told
  /// @param words how many 32-bit words of each are of interest
  private static List<int[]> records(
      Descriptor descriptor, int pointer, int count, int recordSize, int words) {
    int number;
    int bytes;
    try (InfoCall info = new InfoCall(PROGRAM_BYTES).ask(descriptor)) {
      number = info.get32(count);
      bytes = info.get32(recordSize);
    }
    if (number == 0 || bytes < words * Integer.BYTES) {
      return List.of();
    }
    try (InfoCall info = new InfoCall(PROGRAM_BYTES)) {
      MemorySegment all = info.array(pointer, count, number, (long) number * bytes);
      info.set32(recordSize, bytes);
      info.ask(descriptor);
      List<int[]> records = new ArrayList<>();
      for (int i = 0; i < Math.min(number, info.get32(count)); i++) {
        records.add(all.asSlice((long) i * bytes, (long) words * Integer.BYTES).toArray(JAVA_INT));
      }
      return records;
    }
  }

  public static BtfInfo btf(Descriptor descriptor) {
    int nameRoom = 256;
    try (InfoCall info = new InfoCall(BTF_BYTES)) {
      MemorySegment name = info.array(16, 24, nameRoom, nameRoom);
      info.ask(descriptor);
      return new BtfInfo(info.get32(12), name.getString(0), info.get32(8), info.get32(28) != 0);
    }
  }

  /// The bytes of a BTF object.
  public static byte[] btfBytes(Descriptor descriptor) {
    int bytes = btf(descriptor).bytes();
    try (InfoCall info = new InfoCall(BTF_BYTES)) {
      MemorySegment data = info.array(0, 8, bytes, bytes);
      info.ask(descriptor);
      return data.asSlice(0, bytes).toArray(JAVA_BYTE);
    }
  }

  public static LinkInfo link(Descriptor descriptor) {
    try (InfoCall info = new InfoCall(LINK_BYTES).ask(descriptor)) {
      return new LinkInfo(info.get32(4), info.get32(0), info.get32(8));
    }
  }
}
