package org.ebpf4j.verifier.internal.explore;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
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
  private static final String TAG = "arg:";

  private final Walk walk;
  private final HelperMemory memory;
  private final RegionAccess regions;
  private final StackObjects objects;
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
    this.changesPacket = changingPacket(walk.code, walk.rules);
    this.maySleep = sleeping(walk.code, walk.rules);
  }

  /// What a parameter takes.
  private sealed interface Parameter {
    record PlainNumber() implements Parameter {}

    record Context() implements Parameter {}

    record Memory(int size, boolean maybeNull) implements Parameter {}

    record KernelObject(Target.Typed type, int flags) implements Parameter {}

    record Dynptr() implements Parameter {}

    record Arena() implements Parameter {}

    record UserMemory(int size) implements Parameter {}
  }

  /// What a parameter takes, for people.
  private static String words(Parameter parameter) {
    return switch (parameter) {
      case Parameter.PlainNumber n -> "a number";
      case Parameter.Context c -> "the context as the program got it";
      case Parameter.Memory(int size, boolean maybeNull) ->
          "a pointer to %d bytes of memory%s"
              .formatted(size, maybeNull ? ", or null" : ", not null");
      case Parameter.KernelObject(Target.Typed type, int flags) ->
          "a pointer to a %s%s%s"
              .formatted(
                  (flags & Flags.TRUSTED) != 0 ? "trusted " : "",
                  type.btf().resolved(type.type()) instanceof BtfType.Composite c
                      ? c.name()
                      : "kernel object",
                  (flags & Flags.MAYBE_NULL) != 0 ? ", or null" : ", not null");
      case Parameter.Dynptr d -> "a dynptr";
      case Parameter.Arena a -> "a pointer into the arena, or a number";
      case Parameter.UserMemory(int size) -> "a pointer to memory of the process";
    };
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
    List<Parameter> parameters = List.of();
    try {
      parameters = parameters(callee);
      for (Parameter parameter : parameters) {
        check(callee, ++register, parameter);
      }
    } catch (Refusal refused) {
      String reason = "Caller passes invalid args into func#%d ('%s')";
      if (register == 0) {
        throw walk.refuse(refused.errno(), reason, callee.index(), callee.name());
      }
      Errno errno = errno(parameters.get(register - 1), walk.peek(register), refused);
      throw walk.refuse(errno, reason, callee.index(), callee.name())
          .blaming(register, words(parameters.get(register - 1)));
    }
  }

  /// Whatever is wrong with some kinds of arguments, Linux gives the same number.
  private static Errno errno(Parameter parameter, Value value, Refusal refused) {
    // Linux takes what is not initialised for a pointer that was moved.
    boolean moved = !value.isInitialized();
    return switch (parameter) {
      case Parameter.Context c -> moved ? Errno.EACCES : refused.errno();
      case Parameter.Dynptr d -> moved ? Errno.EACCES : refused.errno();
      case Parameter.Memory m -> moved ? Errno.EACCES : refused.errno();
      case Parameter.KernelObject k -> Errno.EACCES;
      case Parameter.PlainNumber n -> Errno.EINVAL;
      case Parameter.Arena a -> Errno.EINVAL;
      case Parameter.UserMemory u -> Errno.EINVAL;
    };
  }

  private void check(Subprogram callee, int register, Parameter parameter) {
    Value value = walk.peek(register);
    switch (parameter) {
      case Parameter.PlainNumber n -> require(value.isScalar());
      case Parameter.Context c -> {
        regions.checkArgumentOffset(register, value, false);
        require(value.kind() == Kind.CONTEXT);
      }
      case Parameter.Memory(int size, boolean maybeNull) -> {
        regions.checkArgumentOffset(register, value, false);
        try {
          memory.checkWhole(register, size);
        } catch (Refusal refused) {
          throw Refusal.here(Errno.EINVAL, refused.reason()); // whatever is wrong with it
        }
        require(maybeNull || !(value.maybeNull() || value.isZero()));
      }
      case Parameter.Arena a -> require(value.kind() == Kind.ARENA || value.isScalar());
      case Parameter.Dynptr d -> {
        regions.checkArgumentOffset(register, value, false);
        require(
            value.kind() == Kind.DYNPTR
                || (value.kind() == Kind.STACK && objects.isDynptrAt(value)));
      }
      case Parameter.UserMemory u -> require(value.has(Flags.USER) || value.isZero());
      case Parameter.KernelObject(Target.Typed type, int flags) -> {
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
    List<Parameter> parameters = parameters(function);
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

  private void checkExceptionCallback(Subprogram function, List<Parameter> parameters) {
    if (returnsNothing(function)) {
      throw walk.refuse(Errno.EINVAL, "exception cb cannot return void");
    }
    if (parameters.size() != 1 || !(parameters.getFirst() instanceof Parameter.PlainNumber)) {
      throw walk.refuse(Errno.EINVAL, "exception cb only supports single integer argument");
    }
  }

  private Value valueOf(Parameter parameter, boolean less) {
    return switch (parameter) {
      case Parameter.PlainNumber n -> Value.UNKNOWN;
      case Parameter.Context c -> Value.pointer(Kind.CONTEXT);
      case Parameter.Memory(int size, boolean maybeNull) -> {
        int flags = maybeNull ? Flags.MAYBE_NULL : 0;
        Value value = Value.pointer(Kind.MEMORY, flags, Target.Sized.of(size));
        yield maybeNull ? value.withId(walk.newId()) : value;
      }
      case Parameter.KernelObject(Target.Typed type, int flags) -> {
        int sure = less ? flags & ~Flags.TRUSTED : flags;
        Value value = Value.pointer(Kind.BTF_OBJECT, sure, type);
        yield value.maybeNull() ? value.withId(walk.newId()) : value;
      }
      case Parameter.Dynptr d ->
          Value.pointer(Kind.DYNPTR, 0, new Target.Dynamic(DynptrType.LOCAL, true))
              .withId(walk.newId());
      case Parameter.Arena a -> Value.UNKNOWN; // callers may pass any number
      case Parameter.UserMemory(int size) ->
          Value.pointer(Kind.MEMORY, Flags.USER | Flags.UNTRUSTED, Target.Sized.of(size));
    };
  }

  private List<Parameter> parameters(Subprogram function) {
    Btf btf = walk.rules.objectBtf();
    if (function.type() == 0
        || !(btf.type(function.type()) instanceof BtfType.Function f)
        || !(btf.type(f.prototype()) instanceof BtfType.Prototype prototype)) {
      throw walk.refuse(Errno.EINVAL, "global function %s has no BTF", function.name());
    }
    if (!isNumber(btf, prototype.result())) {
      throw walk.refuse(
          Errno.EINVAL,
          "Global function %s() doesn't return scalar. Only those are supported.",
          function.name());
    }
    if (prototype.parameters().size() > 5) {
      throw walk.refuse(
          Errno.EINVAL,
          "Global function %s() with %d > 5 args. Buggy compiler.",
          function.name(),
          prototype.parameters().size());
    }
    List<Parameter> parameters = new ArrayList<>();
    int index = 0;
    for (BtfType.Parameter parameter : prototype.parameters()) {
      parameters.add(parameter(btf, function, index++, parameter.type()));
    }
    return parameters;
  }

  private static boolean isNumber(Btf btf, int type) {
    return btf.resolved(type) instanceof BtfType.Int
        || btf.resolved(type) instanceof BtfType.Enumeration;
  }

  private Parameter parameter(Btf btf, Subprogram function, int index, int type) {
    List<String> tags = walk.rules.tags().after(TAG, function.type(), index);
    boolean nullable = tags.contains("nullable");
    boolean nonNull = tags.contains("nonnull");
    if (!(btf.resolved(type) instanceof BtfType.Pointer(int pointee))) {
      return new Parameter.PlainNumber();
    }
    if (tags.contains("ctx") || isContext(btf, pointee)) {
      return new Parameter.Context();
    }
    if (tags.contains("arena")) {
      return new Parameter.Arena();
    }
    String name = btf.resolved(pointee).name();
    if (name.equals("bpf_dynptr")) {
      return new Parameter.Dynptr();
    }
    if (tags.contains("trusted")) {
      int flags = Flags.TRUSTED | (nullable ? Flags.MAYBE_NULL : 0);
      return new Parameter.KernelObject(walk.rules.kernel().struct(name), flags);
    }
    if (tags.contains("untrusted")) {
      throw new NotJudged("global function " + function.name() + " takes untrusted memory");
    }
    var size = new BtfLayout(btf).sizeOf(pointee);
    if (size.isEmpty()) {
      throw walk.refuse(
          Errno.EINVAL, "arg#%d reference type('%s') size cannot be determined", index, name);
    }
    return new Parameter.Memory(size.getAsInt(), !nonNull);
  }

  /// Source: `btf_is_prog_ctx_type` in Linux's `kernel/bpf/btf.c`.
  private boolean isContext(Btf btf, int pointee) {
    return isContext(walk.rules, btf, pointee);
  }

  static boolean isContext(Rules rules, Btf btf, int pointee) {
    String typedef = typedefName(btf, pointee);
    String struct = btf.resolved(pointee) instanceof BtfType.Composite c ? c.name() : "";
    return switch (rules.type()) {
      case KPROBE ->
          typedef.equals("bpf_user_pt_regs_t")
              || struct.equals("bpf_user_pt_regs_t")
              || struct.equals("pt_regs");
      case RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE -> struct.equals("bpf_raw_tracepoint_args");
      default -> !struct.isEmpty() && struct.equals(rules.context().layout().struct());
    };
  }

  private static String typedefName(Btf btf, int type) {
    int at = type;
    while (true) {
      switch (btf.type(at)) {
        case BtfType.Typedef(String name, int target) -> {
          return name;
        }
        case BtfType.Qualifier(var word, int target) -> at = target;
        case BtfType.TypeTag tag -> at = tag.target();
        default -> {
          return "";
        }
      }
    }
  }
}
