package org.ebpf4j.btf;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Looks for types that cannot be: such as contain themselves, and such as have no end when they
/// are written down in C.
///
/// A type holds its parts by value, and its declaration names what it points to, up to a struct or
/// union with a name. Neither may lead back to the type, and no way may be longer than
/// [#MAX_DEPTH], so that everything else can follow types by plain recursion.
final class BtfCycles {
  /// How deep types may be nested.
  static final int MAX_DEPTH = 256;

  private static final int NEW = 0;
  private static final int OPEN = 1;
  private static final int[] NONE = {};

  private final Btf btf;
  private final boolean byValue;

  /// 0 for types not seen, 1 for those on the current way, else one more than the longest way down
  /// from here.
  private final int[] depths;

  private BtfCycles(Btf btf, boolean byValue) {
    this.btf = btf;
    this.byValue = byValue;
    this.depths = new int[btf.endId() - btf.firstId()];
  }

  /// The id of a type on a cycle or too deep a way, or 0.
  static int find(Btf btf) {
    int byValue = new BtfCycles(btf, true).search();
    return byValue != 0 ? byValue : new BtfCycles(btf, false).search();
  }

  private int search() {
    for (int id = btf.firstId(); id < btf.endId(); id++) {
      if (depths[id - btf.firstId()] == NEW) {
        int culprit = descend(id);
        if (culprit != 0) {
          return culprit;
        }
      }
    }
    return 0;
  }

  private int descend(int root) {
    int[] path = new int[MAX_DEPTH];
    int[][] targets = new int[MAX_DEPTH][];
    int[] next = new int[MAX_DEPTH];
    int level = 0;
    path[0] = root;
    targets[0] = targets(root);
    depths[root - btf.firstId()] = OPEN;
    while (level >= 0) {
      int current = path[level];
      if (next[level] == targets[level].length) {
        depths[current - btf.firstId()] = OPEN + 1 + deepest(targets[level]);
        if (depths[current - btf.firstId()] > MAX_DEPTH) {
          return current;
        }
        level--;
        continue;
      }
      int target = targets[level][next[level]++];
      int depth = depthOf(target);
      if (depth == OPEN || (depth == NEW && level + 1 == MAX_DEPTH)) {
        return target;
      }
      if (depth == NEW) {
        level++;
        path[level] = target;
        targets[level] = targets(target);
        next[level] = 0;
        depths[target - btf.firstId()] = OPEN;
      }
    }
    return 0;
  }

  private int deepest(int[] targets) {
    return Arrays.stream(targets).map(this::depthOf).max().orElse(OPEN) - OPEN;
  }

  /// Types of the base were checked when the base was read.
  private int depthOf(int id) {
    return id < btf.firstId() ? OPEN + 1 : depths[id - btf.firstId()];
  }

  private int[] targets(int id) {
    return switch (btf.type(id)) {
      case BtfType.Typedef type -> one(type.target());
      case BtfType.Qualifier type -> one(type.target());
      case BtfType.TypeTag type -> one(type.target());
      case BtfType.Array type -> new int[] {type.element(), type.index()};
      case BtfType.Variable type -> one(type.type());
      case BtfType.Composite type ->
          byValue || type.name().isEmpty()
              ? type.members().stream().mapToInt(BtfType.Member::type).toArray()
              : NONE;
      case BtfType.Pointer type -> byValue ? NONE : one(type.target());
      case BtfType.Function type -> byValue ? NONE : one(type.prototype());
      case BtfType.Prototype type ->
          byValue
              ? NONE
              : IntStream.concat(
                      IntStream.of(type.result()),
                      type.parameters().stream().mapToInt(BtfType.Parameter::type))
                  .toArray();
      case BtfType.DataSection type -> NONE;
      case BtfType.DeclarationTag type -> NONE;
      case BtfType.VoidType type -> NONE;
      case BtfType.Int type -> NONE;
      case BtfType.Enumeration type -> NONE;
      case BtfType.Forward type -> NONE;
      case BtfType.FloatType type -> NONE;
    };
  }

  private static int[] one(int id) {
    return new int[] {id};
  }
}
