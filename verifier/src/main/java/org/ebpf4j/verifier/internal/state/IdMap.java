package org.ebpf4j.verifier.internal.state;

import java.util.Arrays;

/// Which id of an old state stands for which of a new one: a mapping one to one that grows as two
/// states are compared.
public final class IdMap {
  private int[] old = new int[32];
  private int[] current = new int[32];
  private int size;
  private int fresh;

  /// Starts anew. Ids made up on the way are greater than `lastId`.
  void reset(int lastId) {
    size = 0;
    fresh = lastId;
  }

  /// Whether the two ids may stand for each other. 0 only stands for 0.
  public boolean match(int oldId, int currentId) {
    if ((oldId == 0) != (currentId == 0)) {
      return false;
    }
    if (oldId == 0) {
      return true;
    }
    for (int i = 0; i < size; i++) {
      if (old[i] == oldId) {
        return current[i] == currentId;
      }
      if (current[i] == currentId) {
        return false;
      }
    }
    if (size == old.length) {
      old = Arrays.copyOf(old, size * 2);
      current = Arrays.copyOf(current, size * 2);
    }
    old[size] = oldId;
    current[size] = currentId;
    size++;
    return true;
  }

  /// The same for numbers, where an old one that is linked to none may stand for any, and a current
  /// one without a link counts as linked to itself.
  boolean matchScalar(int oldId, int currentId) {
    if (oldId == 0) {
      return true;
    }
    int id = currentId != 0 ? currentId : ++fresh;
    if (!match(oldId, id)) {
      return false;
    }
    return (oldId & Value.PLUS_CONSTANT) == 0
        || match(oldId & ~Value.PLUS_CONSTANT, id & ~Value.PLUS_CONSTANT);
  }
}
