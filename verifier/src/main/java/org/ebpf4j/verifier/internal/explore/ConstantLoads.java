package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.rules.KernelTypes;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;

/// 64-bit immediate loads, and what they stand for.
final class ConstantLoads {
  private final Walk walk;

  ConstantLoads(Walk walk) {
    this.walk = walk;
  }

  void load(Instruction.LoadImmediate64 load) {
    walk.checkWritable(load.dst().number());
    Reference reference = walk.code.reference(walk.slot);
    Value value =
        switch (reference) {
          case null -> plain(load);
          case Reference.MapHandle(int slot, String name) ->
              Value.pointer(Kind.MAP, 0, new Target.InMap(map(name), 0));
          case Reference.MapData(int slot, String name, int offset) -> data(map(name), offset);
          case Reference.KernelVariable v -> kernelVariable(v);
          case Reference.KernelFunctionAddress a -> kernelFunction(a);
          case Reference.KernelFunction f ->
              throw new NotJudged("a kernel function where a constant is loaded");
        };
    walk.write(load.dst(), value);
  }

  private Value plain(Instruction.LoadImmediate64 load) {
    return switch (load.source()) {
      case VALUE -> Value.constant(load.value());
      case FUNCTION -> {
        int subprogram = walk.code.subprogramStarting(walk.slot + load.low() + 1);
        if (subprogram <= 0) {
          throw walk.refuse(Errno.EINVAL, "callback function cannot be the main program");
        }
        if (walk.code.subprogram(subprogram).isGlobal()) {
          throw walk.refuse(Errno.EINVAL, "callback function not static");
        }
        yield Value.pointer(Kind.FUNCTION, 0, new Target.Code(subprogram));
      }
      case MAP_FD, MAP_VALUE, MAP_INDEX, MAP_INDEX_VALUE ->
          throw walk.refuse(Errno.EINVAL, "fd %d is not pointing to valid bpf_map", load.low());
      case BTF_ID -> throw new NotJudged("a kernel variable by number");
    };
  }

  private MapInfo map(String name) {
    return walk.rules
        .map(name)
        .orElseThrow(() -> new NotJudged("map " + name + " is of a type that is not known"));
  }

  private Value data(MapInfo map, int offset) {
    if (map.type() == MapType.ARENA) {
      return Value.UNKNOWN;
    }
    if (Integer.compareUnsigned(offset, map.valueSize()) >= 0) {
      throw walk.refuse(
          Errno.EINVAL,
          "invalid access to map value pointer, value_size=%d off=%d",
          map.valueSize(),
          offset);
    }
    // Every such load gives the one value that the map has: there are no ids to tell two apart.
    return Value.pointer(Kind.MAP_VALUE, 0, new Target.InMap(map, 0)).withOffset(offset);
  }

  /// The address of a kernel function that may not be there. Where the kernel's types are not
  /// known, both is possible.
  private Value kernelFunction(Reference.KernelFunctionAddress function) {
    KernelTypes kernel = walk.rules.kernel();
    if (!kernel.isKnown()) {
      return Value.UNKNOWN;
    }
    return kernel.hasFunction(function.name(), walk.rules.objectBtf(), function.type())
        ? Value.pointer(Kind.MEMORY, Flags.READ_ONLY, Target.Sized.of(0))
        : Value.ZERO;
  }

  /// Source: `__check_pseudo_btf_id` in Linux's `kernel/bpf/verifier.c`.
  private Value kernelVariable(Reference.KernelVariable variable) {
    if (variable.type() == 0) {
      return Value.UNKNOWN;
    }
    KernelTypes kernel = walk.rules.kernel();
    Btf btf = kernel.btf();
    int found = kernel.variable(variable.name()).orElse(0);
    if (found == 0) {
      if (variable.weak()) {
        return Value.ZERO;
      }
      throw new NotJudged("the kernel's BTF has no variable " + variable.name());
    }
    int type = btf.resolve(((BtfType.Variable) btf.type(found)).type());
    if (kernel.isPerCpu(found)) {
      return Value.pointer(Kind.BTF_OBJECT, Flags.PER_CPU, new Target.Typed(btf, type));
    }
    if (btf.type(type) instanceof BtfType.Composite) {
      return Value.pointer(Kind.BTF_OBJECT, 0, new Target.Typed(btf, type));
    }
    return Value.pointer(
        Kind.MEMORY, Flags.READ_ONLY, Target.Sized.of(new BtfLayout(btf).sizeOf(type).orElse(0)));
  }
}
