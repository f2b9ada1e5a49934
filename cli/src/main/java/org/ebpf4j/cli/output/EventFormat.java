package org.ebpf4j.cli.output;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfValueCodec;

/// Shows the records of ring buffers and perf event arrays. Rings do not say what is in them; the
/// struct is the one asked for, or the object's only struct with a name that ends in `event` and
/// the record's size.
public final class EventFormat {
  private final Btf btf;
  private final BtfValueCodec codec;
  private final Optional<Integer> asked;
  private final Map<Integer, Optional<Integer>> typeOfLength = new HashMap<>();

  public EventFormat(Btf btf, Optional<String> struct) {
    this.btf = btf;
    this.codec = new BtfValueCodec(btf);
    this.asked = struct.map(name -> find(btf, name));
  }

  private static int find(Btf btf, String name) {
    List<Integer> found = btf.find(name, BtfType.Composite.class);
    if (found.isEmpty()) {
      throw new CommandException("--event-type: the object has no struct " + name);
    }
    return found.getFirst();
  }

  /// The record: a struct where its type is known, else bytes.
  public String text(MemorySegment record, ValueStyle style) {
    byte[] bytes = record.toArray(ValueLayout.JAVA_BYTE);
    return typeOfLength
        .computeIfAbsent(bytes.length, this::type)
        .map(type -> style.of(btf, type, codec.decode(type, Arrays.copyOf(bytes, size(type)))))
        .orElseGet(() -> style.ofBytes(bytes));
  }

  private int size(int type) {
    return ((BtfType.Composite) btf.type(type)).size();
  }

  /// Perf rings pad records to 8 bytes, so a record may be longer than its struct.
  private Optional<Integer> type(int length) {
    if (asked.isPresent()) {
      return asked.filter(type -> size(type) <= length);
    }
    Optional<Integer> found = Optional.empty();
    for (int id = btf.firstId(); id < btf.endId(); id++) {
      if (btf.type(id) instanceof BtfType.Composite struct
          && struct.name().endsWith("event")
          && struct.size() <= length
          && length - struct.size() < Long.BYTES) {
        if (found.isPresent()) {
          return Optional.empty();
        }
        found = Optional.of(id);
      }
    }
    return found;
  }
}
