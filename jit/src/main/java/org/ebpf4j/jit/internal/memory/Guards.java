package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.runtime.internal.map.ArrayGeometry;
import org.ebpf4j.runtime.internal.map.RuntimeMap;

/// The comparisons for what programs access most.
public final class Guards {
  private static final ClassDesc LONG = Long.class.describeConstable().orElseThrow();
  private static final ClassDesc LAYOUT = ContextLayout.class.describeConstable().orElseThrow();
  private static final ClassDesc ARRAY = ArrayGeometry.class.describeConstable().orElseThrow();
  private static final ClassDesc MAP = RuntimeMap.class.describeConstable().orElseThrow();
  private static final long FRAME_BYTES = 512;

  private Guards() {}

  /// The access lies in the frame of the function.
  public static Guard frame(Push framePointer) {
    return (code, size, address, otherwise) -> {
      address.to(code);
      framePointer.to(code);
      code.lsub().loadConstant(FRAME_BYTES).ladd().loadConstant(FRAME_BYTES - size.bytes());
      code.invokestatic(LONG, "compareUnsigned", MethodTypeDesc.of(CD_int, CD_long, CD_long));
      code.ifgt(otherwise);
    };
  }

  /// The access begins a number of bytes into the context, which is laid out like this.
  public static Guard context(Constants constants, ContextLayout layout, long offset) {
    return (code, size, address, otherwise) -> {
      RunMethods.push(code);
      address.to(code);
      code.loadConstant(offset).lsub();
      constants.push(code, layout, LAYOUT);
      RunMethods.call(code, "isContext", MethodTypeDesc.of(CD_boolean, CD_long, LAYOUT));
      code.ifeq(otherwise);
    };
  }

  /// The access lies in the packet.
  ///
  /// @param store whether it must be one that may be written
  public static Guard packet(boolean store) {
    return (code, size, address, otherwise) -> {
      RunMethods.push(code);
      address.to(code);
      code.loadConstant(size.bytes());
      RunMethods.call(
          code,
          store ? "inWritablePacket" : "inPacket",
          MethodTypeDesc.of(CD_boolean, CD_long, CD_int));
      code.ifeq(otherwise);
    };
  }

  /// The access lies in a frame below that of the function.
  public static Guard lowerFrames(Push framePointer) {
    return (code, size, address, otherwise) -> {
      RunMethods.push(code);
      address.to(code);
      code.loadConstant(size.bytes());
      framePointer.to(code);
      RunMethods.call(
          code, "inLowerFrames", MethodTypeDesc.of(CD_boolean, CD_long, CD_int, CD_long));
      code.ifeq(otherwise);
    };
  }

  /// The access lies in a value that this CPU has in an array.
  public static Guard array(Constants constants, ArrayGeometry array) {
    return (code, size, address, otherwise) -> {
      constants.push(code, array, ARRAY);
      address.to(code);
      code.loadConstant(size.bytes());
      RunMethods.push(code);
      RunMethods.call(code, "cpu", MethodTypeDesc.of(CD_int));
      code.invokevirtual(ARRAY, "holds", MethodTypeDesc.of(CD_boolean, CD_long, CD_int, CD_int));
      code.ifeq(otherwise);
    };
  }

  /// The access lies in a value of a map.
  ///
  /// @param store whether it must be one that may be written
  public static Guard map(Constants constants, RuntimeMap map, boolean store) {
    return (code, size, address, otherwise) -> {
      constants.push(code, map, MAP);
      address.to(code);
      code.loadConstant(size.bytes());
      code.invokevirtual(
          MAP, store ? "writable" : "readable", MethodTypeDesc.of(CD_boolean, CD_long, CD_int));
      code.ifeq(otherwise);
    };
  }

  /// The access is aligned, and another comparison holds.
  public static Guard aligned(Guard guard) {
    return (code, size, address, otherwise) -> {
      if (size != MemorySize.BYTE) {
        address.to(code);
        code.loadConstant(size.bytes() - 1L).land().lconst_0().lcmp().ifne(otherwise);
      }
      guard.orElse(code, size, address, otherwise);
    };
  }

  /// The access is a number of bytes away from anything but 0.
  public static Guard notNull(long offset) {
    return (code, size, address, otherwise) -> {
      address.to(code);
      code.loadConstant(offset).lcmp().ifeq(otherwise);
    };
  }
}
