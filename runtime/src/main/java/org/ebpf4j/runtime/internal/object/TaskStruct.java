package org.ebpf4j.runtime.internal.object;

import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.Task;
import org.ebpf4j.runtime.internal.memory.Handles;

/// What programs find behind the address of a thread: `struct task_struct`, laid out as the types
/// have it that the program was relocated to. The fields are those that the environment knows.
///
/// Source: `struct task_struct` in Linux 6.18's `include/linux/sched.h`.
public final class TaskStruct {
  private static final Map<String, Integer> SIZES =
      Map.of("pid", 4, "tgid", 4, "comm", MapStruct.NAME_BYTES, "group_leader", 8);

  private final StructFields fields;

  /// @param types those that the program was relocated to; without the struct, no field is there
  public TaskStruct(Btf types) {
    this.fields = new StructFields(types, "task_struct", SIZES);
  }

  /// Whether a field has these bytes.
  public boolean has(long offset, int size) {
    return fields.has(offset, size);
  }

  /// Bytes of a field that is there, for a thread.
  public long load(Task task, long offset, int size) {
    return fields.load(offset, size, name -> value(task, name));
  }

  private static byte[] value(Task task, String field) {
    return switch (field) {
      case "pid" -> StructFields.bytes(task.thread());
      case "tgid" -> StructFields.bytes(task.process());
      case "group_leader" -> StructFields.bytes(Handles.task(task.process()));
      default -> MapStruct.name(task.name());
    };
  }
}
