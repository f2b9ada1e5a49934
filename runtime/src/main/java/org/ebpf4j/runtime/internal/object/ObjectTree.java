package org.ebpf4j.runtime.internal.object;

import org.ebpf4j.runtime.internal.memory.Memory;

/// Red-black trees through the nodes inside objects, as programs see them:
///
///     struct bpf_rb_root   root
///     struct bpf_rb_node   parent, and 1 if black | right | left | root of its tree, or 0
///
/// Who changes a tree holds the lock beside its root. Balancing is that of Cormen, Leiserson, Rivest
/// and Stein, as in Linux, so that walks by left and right meet the same shape.
///
/// Sources: `struct bpf_rb_node_kern` in Linux 6.18's `kernel/bpf/helpers.c`,
/// `include/linux/rbtree.h`.
public final class ObjectTree {
  private static final int RIGHT = 8;
  private static final int LEFT = 16;
  private static final int OWNER = 24;
  private static final long BLACK = 1;

  private ObjectTree() {}

  /// Where a new node goes: says whether it comes before another.
  @FunctionalInterface
  public interface Order {
    boolean isLess(long node, long other);
  }

  /// Whether a node is in a tree.
  public static boolean isLinked(long node) {
    return Memory.getLong(node + OWNER) != 0;
  }

  /// Whether a node is in this tree.
  public static boolean isIn(long root, long node) {
    return Memory.getLong(node + OWNER) == root;
  }

  /// The node on top, or 0.
  public static long root(long root) {
    return Memory.getLong(root);
  }

  /// The node that comes first, or 0.
  public static long first(long root) {
    long node = root(root);
    for (long next = node; next != 0; next = left(next)) {
      node = next;
    }
    return node;
  }

  public static long left(long node) {
    return Memory.getLong(node + LEFT);
  }

  public static long right(long node) {
    return Memory.getLong(node + RIGHT);
  }

  /// Puts a node that is in no tree into this one, behind those that it is equal to.
  public static void add(long root, long node, Order order) {
    long parent = 0;
    boolean less = false;
    for (long at = root(root); at != 0; at = less ? left(at) : right(at)) {
      parent = at;
      less = order.isLess(node, at);
    }
    Memory.putLong(node, parent);
    Memory.putLong(node + RIGHT, 0);
    Memory.putLong(node + LEFT, 0);
    Memory.putLong(node + OWNER, root);
    if (parent == 0) {
      Memory.putLong(root, node);
    } else {
      Memory.putLong(parent + (less ? LEFT : RIGHT), node);
    }
    balanceAfterAdd(root, node);
  }

  /// Takes a node of this tree out.
  public static void remove(long root, long node) {
    long moved = node;
    boolean black = isBlack(moved);
    long child;
    long parent;
    if (left(node) == 0 || right(node) == 0) {
      child = left(node) == 0 ? right(node) : left(node);
      parent = parent(node);
      replace(root, node, child);
    } else {
      moved = right(node);
      while (left(moved) != 0) {
        moved = left(moved);
      }
      black = isBlack(moved);
      child = right(moved);
      if (parent(moved) == node) {
        parent = moved;
      } else {
        parent = parent(moved);
        replace(root, moved, child);
        setChild(moved, RIGHT, right(node));
      }
      replace(root, node, moved);
      setChild(moved, LEFT, left(node));
      colour(moved, isBlack(node));
    }
    if (black) {
      balanceAfterRemove(root, child, parent);
    }
    for (int word = 0; word <= OWNER; word += Long.BYTES) {
      Memory.putLong(node + word, 0);
    }
  }

  private static void balanceAfterAdd(long root, long added) {
    long node = added;
    while (!isBlack(parent(node))) {
      long parent = parent(node);
      long above = parent(parent);
      int near = left(above) == parent ? LEFT : RIGHT;
      int far = other(near);
      long uncle = Memory.getLong(above + far);
      if (!isBlack(uncle)) {
        colour(parent, true);
        colour(uncle, true);
        colour(above, false);
        node = above;
        continue;
      }
      if (Memory.getLong(parent + far) == node) {
        rotate(root, parent, near);
        parent = node;
      }
      colour(parent, true);
      colour(above, false);
      rotate(root, above, far);
      break;
    }
    colour(root(root), true);
  }

  /// @param lacking the child, or 0, whose paths have one black node too few
  private static void balanceAfterRemove(long root, long lacking, long above) {
    long node = lacking;
    long parent = above;
    while (parent != 0 && isBlack(node)) {
      int near = left(parent) == node ? LEFT : RIGHT;
      int far = other(near);
      long sibling = Memory.getLong(parent + far);
      if (!isBlack(sibling)) {
        colour(sibling, true);
        colour(parent, false);
        rotate(root, parent, near);
        sibling = Memory.getLong(parent + far);
      }
      if (isBlack(Memory.getLong(sibling + near)) && isBlack(Memory.getLong(sibling + far))) {
        colour(sibling, false);
        node = parent;
        parent = parent(node);
        continue;
      }
      if (isBlack(Memory.getLong(sibling + far))) {
        colour(Memory.getLong(sibling + near), true);
        colour(sibling, false);
        rotate(root, sibling, far);
        sibling = Memory.getLong(parent + far);
      }
      colour(sibling, isBlack(parent));
      colour(parent, true);
      colour(Memory.getLong(sibling + far), true);
      rotate(root, parent, near);
      node = root(root);
      parent = 0;
    }
    if (node != 0) {
      colour(node, true);
    }
  }

  /// Lets a node sink towards a side; its child of the other side takes its place.
  private static void rotate(long root, long node, int side) {
    int other = other(side);
    long child = Memory.getLong(node + other);
    setChild(node, other, Memory.getLong(child + side));
    replace(root, node, child);
    setChild(child, side, node);
  }

  /// Puts a node, or none, in another's place below its parent.
  private static void replace(long root, long node, long by) {
    long parent = parent(node);
    if (parent == 0) {
      Memory.putLong(root, by);
    } else {
      Memory.putLong(parent + (left(parent) == node ? LEFT : RIGHT), by);
    }
    if (by != 0) {
      setParent(by, parent);
    }
  }

  private static void setChild(long parent, int side, long child) {
    Memory.putLong(parent + side, child);
    if (child != 0) {
      setParent(child, parent);
    }
  }

  private static int other(int side) {
    return LEFT + RIGHT - side;
  }

  private static long parent(long node) {
    return Memory.getLong(node) & ~BLACK;
  }

  private static void setParent(long node, long parent) {
    Memory.putLong(node, parent | (Memory.getLong(node) & BLACK));
  }

  /// No node counts as black.
  private static boolean isBlack(long node) {
    return node == 0 || (Memory.getLong(node) & BLACK) != 0;
  }

  private static void colour(long node, boolean black) {
    Memory.putLong(node, parent(node) | (black ? BLACK : 0));
  }
}
