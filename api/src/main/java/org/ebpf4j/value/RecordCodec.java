package org.ebpf4j.value;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A record as a C struct: each component is a member, in order, aligned by its own size; the
/// struct is padded to its largest alignment.
///
/// | component | member |
/// | --- | --- |
/// | `byte`, `boolean` | 1 byte |
/// | `short`, `char` | 2 bytes |
/// | `int`, `float` | 4 bytes |
/// | `long`, `double` | 8 bytes |
/// | a record | a struct inside |
/// | an array with [Length] | so many of its elements |
///
/// @param <T> the record
public final class RecordCodec<T extends Record> implements Codec<T> {
  private final Class<T> type;
  private final MethodHandle constructor;
  private final List<Member> members;
  private final int size;
  private final int alignment;

  private RecordCodec(
      Class<T> type, MethodHandle constructor, List<Member> members, int size, int alignment) {
    this.type = type;
    this.constructor = constructor;
    this.members = members;
    this.size = size;
    this.alignment = alignment;
  }

  /// How a component is stored.
  ///
  /// @param name the component's name
  /// @param offset bytes from the struct's start
  /// @param count elements of an array, -1 if it is none
  /// @param element how one element is stored
  private record Member(
      String name, int offset, int count, Class<?> type, Element element, MethodHandle accessor) {
    int bytes() {
      return Math.multiplyExact(element.size(), count < 0 ? 1 : count);
    }
  }

  /// How one value of a component's type, or of its array's, is stored.
  private interface Element {
    int size();

    int alignment();

    void write(MemorySegment target, long offset, Object value);

    Object read(MemorySegment source, long offset);
  }

