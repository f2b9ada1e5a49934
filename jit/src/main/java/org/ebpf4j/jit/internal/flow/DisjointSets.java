package org.ebpf4j.jit.internal.flow;

import java.util.Arrays;

/// Numbers from 0 on, each in one set; sets are joined and never split.
final class DisjointSets {
  private int[] parents = new int[64];
  private int count;

  /// A new number, in a set of its own.
  int add() {
    if (count == parents.length) {
      parents = Arrays.copyOf(parents, count * 2);
    }
    parents[count] = count;
    return count++;
  }

  int count() {
    return count;
  }

  /// The number that stands for a number's set.
  int find(int number) {
    int root = number;
    while (parents[root] != root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  }

  void join(int a, int b) {
    parents[find(a)] = find(b);
  }
}
