package org.ebpf4j.btf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.elf.SectionData;

/// The section `.BTF.ext`: what is known of single instructions, by the section that they are in.
/// Offsets count bytes from that section's start, lists are in the file's order.
///
/// @param functions where functions start
/// @param lines where source lines start
/// @param relocations which instructions depend on the kernel's types
public record BtfExt(
    Map<String, List<Function>> functions,
    Map<String, List<Line>> lines,
    Map<String, List<Relocation>> relocations) {

  public BtfExt {
    functions = Map.copyOf(functions);
    lines = Map.copyOf(lines);
    relocations = Map.copyOf(relocations);
  }

  /// The function of BTF id `type` starts at `offset`.
  public record Function(long offset, int type) {}

  /// From `offset` on, instructions come from this place of the source.
  public record Line(long offset, String file, String text, int line, int column) {}

  /// The instruction at `offset` is to be adjusted: `access` is a path from the type of BTF id
  /// `type`, and `kind` a number of `enum bpf_core_relo_kind`.
  public record Relocation(long offset, int type, String access, int kind) {}

  /// One without records, for objects that have no such section.
  public static BtfExt empty() {
    return new BtfExt(Map.of(), Map.of(), Map.of());
  }

  /// Reads `.BTF.ext`.
  ///
  /// @param btf what the section `.BTF` of the same object holds
  /// @throws ObjectFileException if it is broken
  public static BtfExt read(SectionData section, Btf btf) {
    return new Reader(BtfReader.inItsOrder(section), btf).read();
  }

  @FunctionalInterface
  private interface RecordReader<T> {
    T read(int at, long offset);
  }

  /// The header is followed by up to three tables. Each starts with the size of its records, then
  /// has for each code section: the name, the number of records, and the records.
  private static final class Reader {
    private static final int HEADER_BYTES = 24;
    private static final int HEADER_BYTES_WITH_RELOCATIONS = 32;

    private final SectionData data;
    private final Btf btf;
    private final BtfStrings strings;

    Reader(SectionData data, Btf btf) {
      this.data = data;
      this.btf = btf;
      this.strings =
          btf.strings()
              .orElseThrow(
                  () -> new IllegalArgumentException("needs the strings of a BTF that was read"));
    }

    BtfExt read() {
      long headerBytes = data.u32(4);
      if (headerBytes < HEADER_BYTES) {
        throw data.error(4, "header of %d bytes, at least 24 are needed".formatted(headerBytes));
      }
      return new BtfExt(
          readTable(8, headerBytes, 8, (at, offset) -> new Function(offset, type(at + 4))),
          readTable(16, headerBytes, 16, this::readLine),
          headerBytes < HEADER_BYTES_WITH_RELOCATIONS
              ? Map.of()
              : readTable(24, headerBytes, 16, this::readRelocation));
    }

    private Line readLine(int at, long offset) {
      long place = data.u32(at + 12);
      return new Line(
          offset, string(at + 4), string(at + 8), (int) (place >> 10), (int) (place & 0x3ff));
    }

    private Relocation readRelocation(int at, long offset) {
      return new Relocation(offset, type(at + 4), string(at + 8), data.i32(at + 12));
    }

    private <T> Map<String, List<T>> readTable(
        int field, long headerBytes, int minimumRecord, RecordReader<T> reader) {
      long start = headerBytes + data.u32(field);
      long length = data.u32(field + 4);
      if (length == 0) {
        return Map.of();
      }
      if (start + length > data.size()) {
        throw data.error(
            field,
            "table at 0x%x of 0x%x bytes is outside of the section".formatted(start, length));
      }
      long recordBytes = data.u32(start);
      if (recordBytes < minimumRecord || recordBytes % Integer.BYTES != 0) {
        throw data.error(start, "records of %d bytes".formatted(recordBytes));
      }
      Map<String, List<T>> table = new HashMap<>();
      long at = start + Integer.BYTES;
      long end = start + length;
      while (at < end) {
        String section = string(at);
        long count = data.u32(at + 4);
        at += 2 * Integer.BYTES;
        if (count == 0 || count > (end - at) / recordBytes) {
          throw data.error(
              at - 4, "%d records for section %s do not fit".formatted(count, section));
        }
        List<T> records = table.computeIfAbsent(section, name -> new ArrayList<>());
        for (long i = 0; i < count; i++, at += recordBytes) {
          records.add(reader.read((int) at, data.u32(at)));
        }
      }
      return table;
    }

    private int type(int at) {
      int id = data.i32(at);
      if (!btf.has(id)) {
        throw data.error(
            at, "refers to type %s, which is not there".formatted(Integer.toUnsignedString(id)));
      }
      return id;
    }

    private String string(long at) {
      long offset = data.u32(at);
      if (offset >= strings.end()) {
        throw data.error(at, "string outside of the BTF's strings, at %d".formatted(offset));
      }
      return strings.at(offset);
    }
  }
}
