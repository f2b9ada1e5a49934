package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.runtime.internal.engine.CheckedRun;

/// Calls of the run's own methods. The run is the first local of every method.
public final class RunMethods {
  public static final ClassDesc RUN = CheckedRun.class.describeConstable().orElseThrow();

  /// The local that holds the run.
  public static final int LOCAL = 0;

  private RunMethods() {}

  /// Pushes the run.
  public static void push(CodeBuilder code) {
    code.aload(LOCAL);
  }

  /// Calls a method of the run, whose arguments are on the stack.
  public static void call(CodeBuilder code, String name, MethodTypeDesc type) {
    code.invokevirtual(RUN, name, type);
  }

  /// Tells the run where it is.
  public static void at(CodeBuilder code, int slot, Push framePointer) {
    push(code);
    code.loadConstant(slot);
    framePointer.to(code);
    call(
        code,
        "at",
        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_long));
  }
}
