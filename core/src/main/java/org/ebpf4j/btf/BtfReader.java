package org.ebpf4j.btf;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.ebpf4j.btf.BtfType.Int.Encoding;
import org.ebpf4j.btf.BtfType.Linkage;
import org.ebpf4j.btf.BtfType.Qualifier.Word;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.elf.SectionData;
import org.ebpf4j.elf.StringTable;

/// Reads the stored form of BTF: the `.BTF` section of an object, `/sys/kernel/btf/*`, a file of
/// its own. What it returns is checked: all references lead somewhere sensible, types do not
/// contain themselves, and all sizes are below 2^31.
public final class BtfReader {
  private final SectionData data;
  private final Optional<Btf> base;
  private final SectionData types;
  private final BtfStrings strings;
  private final List<BtfType> read = new ArrayList<>();
  private int[] offsets = new int[64];
  private int position;

  private BtfReader(SectionData data, Optional<Btf> base) {
    this.data = data;
    this.base = base;
    long headerBytes = data.u32(4);
    if (headerBytes < BtfFormat.HEADER_BYTES) {
      throw data.error(4, "header of %d bytes, at least 24 are needed".formatted(headerBytes));
    }
    this.types = data.slice(data.section(), headerBytes + checkAligned(8), data.u32(12));
    SectionData stringBytes =
        data.slice(data.section() + " strings", headerBytes + data.u32(16), data.u32(20));
    if (stringBytes.size() > 0 && stringBytes.u8(stringBytes.size() - 1) != 0) {
      throw data.error(20, "the last string has no end");
    }
    this.strings = new BtfStrings(base.map(BtfReader::storedStrings), new StringTable(stringBytes));
  }

  /// Reads a BTF of its own.
  ///
  /// @param file what it is called in messages
  /// @throws ObjectFileException if it is broken
  public static Btf read(String file, byte[] bytes) {
    return read(SectionData.of(file, ".BTF", bytes, ByteOrder.nativeOrder()));
  }

  /// Reads the BTF in a section; the byte order is found from its magic number.
  ///
  /// @throws ObjectFileException if it is broken
  public static Btf read(SectionData section) {
    return new BtfReader(inItsOrder(section), Optional.empty()).read();
  }

  /// Reads a split BTF, such as a kernel module's, that continues `base`.
  ///
  /// @param base was itself read and not made in memory, for the strings continue as well
  /// @throws ObjectFileException if it is broken
  public static Btf readSplit(String file, byte[] bytes, Btf base) {
    SectionData section = SectionData.of(file, ".BTF", bytes, ByteOrder.nativeOrder());
    return new BtfReader(inItsOrder(section), Optional.of(base)).read();
  }

  private static BtfStrings storedStrings(Btf base) {
    return base.strings()
        .orElseThrow(
            () -> new IllegalArgumentException("the base was made in memory; write and read it"));
  }

  /// Checks the magic number, which tells the byte order, and the version.
  static SectionData inItsOrder(SectionData section) {
    SectionData data = section.withOrder(ByteOrder.LITTLE_ENDIAN);
    if (data.u16(0) != BtfFormat.MAGIC) {
      data = section.withOrder(ByteOrder.BIG_ENDIAN);
      if (data.u16(0) != BtfFormat.MAGIC) {
        throw data.error(0, "not BTF: the magic number 0xeb9f is missing");
      }
    }
    if (data.u8(2) != BtfFormat.VERSION) {
      throw data.error(2, "BTF version %d; only version 1 is known".formatted(data.u8(2)));
    }
    return data;
  }

  private long checkAligned(long field) {
    long offset = data.u32(field);
    if (offset % Integer.BYTES != 0) {
      throw data.error(field, "types start at %d, no multiple of 4".formatted(offset));
    }
    return offset;
  }

  private Btf read() {
    while (position < types.size()) {
      int start = position;
      if (read.size() == offsets.length) {
        offsets = Arrays.copyOf(offsets, offsets.length * 2);
      }
      offsets[read.size()] = start;
      read.add(readType(start));
    }
    Btf btf = Btf.stored(base, read, data.order(), strings);
    new BtfValidator(btf, types, offsets).check();
    return btf;
  }