  /// The codec of a record that `lookup` may construct and read.
  ///
  /// @throws IllegalArgumentException naming the component that has no layout in C, or the record
  ///   that cannot be reached
  public static <T extends Record> RecordCodec<T> of(MethodHandles.Lookup lookup, Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    List<Member> members = new ArrayList<>();
    int offset = 0;
    int alignment = 1;
    try {
      for (RecordComponent component : components) {
        Class<?> declared = component.getType();
        Length length = component.getAnnotation(Length.class);
        if (declared.isArray() != (length != null)) {
          throw new IllegalArgumentException(
              "component %s of %s: arrays, and only they, need @Length"
                  .formatted(component.getName(), type.getName()));
        }
        if (length != null && length.value() < 1) {
          throw new IllegalArgumentException(
              "component %s of %s: an array has 1 or more elements, not %d"
                  .formatted(component.getName(), type.getName(), length.value()));
        }
        Element element =
            element(lookup, declared.isArray() ? declared.getComponentType() : declared);
        offset = align(offset, element.alignment());
        alignment = Math.max(alignment, element.alignment());
        Member member =
            new Member(
                component.getName(),
                offset,
                length == null ? -1 : length.value(),
                declared,
                element,
                lookup.unreflect(component.getAccessor()));
        members.add(member);
        offset = Math.addExact(offset, member.bytes());
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      MethodHandle constructor =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, types))
              .asSpreader(Object[].class, types.length);
      return new RecordCodec<>(
          type, constructor, List.copyOf(members), align(offset, alignment), alignment);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(type.getName() + " takes more than 2 GiB", e);
    } catch (IllegalAccessException | NoSuchMethodException e) {
      throw new IllegalArgumentException(
          type.getName() + " cannot be reached: make it public, or pass MethodHandles.lookup()", e);
    }
  }

  /// Where each component lies, in order.
  public List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    for (Member member : members) {
      fields.add(
          new Field(member.name(), member.offset(), member.bytes(), member.element().size()));
    }
    return fields;
  }

  /// A member of the struct.
  ///
  /// @param name the component's name
  /// @param offset bytes from the struct's start
  /// @param size bytes that it takes
  /// @param element bytes of one element of an array, else as `size`
  public record Field(String name, int offset, int size, int element) {}

  @Override
  public int size() {
    return size;
  }

  @Override
  public void encode(T value, MemorySegment target) {
    target.asSlice(0, size).fill((byte) 0);
    for (Member member : members) {
      Object component = invoke(member.accessor(), value);
      Element element = member.element();
      if (member.count() < 0) {
        element.write(target, member.offset(), component);
        continue;
      }
      int given = Array.getLength(component);
      if (given != member.count()) {
        throw new IllegalArgumentException(
            "%s of %s has %d elements, not %d"
                .formatted(member.name(), type.getName(), member.count(), given));
      }
      for (int i = 0; i < given; i++) {
        element.write(target, member.offset() + (long) i * element.size(), Array.get(component, i));
      }
    }
  }

  @Override
  public T decode(MemorySegment source) {
    Object[] components = new Object[members.size()];
    for (int m = 0; m < components.length; m++) {
      Member member = members.get(m);
      Element element = member.element();
      if (member.count() < 0) {
        components[m] = element.read(source, member.offset());
        continue;
      }
      Object array = Array.newInstance(member.type().getComponentType(), member.count());
      for (int i = 0; i < member.count(); i++) {
        Array.set(array, i, element.read(source, member.offset() + (long) i * element.size()));
      }
      components[m] = array;
    }
    return type.cast(invoke(constructor, components));
  }

  /// Whether it is of the same record, of which all codecs are alike.
  @Override
  public boolean equals(Object other) {
    return other instanceof RecordCodec<?> codec && codec.type == type;
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }

  @Override
  public String toString() {
    return "RecordCodec[" + type.getName() + "]";
  }

  private static Object invoke(MethodHandle handle, Object argument) {
    try {
      return handle.invoke(argument);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalArgumentException("a record's own code failed", e);
    }
  }

  private static int align(int offset, int alignment) {
    return Math.addExact(offset, alignment - 1) & -alignment;
  }

  private static Element element(MethodHandles.Lookup lookup, Class<?> type) {
    if (type.isRecord()) {
      return new Struct<>(of(lookup, type.asSubclass(Record.class)));
    }
    for (Scalar scalar : Scalar.values()) {
      if (scalar.type == type) {
        return scalar;
      }
    }
    throw new IllegalArgumentException("type " + type.getName() + " has no layout in C");
  }

  private record Struct<R extends Record>(RecordCodec<R> codec) implements Element {
    @Override
    public int size() {
      return codec.size;
    }

    @Override
    public int alignment() {
      return codec.alignment;
    }

    @Override
    public void write(MemorySegment target, long offset, Object value) {
      codec.encode(codec.type.cast(value), target.asSlice(offset, codec.size));
    }

    @Override
    public Object read(MemorySegment source, long offset) {
      return codec.decode(source.asSlice(offset, codec.size));
    }
  }

  private enum Scalar implements Element {
    BYTE(byte.class, 1),
    BOOLEAN(boolean.class, 1),
    SHORT(short.class, 2),
    CHAR(char.class, 2),
    INT(int.class, 4),
    FLOAT(float.class, 4),
    LONG(long.class, 8),
    DOUBLE(double.class, 8);

    private final Class<?> type;
    private final int size;

    Scalar(Class<?> type, int size) {
      this.type = type;
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public int alignment() {
      return size;
    }

    @Override
    public void write(MemorySegment target, long offset, Object value) {
      switch (this) {
        case BYTE -> target.set(ValueLayout.JAVA_BYTE, offset, (Byte) value);
        case BOOLEAN -> target.set(ValueLayout.JAVA_BYTE, offset, (byte) ((Boolean) value ? 1 : 0));
        case SHORT -> target.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, (Short) value);
        case CHAR -> target.set(ValueLayout.JAVA_CHAR_UNALIGNED, offset, (Character) value);
        case INT -> target.set(ValueLayout.JAVA_INT_UNALIGNED, offset, (Integer) value);
        case FLOAT -> target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, (Float) value);
        case LONG -> target.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, (Long) value);
        case DOUBLE -> target.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, (Double) value);
      }
    }

    @Override
    public Object read(MemorySegment source, long offset) {
      return switch (this) {
        case BYTE -> source.get(ValueLayout.JAVA_BYTE, offset);
        case BOOLEAN -> source.get(ValueLayout.JAVA_BYTE, offset) != 0;
        case SHORT -> source.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset);
        case CHAR -> source.get(ValueLayout.JAVA_CHAR_UNALIGNED, offset);
        case INT -> source.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
        case FLOAT -> source.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset);
        case LONG -> source.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
        case DOUBLE -> source.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset);
      };
    }
  }
}
