package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.BSM_INVOKE;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ebpf4j.isa.MemorySize;

/// Accesses through `jdk.internal.misc.Unsafe`, of which HotSpot makes single instructions at once.
/// The class is named in the code that is written only, so that nothing here needs it to compile.
final class UnsafeMemory extends RawMemory {
  private static final String PACKAGE = "jdk.internal.misc";
  private static final ClassDesc UNSAFE = ClassDesc.of(PACKAGE, "Unsafe");
  private static final DynamicConstantDesc<?> INSTANCE =
      DynamicConstantDesc.ofNamed(
          BSM_INVOKE,
          "unsafe",
          UNSAFE,
          MethodHandleDesc.ofMethod(
              DirectMethodHandleDesc.Kind.STATIC, UNSAFE, "getUnsafe", MethodTypeDesc.of(UNSAFE)));

  UnsafeMemory(boolean shared) {
    super(shared);
  }

  /// Whether this JVM lets classes of this module have it.
  static boolean granted() {
    return Object.class.getModule().isExported(PACKAGE, UnsafeMemory.class.getModule());
  }

  @Override
  void begin(CodeBuilder code, Access access, MemorySize size) {
    code.loadConstant(INSTANCE);
    code.aconst_null();
  }

  @Override
  void call(CodeBuilder code, Access access, MemorySize size) {
    List<ClassDesc> arguments = new ArrayList<>(List.of(CD_Object, CD_long));
    arguments.addAll(Collections.nCopies(access.operands(), type(size)));
    code.invokevirtual(
        UNSAFE,
        name(access, size),
        MethodTypeDesc.of(access.gives() ? type(size) : CD_void, arguments));
  }

  private static String name(Access access, MemorySize size) {
    if (size == MemorySize.BYTE && access.unaligned()) {
      return access == Access.GET ? "getByte" : "putByte";
    }
    String type =
        switch (size) {
          case BYTE -> "Byte";
          case HALF -> "Short";
          case WORD -> "Int";
          case DOUBLE -> "Long";
        };
    return access.unsafeName().formatted(type);
  }
}
