package org.ebpf4j.runtime.internal.object;

import org.ebpf4j.runtime.internal.memory.Memory;

/// Doubly linked lists through the nodes inside objects, as programs see them:
///
///     struct bpf_list_head   next | previous
///     struct bpf_list_node   next | previous | the head of the list that it is in, or 0
///
/// A head of zeros is an empty list. Who changes a list holds the lock beside its head.
///
/// Source: `struct bpf_list_node_kern` and `__bpf_list_add` in Linux 6.18's
/// `kernel/bpf/helpers.c`.
public final class ObjectList {
  private static final int PREVIOUS = 8;
  private static final int OWNER = 16;

  private ObjectList() {}

  /// Puts a node at an end; `false` if it is in a list already.
  public static boolean push(long head, long node, boolean front) {
    if (Memory.getLong(node + OWNER) != 0) {
      return false;
    }
    prepare(head);
    long before = front ? head : Memory.getLong(head + PREVIOUS);
    long after = Memory.getLong(before);
    Memory.putLong(node, after);
    Memory.putLong(node + PREVIOUS, before);
    Memory.putLong(before, node);
    Memory.putLong(after + PREVIOUS, node);
    Memory.putLong(node + OWNER, head);
    return true;
  }

  /// Takes the node at an end out; 0 if there is none.
  public static long pop(long head, boolean front) {
    long node = end(head, front);
    if (node != 0) {
      long before = Memory.getLong(node + PREVIOUS);
      long after = Memory.getLong(node);
      Memory.putLong(before, after);
      Memory.putLong(after + PREVIOUS, before);
      Memory.putLong(node, 0);
      Memory.putLong(node + PREVIOUS, 0);
      Memory.putLong(node + OWNER, 0);
    }
    return node;
  }

  /// The node at an end, which stays; 0 if there is none.
  public static long end(long head, boolean front) {
    long node = Memory.getLong(front ? head : head + PREVIOUS);
    return node == head ? 0 : node;
  }

  private static void prepare(long head) {
    if (Memory.getLong(head) == 0) {
      Memory.putLong(head, head);
      Memory.putLong(head + PREVIOUS, head);
    }
  }
}
