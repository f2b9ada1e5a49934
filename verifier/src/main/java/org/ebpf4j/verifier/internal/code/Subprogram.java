package org.ebpf4j.verifier.internal.code;

import org.ebpf4j.btf.Btf;

/// A function of the program, with what the walk finds out about it.
public final class Subprogram {
  private final int index;
  private final int start;
  private final int end;
  private final String name;
  private final int type;
  private final boolean global;

  /// Bytes of stack that it uses.
  public int stackDepth;

  /// Whether it is the program's first, is called, or its address is taken.
  public boolean isReferred;

  public boolean hasTailCall;
  public boolean isCallback;
  public boolean isAsyncCallback;
  public boolean isExceptionCallback;

  /// For global functions, whether something that is explored calls it.
  public boolean called;

  Subprogram(int index, int start, int end, String name, int type, boolean global) {
    this.index = index;
    this.start = start;
    this.end = end;
    this.name = name;
    this.type = type;
    this.global = global;
  }

  public int index() {
    return index;
  }

  /// Its first slot.
  public int start() {
    return start;
  }

  /// One past its last slot.
  public int end() {
    return end;
  }

  public String name() {
    return name;
  }

  /// Its name in the source; in the object, copies that a compiler made have names of their own.
  ///
  /// @param types the object's
  public String declaredName(Btf types) {
    return type == 0 ? name : types.type(type).name();
  }

  /// BTF id of its `FUNC`, 0 for none.
  public int type() {
    return type;
  }

  public boolean isGlobal() {
    return global;
  }
}
