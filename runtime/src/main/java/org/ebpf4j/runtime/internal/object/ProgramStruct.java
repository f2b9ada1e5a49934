package org.ebpf4j.runtime.internal.object;

import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.memory.Memory;

/// What an iterator over programs is shown: `struct bpf_prog` and, behind its `aux`, `struct
/// bpf_prog_aux`, laid out as the types have them that the iterator was relocated to. Fields that
/// say nothing of this host are 0.
///
/// Source: Linux 6.18's `include/linux/bpf.h`.
public final class ProgramStruct {
  private static final Map<String, Integer> SIZES =
      Map.of("type", 4, "expected_attach_type", 4, "len", 4, "aux", 8);
  private static final Map<String, Integer> AUX_SIZES =
      Map.of("id", 4, "name", MapStruct.NAME_BYTES);

  private final StructFields fields;
  private final StructFields aux;

  /// What is known of a program.
  ///
  /// @param type the program type's number
  /// @param attachType its hook's number, or 0
  /// @param length its instructions, in slots
  public record Program(int id, String name, int type, int attachType, int length) {}

  /// @param types those that the iterator was relocated to
  public ProgramStruct(Btf types) {
    this.fields = new StructFields(types, "bpf_prog", SIZES);
    this.aux = new StructFields(types, "bpf_prog_aux", AUX_SIZES);
  }

  /// Bytes that [#write] needs.
  public int size() {
    return auxOffset() + aux.size();
  }

  private int auxOffset() {
    return (fields.size() + Long.BYTES - 1) & -Long.BYTES;
  }

  /// Writes both structs, the second behind the first.
  public void write(long to, Program program) {
    Memory.fill(to, size(), (byte) 0);
    fields.write(
        to,
        name ->
            switch (name) {
              case "type" -> StructFields.bytes(program.type());
              case "expected_attach_type" -> StructFields.bytes(program.attachType());
              case "len" -> StructFields.bytes(program.length());
              default -> StructFields.bytes(to + auxOffset());
            });
    aux.write(
        to + auxOffset(),
        name ->
            "id".equals(name) ? StructFields.bytes(program.id()) : MapStruct.name(program.name()));
  }
}
