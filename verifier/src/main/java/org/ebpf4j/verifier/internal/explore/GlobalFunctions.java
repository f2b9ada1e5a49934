package org.ebpf4j.verifier.internal.explore;

import java.util.BitSet;
import java.util.List;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.HelperTraits;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;

/// Global functions: what BTF and its tags say they take, checked at the calls and assumed inside.
final class GlobalFunctions {
  private final Walk walk;
  private final HelperMemory memory;
  private final RegionAccess regions;
  private final StackObjects objects;
  private final GlobalParameters declared;
  private final boolean[] changesPacket;
  private final boolean[] maySleep;

  /// Functions that get an object somewhere which is trusted less than they declare.
  private final BitSet givenLess = new BitSet();

  private final BitSet walked = new BitSet();

  GlobalFunctions(Walk walk, HelperMemory memory, RegionAccess regions, StackObjects objects) {
    this.walk = walk;
    this.memory = memory;
    this.regions = regions;
    this.objects = objects;
    this.declared = new GlobalParameters(walk.rules);
    this.changesPacket = changingPacket(walk.code, walk.rules);
    this.maySleep = sleeping(walk.code, walk.rules);
  }

  /// Whether a function, or what it calls, may move the packet.
  boolean changesPacket(Subprogram callee) {
    return changesPacket[callee.index()];
  }

  boolean returnsNothing(Subprogram callee) {
    return returnsNothing(walk.rules.objectBtf(), callee.type());
  }

  static boolean returnsNothing(Btf btf, int function) {
    return function != 0
        && btf.type(function) instanceof BtfType.Function(String name, int proto, var linkage)
        && btf.type(proto) instanceof BtfType.Prototype prototype
        && btf.resolved(prototype.result()) instanceof BtfType.VoidType;
  }

  /// Whether a function, or what it calls, may sleep.
  boolean maySleep(Subprogram callee) {
    return maySleep[callee.index()];
  }

  /// Of each function, whether it or what it calls may move the packet.
  static boolean[] changingPacket(ProgramCode code, Rules rules) {
    return find(code, slot -> changesPacket(code, rules, slot));
  }

  /// Of each function, whether it or what it calls may sleep.
  static boolean[] sleeping(ProgramCode code, Rules rules) {
    return find(code, slot -> sleeps(code, rules, slot));
  }

  /// What an instruction does.
  private interface Effect {
    boolean of(int slot);
  }

  private static boolean changesPacket(ProgramCode code, Rules rules, int slot) {
    return switch (code.at(slot)) {
      case Instruction.CallHelper(int helper) ->
          rules.helper(helper).map(h -> HelperTraits.changesPacket(h.name())).orElse(false);
      case Instruction.CallKernel call -> KernelCalls.isCallOf(code, slot, "bpf_xdp_pull_data");
      case null, default -> false;
    };
  }

  private static boolean sleeps(ProgramCode code, Rules rules, int slot) {
    return switch (code.at(slot)) {
      case Instruction.CallHelper(int helper) ->
          rules.helper(helper).map(h -> HelperTraits.maySleep(h.name())).orElse(false);
      case Instruction.CallKernel call ->
          code.reference(slot) instanceof Reference.KernelFunction function
              && KernelFunction.byName(function.name())
                  .filter(f -> f.has(KernelFunction.Flag.SLEEPABLE))
                  .isPresent();
      case null, default -> false;
    };
  }

  /// The functions in which, or in what they call, some instruction has an effect.
  private static boolean[] find(ProgramCode code, Effect effect) {
    boolean[] found = new boolean[code.subprogramCount()];
    boolean more = true;
    while (more) {
      more = false;
      for (int i = 0; i < found.length; i++) {
        if (!found[i] && has(code, code.subprogram(i), effect, found)) {
          found[i] = true;
          more = true;
        }
      }
    }
    return found;
  }

  private static boolean has(
      ProgramCode code, Subprogram subprogram, Effect effect, boolean[] known) {
    for (int slot = subprogram.start(); slot < subprogram.end(); slot++) {
      int callee =
          switch (code.at(slot)) {
            case Instruction.CallLocal call -> code.subprogramStarting(slot + call.offset() + 1);
            case Instruction.LoadImmediate64 load
                when load.source() == Instruction.LoadImmediate64.Source.FUNCTION ->
                code.subprogramStarting(slot + load.low() + 1);
            case null, default -> -1;
          };
      if (effect.of(slot) || (callee >= 0 && known[callee])) {
        return true;
      }
    }
    return false;
  }

  /// Checks what a call gives against what the function takes.
  void checkArguments(Subprogram callee) {
    int register = 0;
    List<GlobalParameter> parameters = List.of();
    try {
      parameters = declared.of(callee);
      for (GlobalParameter parameter : parameters) {
        check(callee, ++register, parameter);
      }
    } catch (Refusal refused) {
      String reason = "Caller passes invalid args into func#%d ('%s')";
      if (register == 0) {
        throw walk.refuse(refused.errno(), reason, callee.index(), declaredName(callee));
      }
      Errno errno = errno(parameters.get(register - 1), walk.peek(register), refused);
      throw walk.refuse(errno, reason, callee.index(), declaredName(callee))
          .blaming(register, parameters.get(register - 1).words());
    }
  }

  private String declaredName(Subprogram function) {
    return function.declaredName(walk.rules.objectBtf());
  }

