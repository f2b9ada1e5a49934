package org.ebpf4j.value;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.List;

/// The codecs that most maps need. Numbers have the machine's byte order.
public final class Codecs {
  /// `__u8`, as a Java `byte`.
  public static final Codec<Byte> U8 = new ByteCodec();

  /// `__u16`, as a Java `short`.
  public static final Codec<Short> U16 = new ShortCodec();

  /// `__u32`, as a Java `int`.
  public static final Codec<Integer> U32 = new IntCodec();

  /// `__u64`, as a Java `long`.
  public static final Codec<Long> U64 = new LongCodec();

  /// `float`.
  public static final Codec<Float> F32 = new FloatCodec();

  /// `double`.
  public static final Codec<Double> F64 = new DoubleCodec();

  /// `_Bool`, as a Java `boolean`.
  public static final Codec<Boolean> BOOL = new BooleanCodec();

  private Codecs() {}

  /// `size` bytes as they are.
  public static Codec<byte[]> bytes(int size) {
    return new BytesCodec(size);
  }

  /// `__u16[count]`, as a Java `short[]`.
  public static Codec<short[]> shorts(int count) {
    return new ArrayCodec<>(short[].class, ValueLayout.JAVA_SHORT_UNALIGNED, count);
  }

  /// `__u32[count]`, as a Java `int[]`.
  public static Codec<int[]> ints(int count) {
    return new ArrayCodec<>(int[].class, ValueLayout.JAVA_INT_UNALIGNED, count);
  }

  /// `__u64[count]`, as a Java `long[]`.
  public static Codec<long[]> longs(int count) {
    return new ArrayCodec<>(long[].class, ValueLayout.JAVA_LONG_UNALIGNED, count);
  }

  /// `float[count]`.
  public static Codec<float[]> floats(int count) {
    return new ArrayCodec<>(float[].class, ValueLayout.JAVA_FLOAT_UNALIGNED, count);
  }

  /// `double[count]`.
  public static Codec<double[]> doubles(int count) {
    return new ArrayCodec<>(double[].class, ValueLayout.JAVA_DOUBLE_UNALIGNED, count);
  }

  /// `_Bool[count]`.
  public static Codec<boolean[]> booleans(int count) {
    return new BooleansCodec(count);
  }

  /// An array of structs, or of whatever `element` is for, as a list of `count` elements.
  public static <T> Codec<List<T>> list(Codec<T> element, int count) {
    return new ListCodec<>(element, count);
  }

  /// A struct whose members are the components of a public record; see [RecordCodec].
  public static <T extends Record> Codec<T> record(Class<T> type) {
    return RecordCodec.of(MethodHandles.publicLookup(), type);
  }

  /// A struct whose members are the components of a record that `lookup` can see.
  public static <T extends Record> Codec<T> record(MethodHandles.Lookup lookup, Class<T> type) {
    return RecordCodec.of(lookup, type);
  }

  private record FloatCodec() implements Codec<Float> {
    @Override
    public int size() {
      return 4;
    }

    @Override
    public void encode(Float value, MemorySegment target) {
      target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, value);
    }

    @Override
    public Float decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
    }
  }

  private record DoubleCodec() implements Codec<Double> {
    @Override
    public int size() {
      return 8;
    }

    @Override
    public void encode(Double value, MemorySegment target) {
      target.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, value);
    }

    @Override
    public Double decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0);
    }
  }

  private record BooleanCodec() implements Codec<Boolean> {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public void encode(Boolean value, MemorySegment target) {
      target.set(ValueLayout.JAVA_BYTE, 0, (byte) (value ? 1 : 0));
    }

    @Override
    public Boolean decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_BYTE, 0) != 0;
    }
  }

  private record ByteCodec() implements Codec<Byte> {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public void encode(Byte value, MemorySegment target) {
      target.set(ValueLayout.JAVA_BYTE, 0, value);
    }

    @Override
    public Byte decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_BYTE, 0);
    }
  }

  private record ShortCodec() implements Codec<Short> {
    @Override
    public int size() {
      return 2;
    }

    @Override
    public void encode(Short value, MemorySegment target) {
      target.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, value);
    }

    @Override
    public Short decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_SHORT_UNALIGNED, 0);
    }
  }

  private record IntCodec() implements Codec<Integer> {
    @Override
    public int size() {
      return 4;
    }

    @Override
    public void encode(Integer value, MemorySegment target) {
      target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    }

    @Override
    public Integer decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
    }
  }

  private record LongCodec() implements Codec<Long> {
    @Override
    public int size() {
      return 8;
    }

    @Override
    public void encode(Long value, MemorySegment target) {
      target.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }

    @Override
    public Long decode(MemorySegment source) {
      return source.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }
  }

  private record BytesCodec(int size) implements Codec<byte[]> {
    BytesCodec {
      if (size < 0) {
        throw new IllegalArgumentException(size + " bytes wanted");
      }
    }

    @Override
    public void encode(byte[] value, MemorySegment target) {
      if (value.length != size) {
        throw new IllegalArgumentException(size + " bytes wanted, " + value.length + " given");
      }
      MemorySegment.copy(value, 0, target, ValueLayout.JAVA_BYTE, 0, size);
    }

    @Override
    public byte[] decode(MemorySegment source) {
      return source.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
