package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.map.SpecialFields.Field;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinWord;

/// Copies values of one map as Linux's `copy_map_value` does: all bytes but the special fields.
final class ValueCopier {
  /// Beyond this, copying in one go is faster.
  private static final int MOST_BY_WORDS = 64;

  private final int size;
  private final SpecialFields special;
  private final int lock;

  ValueCopier(int size, SpecialFields special) {
    this.size = size;
    this.special = special;
    this.lock = special.find(Kind.SPIN_LOCK).map(Field::offset).orElse(-1);
  }

  /// Whether values hold a `bpf_spin_lock`, as `BPF_F_LOCK` needs.
  boolean lockable() {
    return lock >= 0;
  }

  /// Copies from a caller to a value, or the other way.
  void copy(long from, long to) {
    if (special.isEmpty()) {
      bytes(from, to, size);
      return;
    }
    int done = 0;
    for (Field field : special.fields()) {
      Memory.copy(from + done, to + done, field.offset() - done);
      done = field.offset() + field.size();
    }
    Memory.copy(from + done, to + done, size - done);
  }

  /// Copies while holding the lock inside the value.
  ///
  /// @param value which of the two holds the lock
  void copyLocked(long from, long to, long value) {
    SpinWord.lock(value + lock);
    try {
      copy(from, to);
    } finally {
      SpinWord.unlock(value + lock);
    }
  }

  /// Copies a value out for a user, who sees zeros where the special fields are.
  void copyOut(long from, long to, boolean locked) {
    if (locked) {
      copyLocked(from, to, from);
    } else {
      copy(from, to);
    }
    for (Field field : special.fields()) {
      Memory.fill(to + field.offset(), field.size(), (byte) 0);
    }
  }

  /// Sets up a new element's value, special fields included.
  void initialize(long from, long to) {
    if (special.isEmpty()) {
      bytes(from, to, size);
      return;
    }
    copy(from, to);
    for (Field field : special.fields()) {
      Memory.fill(to + field.offset(), field.size(), (byte) 0);
    }
  }

  /// Lets go of what the special fields hold (`bpf_obj_free_fields`).
  void releaseFields(RuntimeMap map, long value) {
    for (Field field : special.fields()) {
      switch (field.kind()) {
        case TIMER, WORKQUEUE, TASK_WORK, KPTR, KPTR_PERCPU, UPTR, LIST_HEAD, RB_ROOT -> {
          map.site().registry().releaser().release(map, field, value + field.offset());
          Memory.fill(value + field.offset(), field.size(), (byte) 0);
        }
        case KPTR_UNTRUSTED -> Memory.fill(value + field.offset(), field.size(), (byte) 0);
        case SPIN_LOCK, RES_SPIN_LOCK, LIST_NODE, RB_NODE, REFCOUNT -> {
          // Nothing held.
        }
      }
    }
  }

  /// Lets go of timers and queued work alone, as when the last user of a map has gone.
  void releaseTimers(RuntimeMap map, long value) {
    for (Field field : special.fields()) {
      if (field.kind() == Kind.TIMER || field.kind() == Kind.WORKQUEUE) {
        map.site().registry().releaser().release(map, field, value + field.offset());
        Memory.fill(value + field.offset(), field.size(), (byte) 0);
      }
    }
  }

  boolean hasTimers() {
    return special.has(Kind.TIMER) || special.has(Kind.WORKQUEUE);
  }

  boolean hasFields() {
    return !special.isEmpty();
  }

  /// Whole words where the size allows, so that nobody sees half a counter.
  static void bytes(long from, long to, int size) {
    if (size == Long.BYTES) {
      Memory.putLongOpaque(to, Memory.getLong(from));
    } else if (size == Integer.BYTES) {
      Memory.putIntOpaque(to, Memory.getInt(from));
    } else if ((size & 7) == 0 && size <= MOST_BY_WORDS) {
      for (int i = 0; i < size; i += Long.BYTES) {
        Memory.putLong(to + i, Memory.getLong(from + i));
      }
    } else {
      Memory.copy(from, to, size);
    }
  }
}