  /// Whatever is wrong with some kinds of arguments, Linux gives the same number.
  private static Errno errno(GlobalParameter parameter, Value value, Refusal refused) {
    // Linux takes what is not initialised for a pointer that was moved.
    boolean moved = !value.isInitialized();
    return switch (parameter) {
      case GlobalParameter.Context c -> moved ? Errno.EACCES : refused.errno();
      case GlobalParameter.Dynptr d -> moved ? Errno.EACCES : refused.errno();
      case GlobalParameter.Memory m -> moved ? Errno.EACCES : refused.errno();
      case GlobalParameter.KernelObject k -> Errno.EACCES;
      case GlobalParameter.PlainNumber n -> Errno.EINVAL;
      case GlobalParameter.Arena a -> Errno.EINVAL;
      case GlobalParameter.Untrusted u ->
          throw new IllegalStateException("takes anything", refused);
    };
  }

  private void check(Subprogram callee, int register, GlobalParameter parameter) {
    Value value = walk.peek(register);
    switch (parameter) {
      case GlobalParameter.PlainNumber n -> require(value.isScalar());
      case GlobalParameter.Context c -> {
        regions.checkArgumentOffset(register, value, false);
        require(value.kind() == Kind.CONTEXT);
      }
      case GlobalParameter.Memory(int size, boolean maybeNull) -> {
        regions.checkArgumentOffset(register, value, false);
        try {
          memory.checkWhole(register, size);
        } catch (Refusal refused) {
          throw Refusal.here(Errno.EINVAL, refused.reason()); // whatever is wrong with it
        }
        require(maybeNull || !(value.maybeNull() || value.isZero()));
      }
      case GlobalParameter.Arena a -> require(value.kind() == Kind.ARENA || value.isScalar());
      case GlobalParameter.Dynptr d -> {
        regions.checkArgumentOffset(register, value, false);
        require(
            value.kind() == Kind.DYNPTR
                || (value.kind() == Kind.STACK && objects.isDynptrAt(value)));
      }
      case GlobalParameter.Untrusted u -> {
        if (value.kind() == Kind.STACK) {
          objects.mayBeLoadedAnywhere(value);
        }
      }
      case GlobalParameter.KernelObject(Target.Typed type, int flags) -> {
        boolean maybeNull = (flags & Flags.MAYBE_NULL) != 0;
        if (value.isZero() && maybeNull) {
          return;
        }
        require(value.kind() == Kind.BTF_OBJECT);
        require(maybeNull || !value.maybeNull());
        require(ObjectTypes.matches(value, type));
        if (!value.has(Flags.TRUSTED) && value.reference() == 0) {
          giveLess(callee, value.flags() & ~Flags.MAYBE_NULL);
        }
      }
    }
  }

  /// Linux takes any object here that helpers would take, and walks the function as if it were
  /// trusted and never null, which what is read from an object is not. Here the function is walked
  /// with no more than it is given.
  private void giveLess(Subprogram callee, int flags) {
    require(flags == 0 || flags == Flags.RCU);
    require(!walked.get(callee.index()));
    givenLess.set(callee.index());
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw Refusal.here(Errno.EINVAL, "argument");
    }
  }

  /// A frame that starts in a global function, its arguments as they are declared.
  Frame frameFor(Subprogram function) {
    Frame frame = new Frame(-1, 0, function.index());
    List<GlobalParameter> parameters = declared.of(function);
    if (function.isExceptionCallback) {
      checkExceptionCallback(function, parameters);
    }
    walked.set(function.index());
    boolean less = givenLess.get(function.index());
    for (int i = 0; i < parameters.size(); i++) {
      frame.setRegister(i + 1, valueOf(parameters.get(i), less));
    }
    return frame;
  }

  private void checkExceptionCallback(Subprogram function, List<GlobalParameter> parameters) {
    if (returnsNothing(function)) {
      throw walk.refuse(Errno.EINVAL, "exception cb cannot return void");
    }
    if (parameters.size() != 1 || !(parameters.getFirst() instanceof GlobalParameter.PlainNumber)) {
      throw walk.refuse(Errno.EINVAL, "exception cb only supports single integer argument");
    }
  }

  private Value valueOf(GlobalParameter parameter, boolean less) {
    return switch (parameter) {
      case GlobalParameter.PlainNumber n -> Value.UNKNOWN;
      case GlobalParameter.Context c -> Value.pointer(Kind.CONTEXT);
      case GlobalParameter.Memory(int size, boolean maybeNull) -> {
        int flags = maybeNull ? Flags.MAYBE_NULL : 0;
        Value value = Value.pointer(Kind.MEMORY, flags, Target.Sized.of(size));
        yield maybeNull ? value.withId(walk.newId()) : value;
      }
      case GlobalParameter.KernelObject(Target.Typed type, int flags) -> {
        int sure = less ? flags & ~Flags.TRUSTED : flags;
        Value value = Value.pointer(Kind.BTF_OBJECT, sure, type);
        yield value.maybeNull() ? value.withId(walk.newId()) : value;
      }
      case GlobalParameter.Dynptr d ->
          Value.pointer(Kind.DYNPTR, 0, new Target.Dynamic(DynptrType.LOCAL, true))
              .withId(walk.newId());
      case GlobalParameter.Arena a -> Value.UNKNOWN; // callers may pass any number
      case GlobalParameter.Untrusted(Value pointer) -> pointer;
    };
  }
}
