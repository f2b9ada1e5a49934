package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SpecialFields.Field;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinWord;

/// Copies values of one map as Linux's `copy_map_value` does: all bytes but the special fields.
final class ValueCopier {
  /// Beyond this, copying in one go is faster.
  private static final int MOST_BY_WORDS = 64;

  /// How long to wait for a lock in a value, which a program holds for moments, in nanoseconds.
  private static final long LONGEST_WAIT = 1_000_000_000;

  private final int size;
  private final SpecialFields special;
  private final int lock;
  private final int anyLock;

  ValueCopier(int size, SpecialFields special) {
    this.size = size;
    this.special = special;
    this.lock = special.find(Kind.SPIN_LOCK).map(Field::offset).orElse(-1);
    this.anyLock =
        lock >= 0 ? lock : special.find(Kind.RES_SPIN_LOCK).map(Field::offset).orElse(-1);
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

  /// Copies while holding the lock inside the value; 0, or `ETIMEDOUT` if that did not come free.
  ///
  /// @param value which of the two holds the lock
  int copyLocked(long from, long to, long value) {
    if (!SpinWord.tryLock(value + lock, LONGEST_WAIT)) {
      return Errno.ETIMEDOUT.negated();
    }
    try {
      copy(from, to);
      return 0;
    } finally {
      SpinWord.unlock(value + lock);
    }
  }

  /// Copies a value out for a user, who sees zeros where the special fields are; 0 or a negated
  /// errno.
  int copyOut(long from, long to, boolean locked) {
    int result = 0;
    if (locked) {
      result = copyLocked(from, to, from);
    } else {
      copy(from, to);
    }
    for (Field field : special.fields()) {
      Memory.fill(to + field.offset(), field.size(), (byte) 0);
    }
    return result;
  }

  /// Sets up a value of an element that nobody can see, special fields included. Where a run may
  /// still hold the address of the element's former value, [#copy] has to do: that run may have
  /// locked it, and what is in its lists and trees is owned by them.
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

  /// Lets go of what the special fields hold (`bpf_obj_free_fields`). Runs may still work on the
  /// value, so nothing is overwritten that they may put something into.
  void releaseFields(RuntimeMap map, long value) {
    long beside = anyLock < 0 ? 0 : value + anyLock;
    for (Field field : special.fields()) {
      switch (field.kind()) {
        case TIMER, WORKQUEUE, KPTR, KPTR_PERCPU, LIST_HEAD, RB_ROOT ->
            map.site().registry().releaser().release(map, field, value + field.offset(), beside);
        case KPTR_UNTRUSTED, UPTR, TASK_WORK ->
            Memory.fill(value + field.offset(), field.size(), (byte) 0);
        case SPIN_LOCK, RES_SPIN_LOCK, LIST_NODE, RB_NODE, REFCOUNT -> {
          // Nothing held.
        }
      }
    }
  }

  /// Fills all bytes but the special fields with zeros.
  void clear(long to) {
    int done = 0;
    for (Field field : special.fields()) {
      Memory.fill(to + done, field.offset() - done, (byte) 0);
      done = field.offset() + field.size();
    }
    Memory.fill(to + done, size - done, (byte) 0);
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