  private BtfType readType(int start) {
    String name = name(start);
    int info = types.i32(start + 4);
    int sizeOrType = types.i32(start + 8);
    int parts = BtfFormat.parts(info);
    boolean flag = BtfFormat.flag(info);
    position = start + BtfFormat.TYPE_BYTES;
    return switch (BtfFormat.kind(info)) {
      case BtfFormat.KIND_INT -> readInt(name, sizeOrType);
      case BtfFormat.KIND_POINTER -> new BtfType.Pointer(sizeOrType);
      case BtfFormat.KIND_ARRAY -> readArray();
      case BtfFormat.KIND_STRUCT -> readComposite(name, false, sizeOrType, parts, flag);
      case BtfFormat.KIND_UNION -> readComposite(name, true, sizeOrType, parts, flag);
      case BtfFormat.KIND_ENUM -> readEnumeration(name, sizeOrType, flag, false, parts);
      case BtfFormat.KIND_ENUM64 -> readEnumeration(name, sizeOrType, flag, true, parts);
      case BtfFormat.KIND_FORWARD -> new BtfType.Forward(name, flag);
      case BtfFormat.KIND_TYPEDEF -> new BtfType.Typedef(name, sizeOrType);
      case BtfFormat.KIND_VOLATILE -> new BtfType.Qualifier(Word.VOLATILE, sizeOrType);
      case BtfFormat.KIND_CONST -> new BtfType.Qualifier(Word.CONST, sizeOrType);
      case BtfFormat.KIND_RESTRICT -> new BtfType.Qualifier(Word.RESTRICT, sizeOrType);
      case BtfFormat.KIND_TYPE_TAG -> new BtfType.TypeTag(name, sizeOrType, flag);
      case BtfFormat.KIND_FUNCTION ->
          new BtfType.Function(name, sizeOrType, linkage(parts, start + 4));
      case BtfFormat.KIND_PROTOTYPE ->
          new BtfType.Prototype(
              sizeOrType,
              parts(parts, 8, at -> new BtfType.Parameter(name(at), types.i32(at + 4))));
      case BtfFormat.KIND_VARIABLE -> {
        int at = advance(4);
        yield new BtfType.Variable(name, sizeOrType, linkage(types.i32(at), at));
      }
      case BtfFormat.KIND_DATA_SECTION ->
          new BtfType.DataSection(
              name,
              sizeOrType,
              parts(
                  parts,
                  12,
                  at ->
                      new BtfType.SectionVariable(
                          types.i32(at), types.i32(at + 4), types.i32(at + 8))));
      case BtfFormat.KIND_FLOAT -> new BtfType.FloatType(name, sizeOrType);
      case BtfFormat.KIND_DECLARATION_TAG ->
          new BtfType.DeclarationTag(name, sizeOrType, types.i32(advance(4)), flag);
      default ->
          throw types.error(
              start + 4,
              "type %d is of kind %d, which is not known"
                  .formatted(nextId(), BtfFormat.kind(info)));
    };
  }

  private BtfType readInt(String name, int size) {
    int at = advance(4);
    int word = types.i32(at);
    int encoding = word >>> 24 & 0xf;
    return new BtfType.Int(
        name,
        size,
        switch (encoding) {
          case 0 -> Encoding.UNSIGNED;
          // GCC says of signed characters both that they are; Linux takes one alone.
          case BtfFormat.INT_SIGNED, BtfFormat.INT_SIGNED | BtfFormat.INT_CHAR -> Encoding.SIGNED;
          case BtfFormat.INT_CHAR -> Encoding.CHAR;
          case BtfFormat.INT_BOOL -> Encoding.BOOL;
          default ->
              throw types.error(
                  at, "type %d has unknown encoding %d".formatted(nextId(), encoding));
        },
        word >>> 16 & 0xff,
        word & 0xff);
  }

  private BtfType readArray() {
    int at = advance(12);
    int count = types.i32(at + 8);
    if (count < 0) {
      throw types.error(at + 8, "type %d is an array of 2^31 elements or more".formatted(nextId()));
    }
    return new BtfType.Array(types.i32(at), types.i32(at + 4), count);
  }

  private BtfType readComposite(
      String name, boolean union, int size, int parts, boolean bitFields) {
    return new BtfType.Composite(
        name,
        union,
        size,
        parts(
            parts,
            12,
            at -> {
              int offset = types.i32(at + 8);
              return bitFields
                  ? new BtfType.Member(
                      name(at), types.i32(at + 4), offset & 0xff_ffff, offset >>> 24)
                  : new BtfType.Member(name(at), types.i32(at + 4), offset, 0);
            }));
  }

  private BtfType readEnumeration(String name, int size, boolean signed, boolean wide, int parts) {
    return new BtfType.Enumeration(
        name,
        size,
        signed,
        wide,
        parts(
            parts,
            wide ? 12 : 8,
            at -> {
              long value = signed ? types.i32(at + 4) : types.u32(at + 4);
              return new BtfType.Enumerator(
                  name(at), wide ? types.u32(at + 4) | types.u32(at + 8) << 32 : value);
            }));
  }

  private <T> List<T> parts(int count, int size, IntFunction<T> readPart) {
    int at = advance(count * size);
    List<T> result = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      result.add(readPart.apply(at + i * size));
    }
    return result;
  }

  /// Goes on by `count` bytes that must be there, and returns where they start.
  private int advance(int count) {
    int at = position;
    types.slice("", at, 0);
    if (count > types.size() - at) {
      throw types.error(at, "type %d is cut off".formatted(nextId()));
    }
    position += count;
    return at;
  }

  private int nextId() {
    return base.map(Btf::endId).orElse(1) + read.size();
  }

  private String name(int at) {
    long offset = types.u32(at);
    if (offset >= strings.end()) {
      throw types.error(
          at, "type %d has its name outside of the strings, at %d".formatted(nextId(), offset));
    }
    return strings.at(offset);
  }

  private Linkage linkage(int number, int at) {
    return switch (number) {
      case 0 -> Linkage.STATIC;
      case 1 -> Linkage.GLOBAL;
      case 2 -> Linkage.EXTERN;
      default ->
          throw types.error(at, "type %d has unknown linkage %d".formatted(nextId(), number));
    };
  }
}
