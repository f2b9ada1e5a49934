package org.ebpf4j.runtime.internal.object;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinWord;
import org.jspecify.annotations.Nullable;

/// The objects that the programs of one host have allocated, found by address.
///
/// An object whose last reference is gone stays readable until every run of that moment is over.
public final class KernelObjects {
  /// How long to wait for a lock, which programs hold for moments, in nanoseconds.
  private static final long LONGEST_WAIT = 1_000_000_000;

  /// What an object takes of Java's memory beside its own: itself, its count of references, its
  /// address twice as a number, and its place in the list, with what leads there.
  static final int HEAP_BYTES = 160;

  private final Epochs epochs;
  private final Budget budget;
  private final ObjectMemory memory;
  private final ConcurrentSkipListMap<Long, KernelObject> objects = new ConcurrentSkipListMap<>();

  public KernelObjects(Epochs epochs, Budget budget) {
    this.epochs = epochs;
    this.budget = budget;
    this.memory = new ObjectMemory(budget);
  }

  /// A new object of zeros with one reference, the caller's; `null` if there is no memory.
  ///
  /// @param type what messages call it
  public @Nullable KernelObject allocate(
      KernelObject.Kind kind, String type, int size, SpecialFields fields) {
    if (!budget.charge(HEAP_BYTES)) {
      return null;
    }
    long address = memory.take(size);
    if (address == 0) {
      budget.discharge(HEAP_BYTES);
      return null;
    }
    KernelObject object = new KernelObject(kind, type, address, size, fields);
    objects.put(address, object);
    return object;
  }

  /// How many CPUs the host has.
  public int cpus() {
    return epochs.cpus();
  }

  /// The object that holds the byte at an address, or `null`.
  public @Nullable KernelObject at(long address) {
    Map.Entry<Long, KernelObject> below = objects.floorEntry(address);
    return below != null && below.getValue().offsetOf(address) >= 0 ? below.getValue() : null;
  }

  /// Gives a reference back. With the last one, what the object's own fields hold is released too.
  public void release(KernelObject object) {
    if (object.lastReleased()) {
      for (SpecialFields.Field field : object.fields().fields()) {
        // Whoever could change its lists and trees would hold a reference.
        releaseField(field.kind(), object.address() + field.offset(), 0);
      }
      epochs.retire(() -> forget(object), object.size());
    }
  }

  /// Releases what a field of a value or object that goes away refers to.
  ///
  /// @param lock the address of the lock under which runs that still know the value change its
  ///   lists and trees, or 0; what is in these stays there if the lock does not come free
  public void releaseField(SpecialFields.Kind kind, long address, long lock) {
    switch (kind) {
      case KPTR, KPTR_PERCPU -> {
        KernelObject object = at(Memory.getAndSetLong(address, 0));
        if (object != null) {
          release(object);
        }
      }
      case LIST_HEAD -> {
        for (long node = popFirst(address, lock); node != 0; node = popFirst(address, lock)) {
          releaseNode(node);
        }
      }
      case RB_ROOT -> {
        for (long node = removeFirst(address, lock); node != 0; node = removeFirst(address, lock)) {
          releaseNode(node);
        }
      }
      case SPIN_LOCK,
          RES_SPIN_LOCK,
          TIMER,
          WORKQUEUE,
          KPTR_UNTRUSTED,
          UPTR,
          LIST_NODE,
          RB_NODE,
          REFCOUNT,
          TASK_WORK -> {
        // Nothing held here.
      }
    }
  }

  private static long popFirst(long list, long lock) {
    if (!begin(lock)) {
      return 0;
    }
    try {
      return ObjectList.pop(list, true);
    } finally {
      end(lock);
    }
  }

  private static long removeFirst(long root, long lock) {
    if (!begin(lock)) {
      return 0;
    }
    try {
      long node = ObjectTree.first(root);
      if (node != 0) {
        ObjectTree.remove(root, node);
      }
      return node;
    } finally {
      end(lock);
    }
  }

  private static boolean begin(long lock) {
    return lock == 0 || SpinWord.tryLock(lock, LONGEST_WAIT);
  }

  private static void end(long lock) {
    if (lock != 0) {
      SpinWord.unlock(lock);
    }
  }

  private void releaseNode(long node) {
    KernelObject object = at(node);
    if (object != null) {
      release(object);
    }
  }

  /// Makes no new objects; memory goes with the last one.
  public void close() {
    memory.close();
  }

  private void forget(KernelObject object) {
    objects.remove(object.address());
    memory.give(object.address(), object.size());
    budget.discharge(HEAP_BYTES);
  }
}
