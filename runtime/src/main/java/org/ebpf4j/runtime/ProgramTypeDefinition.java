package org.ebpf4j.runtime;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.value.RecordCodec;

/// A program type of an application: programs in the section `name` (or `name/…`) get a struct with
/// the components of a record, and return a number within a range. In its host, such a section is
/// of this type even where Linux has one of that name.
///
/// @param name the section's name, such as `risk`
/// @param codec how the record is laid out
/// @param context the same layout as a row of the tables
/// @param lowest the least value that a program may return
/// @param highest the greatest value that a program may return
/// @param <C> the record
public record ProgramTypeDefinition<C extends Record>(
    String name, RecordCodec<C> codec, ContextLayout context, long lowest, long highest) {

  public ProgramTypeDefinition {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a program type needs the name of a section");
    }
    if (lowest > highest) {
      throw new IllegalArgumentException(
          "programs of type %s cannot return %d to %d".formatted(name, lowest, highest));
    }
  }

  /// A program type whose programs may return anything.
  public static <C extends Record> ProgramTypeDefinition<C> of(String name, Class<C> context) {
    return of(name, MethodHandles.publicLookup(), context);
  }

  /// As [#of(String, Class)], for a record that only `lookup` can see.
  public static <C extends Record> ProgramTypeDefinition<C> of(
      String name, MethodHandles.Lookup lookup, Class<C> context) {
    RecordCodec<C> codec = RecordCodec.of(lookup, context);
    List<ContextLayout.Field> fields = new ArrayList<>();
    for (RecordCodec.Field field : codec.fields()) {
      fields.add(
          new ContextLayout.Field(
              field.name(),
              field.offset(),
              field.size(),
              ContextLayout.Kind.NUMBER,
              ContextLayout.Access.READ,
              ContextLayout.Narrow.LOADS,
              Math.min(field.element(), Long.BYTES)));
    }
    return new ProgramTypeDefinition<>(
        name,
        codec,
        new ContextLayout(context.getSimpleName(), codec.size(), fields),
        Long.MIN_VALUE,
        Long.MAX_VALUE);
  }

  /// The same type, whose programs return a number from `from` to `to`.
  public ProgramTypeDefinition<C> returning(long from, long to) {
    return new ProgramTypeDefinition<>(name, codec, context, from, to);
  }

  /// Whether a section's name is of this type.
  public boolean matches(String section) {
    return section.equals(name) || section.startsWith(name + "/");
  }
}
