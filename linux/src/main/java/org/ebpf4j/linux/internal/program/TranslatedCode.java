package org.ebpf4j.linux.internal.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.KernelObjects;
import org.ebpf4j.linux.internal.object.KernelSymbols;
import org.ebpf4j.linux.internal.object.ObjectKind;
import org.ebpf4j.sys.Descriptor;

/// A program as the verifier left it, with what is known of its instructions.
final class TranslatedCode {
  /// Calls of kernel functions hold the distance from here.
  private static final String CALL_BASE = "__bpf_call_base";

  private static final int CALL = 0x85;
  private static final int LOCAL_CALL = 1;
  private static final int LINE_COLUMN_BITS = 10;

  private TranslatedCode() {}

  static Bytecode code(Descriptor program) {
    return Bytecode.read(ByteBuffer.wrap(Infos.translated(program)), ByteOrder.nativeOrder());
  }

  /// The types that a program was loaded with; empty without.
  static Optional<Btf> types(Descriptor program) {
    int id = Infos.program(program).btfId();
    if (id == 0) {
      return Optional.empty();
    }
    try (Descriptor descriptor = KernelObjects.open(ObjectKind.BTF, id)) {
      return Optional.of(BtfReader.read("BTF object " + id, Infos.btfBytes(descriptor)));
    }
  }

  static List<ProgramFunction> functions(Descriptor program) {
    Optional<Btf> types = types(program);
    List<int[]> records = Infos.functionRecords(program);
    if (types.isEmpty() || records.isEmpty()) {
      return List.of();
    }
    int end = Infos.program(program).translatedBytes() / Bytecode.SLOT_BYTES;
    List<ProgramFunction> functions = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      int[] record = records.get(i);
      int next = i + 1 < records.size() ? records.get(i + 1)[0] : end;
      if (types.get().type(record[1]) instanceof BtfType.Function type) {
        functions.add(
            new ProgramFunction(
                record[0],
                next - record[0],
                type.name(),
                record[1],
                type.linkage() == BtfType.Linkage.GLOBAL));
      }
    }
    return functions;
  }

  static List<SourceLine> lines(Descriptor program) {
    Optional<Btf> types = types(program);
    if (types.isEmpty()) {
      return List.of();
    }
    List<SourceLine> lines = new ArrayList<>();
    for (int[] record : Infos.lineRecords(program)) {
      lines.add(
          new SourceLine(
              record[0],
              types.get().string(record[1]).orElse(""),
              record[3] >>> LINE_COLUMN_BITS,
              record[3] & ((1 << LINE_COLUMN_BITS) - 1),
              types.get().string(record[2]).orElse("")));
    }
    return lines;
  }

  /// Names of the kernel functions that it calls, by the calls' immediates.
  static Map<Integer, String> callees(Bytecode code) {
    Set<Integer> immediates = new HashSet<>();
    for (int slot = 0; slot < code.size(); slot++) {
      long word = code.slot(slot);
      if (Bytecode.opcode(word) == CALL && Bytecode.src(word) != LOCAL_CALL) {
        immediates.add(Bytecode.immediate(word));
      }
    }
    Long base = immediates.isEmpty() ? null : KernelSymbols.find(Set.of(CALL_BASE)).get(CALL_BASE);
    if (base == null || base == 0) {
      return Map.of(); // nothing called, or the kernel hides its addresses
    }
    Set<Long> addresses = new HashSet<>();
    immediates.forEach(immediate -> addresses.add(base + immediate));
    Map<Integer, String> names = new HashMap<>();
    KernelSymbols.at(addresses).forEach((address, name) -> names.put((int) (address - base), name));
    return names;
  }
}
