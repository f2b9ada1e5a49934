package org.ebpf4j.verifier.internal.code;

/// Finds the strongly connected components of the graph of instructions: the loops. Tarjan's
/// algorithm, without recursion.
final class LoopFinder {
  private final int[][] successors;
  private final boolean[] implicit;
  private final int[] order;
  private final int[] low;
  private final int[] component;
  private final int[] stack;
  private final boolean[] onStack;
  private int stackSize;
  private int visited;
  private int components;

  /// @param implicit instructions that are loops by themselves
  LoopFinder(int[][] successors, boolean[] implicit) {
    this.successors = successors;
    this.implicit = implicit;
    int size = successors.length;
    order = new int[size];
    low = new int[size];
    component = new int[size];
    stack = new int[size];
    onStack = new boolean[size];
  }

  /// The loop of each instruction, from 1; 0 for those in none.
  int[] find() {
    int[] path = new int[successors.length + 1];
    int[] next = new int[successors.length];
    for (int root = 0; root < successors.length; root++) {
      if (order[root] != 0) {
        continue;
      }
      int depth = 0;
      path[0] = root;
      open(root);
      while (depth >= 0) {
        int node = path[depth];
        if (next[node] < successors[node].length) {
          int target = successors[node][next[node]++];
          if (order[target] == 0) {
            open(target);
            path[++depth] = target;
          } else if (onStack[target]) {
            low[node] = Math.min(low[node], order[target]);
          }
        } else {
          close(node);
          depth--;
          if (depth >= 0) {
            low[path[depth]] = Math.min(low[path[depth]], low[node]);
          }
        }
      }
    }
    return component;
  }

  private void open(int node) {
    order[node] = ++visited;
    low[node] = visited;
    stack[stackSize++] = node;
    onStack[node] = true;
  }

  private void close(int node) {
    if (low[node] != order[node]) {
      return;
    }
    boolean loop = stack[stackSize - 1] != node || implicit[node] || selfEdge(node);
    if (loop) {
      components++;
    }
    int member;
    do {
      member = stack[--stackSize];
      onStack[member] = false;
      component[member] = loop ? components : 0;
    } while (member != node);
  }

  private boolean selfEdge(int node) {
    for (int target : successors[node]) {
      if (target == node) {
        return true;
      }
    }
    return false;
  }
}
