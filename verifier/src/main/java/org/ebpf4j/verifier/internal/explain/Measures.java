package org.ebpf4j.verifier.internal.explain;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.SectionName;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.explore.MapHelperRules;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.jspecify.annotations.Nullable;

/// The numbers and names of one refusal, by the words that remedies use for them. A word without a
/// meaning there has no value.
final class Measures {
  private static final String CHANGED = "changed by the call of ";

  /// Source: `MAX_PACKET_OFF` in Linux's `kernel/bpf/verifier.c`.
  private static final int MAX_PACKET_OFFSET = 0xffff;

  private final ProgramCode code;
  private final Rules rules;
  private final InstructionText text;
  private final VerifierState state;
  private final Step step;
  private final OptionalInt register;
  private final List<Diagnosis.Origin> origins;
  private final String detail;

  /// @param state where the walk ended
  /// @param step the instruction at fault
  /// @param register the register at fault, if one is
  /// @param origins where what it holds comes from
  /// @param detail what the refusal says beyond its reason, "" for nothing
  Measures(
      ProgramCode code,
      Rules rules,
      InstructionText text,
      VerifierState state,
      Step step,
      OptionalInt register,
      List<Diagnosis.Origin> origins,
      String detail) {
    this.code = code;
    this.rules = rules;
    this.text = text;
    this.state = state;
    this.step = step;
    this.register = register;
    this.origins = origins;
    this.detail = detail;
  }

  /// What a word stands for.
  Optional<String> get(String word) {
    return switch (word) {
      case "value" -> value().map(ValueWords::of);
      case "r0" -> Optional.of(ValueWords.of(step.registers()[0]));
      case "proven_text" -> value().filter(v -> v.kind().isPacket()).map(Measures::proven);
      case "packet_end" -> value().filter(v -> v.kind().isPacket()).map(this::packetEnd);
      case "too_far" -> tooFar();
      case "need" -> value().filter(v -> v.kind().isPacket()).flatMap(v -> packetNeed());
      case "limit" -> value().flatMap(Measures::limit).map(String::valueOf);
      case "register" ->
          register.isPresent() ? Optional.of("R" + register.getAsInt()) : Optional.empty();
      case "detail" -> Optional.of(detail).filter(d -> !d.isEmpty());
      case "unchanged_argument_of" -> unchangedArgumentOf();
      case "when_zero" -> value().filter(Value::isZero).map(v -> "");
      case "when_unset" -> value().filter(v -> v.kind() == Kind.UNINITIALIZED).map(v -> "");
      case "when_null" -> value().filter(v -> v.maybeNull() || v.isZero()).map(v -> "");
      case "target" -> value().flatMap(Measures::target);
      case "allowed" -> allowed().map(String::valueOf);
      case "highest" -> value().map(v -> offset(v, v.number().umax())).map(Long::toUnsignedString);
      case "lowest_signed" -> value().map(v -> "%+d".formatted(offset(v, v.number().smin())));
      case "highest_signed" -> value().map(v -> "%+d".formatted(offset(v, v.number().smax())));
      case "lowest" -> value().map(v -> offset(v, v.number().smin())).map(String::valueOf);
      case "over" -> over().map(Measures::bytes);
      case "producer" -> origin("returned by ").map(o -> effect(o, "returned by "));
      case "producer_at" -> origin("returned by ").map(Measures::at);
      case "release" -> origin(CHANGED).map(o -> effect(o, CHANGED));
      case "unlock" ->
          origin(CHANGED).map(o -> effect(o, CHANGED)).filter(call -> call.endsWith("unlock"));
      case "mover" -> mover();
      case "release_at" -> origin(CHANGED).map(Measures::at);
      case "call" ->
          origin("lost by the call of ")
              .map(o -> "the call of " + effect(o, "lost by the call of "));
      case "call_at" -> origin("lost by the call of ").map(Measures::at);
      case "acquired" -> acquired().flatMap(a -> text.callee(a.slot()));
      case "acquired_at" -> acquired().map(a -> String.valueOf(a.slot()));
      case "acquired_line" ->
          acquired()
              .map(a ->
                  code.program().line(a.slot()).map(l -> " (" + l.location() + ")").orElse(""));
      case "releaser" -> acquired().flatMap(a -> text.callee(a.slot())).map(Releasers::of);
      case "type" -> Optional.of(rules.type().name().toLowerCase(Locale.ROOT));
      case "call_here" -> text.callee(step.slot());
      case "callers" ->
          helper()
              .map(Measures::callers)
              .or(() -> kernelFunction().map(Measures::callers))
              .filter(s -> !s.isEmpty());
      case "map_type" -> map().map(map -> lower(map.type()));
      case "map_types" -> helper().map(this::mapTypes).filter(s -> !s.isEmpty());
      case "access" -> Optional.of(isStore() ? "written" : "read");
      case "keyless" -> keyless();
      case "sleepable_section" -> sleepableSection();
      case "struct_size" -> structSize();
      case "stack_left" -> stackLeft();
      case "memory_at_call" -> memoryAtCall().map(MemoryAtCall::what);
      case "memory_advice" -> memoryAtCall().map(MemoryAtCall::advice);
      case "loaded_at" -> origin("loaded from a value of map").map(Measures::at);
      case "fields" -> Optional.of(fields());
      case "stacks" -> Optional.of(stacks());
      default -> throw new IllegalStateException("remedies.tsv has the unknown word " + word);
    };
  }

  private Optional<Value> value() {
    return register.isPresent()
        ? Optional.of(step.registers()[register.getAsInt()])
        : Optional.empty();
  }

  private static String proven(Value pointer) {
    if (pointer.range() < 0) {
      return "on this path it is known to point at the packet's end or beyond";
    }
    int ahead = Math.max(0, pointer.range() - pointer.offset());
    return switch (ahead) {
      case 0 -> "no byte from there on is proven to be in the packet";
      case 1 -> "1 byte from there on is proven to be in the packet";
      default -> ahead + " bytes from there on are proven to be in the packet";
    };
  }

  /// What the program compares such a pointer with.
  private String packetEnd(Value pointer) {
    if (pointer.kind() == Kind.PACKET_META) {
      return "data";
    }
    return switch (rules.type()) {
      case CGROUP_SOCKOPT -> "optval_end";
      case SOCK_OPS -> "skb_data_end";
      default -> "data_end";
    };
  }

  /// The greatest offset that a pointer into the packet may have, if that is so great that a
  /// comparison with the packet's end proves nothing. Source: `find_good_pkt_pointers`.
  private Optional<String> tooFar() {
    return value()
        .filter(v -> v.kind().isPacket())
        .map(v -> access().map(a -> (long) a.size()).orElse(0L) + offset(v, v.number().umax()))
        .filter(end -> Long.compareUnsigned(end, MAX_PACKET_OFFSET) > 0)
        .map(Long::toUnsignedString);
  }

  /// Bytes between a pointer and the end of the stack.
  private Optional<String> stackLeft() {
    return value()
        .filter(v -> v.kind() == Kind.STACK && v.isFixed())
        .map(v -> -(v.offset() + v.number().value()))
        .filter(left -> left > 0 && left <= Frame.STACK_BYTES)
        .map(String::valueOf);
  }

  /// What a helper is given as memory and size, where the memory's bytes are known.
  private Optional<MemoryAtCall> memoryAtCall() {
    Optional<Value> pointer = value();
    Optional<HelperPrototype> helper = helper();
    if (pointer.isEmpty() || helper.isEmpty() || limit(pointer.get()).isEmpty()) {
      return Optional.empty();
    }
    int size = register.getAsInt() + 1;
    return MemoryAtCall.takesSize(helper.get(), size)
        ? Optional.of(
            new MemoryAtCall(
                pointer.get(), limit(pointer.get()).get(), size, step.registers()[size].number()))
        : Optional.empty();
  }

  /// Bytes from the pointer on that the access reaches.
  private Optional<String> packetNeed() {
    return access().map(a -> String.valueOf(a.offset() + a.size()));
  }

  /// The memory access of an instruction, from its register.
  private record Access(int offset, int size) {}

  private Optional<Access> access() {
    return switch (code.at(step.slot())) {
      case Instruction.Load i -> Optional.of(new Access(i.offset(), i.size().bytes()));
      case Instruction.Store i -> Optional.of(new Access(i.offset(), i.size().bytes()));
      case Instruction.Atomic i -> Optional.of(new Access(i.offset(), i.size().bytes()));
      case Instruction.LoadAcquire i -> Optional.of(new Access(i.offset(), i.size().bytes()));
      case Instruction.StoreRelease i -> Optional.of(new Access(i.offset(), i.size().bytes()));
      case null, default -> Optional.empty();
    };
  }

  private long offset(Value pointer, long variable) {
    return pointer.offset() + access().map(Access::offset).orElse(0) + variable;
  }

  private static Optional<Integer> limit(Value pointer) {
    return switch (pointer.target()) {
      case Target.InMap(var map, int instance) when pointer.kind() == Kind.MAP_VALUE ->
          Optional.of(map.valueSize());
      case Target.InMap(var map, int instance) when pointer.kind() == Kind.MAP_KEY ->
          Optional.of(map.keySize());
      case Target.Sized(int size, int dynptr, Target.End end) -> Optional.of(size);
      default -> Optional.empty();
    };
  }

  private static Optional<String> target(Value pointer) {
    return switch (pointer.target()) {
      case Target.InMap(var map, int instance) when pointer.kind() == Kind.MAP_VALUE ->
          Optional.of("a value of map " + map.name());
      case Target.InMap(var map, int instance) when pointer.kind() == Kind.MAP_KEY ->
          Optional.of("a key of map " + map.name());
      case Target.Sized sized -> Optional.of("memory");
      default -> Optional.empty();
    };
  }

  /// The greatest offset at which the access still fits.
  private Optional<Long> allowed() {
    Optional<Integer> limit = value().flatMap(Measures::limit);
    Optional<Access> access = access();
    return limit.isPresent() && access.isPresent()
        ? Optional.of((long) limit.get() - access.get().size()).filter(a -> a >= 0)
        : Optional.empty();
  }

  private Optional<Long> over() {
    Optional<Long> allowed = allowed();
    Optional<Value> pointer = value();
    return allowed.isPresent() && pointer.isPresent()
        ? Optional.of(offset(pointer.get(), pointer.get().number().umax()) - allowed.get())
        : Optional.empty();
  }

  private static String bytes(long count) {
    return count == 1 ? "1 byte" : count + " bytes";
  }

  /// What was called last when the register still pointed into the packet, and does no more.
  private Optional<String> mover() {
    for (int i = origins.size() - 1; i > 0; i--) {
      String effect = origins.get(i).effect();
      if (effect.startsWith(CHANGED)) {
        return origins.get(i - 1).value().startsWith("a pointer into the packet")
            ? Optional.of(effect.substring(CHANGED.length()))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private Optional<Diagnosis.Origin> origin(String start) {
    for (int i = origins.size() - 1; i >= 0; i--) {
      if (origins.get(i).effect().startsWith(start)) {
        return Optional.of(origins.get(i));
      }
    }
    return Optional.empty();
  }

  private static String effect(Diagnosis.Origin origin, String start) {
    return origin.effect().substring(start.length());
  }

  private static String at(Diagnosis.Origin origin) {
    return String.valueOf(origin.slot());
  }

  /// What was taken last and is still held.
  private Optional<Acquired> acquired() {
    int count = state.acquiredCount();
    return count == 0 ? Optional.empty() : Optional.of(state.acquired(count - 1));
  }

  private Optional<HelperPrototype> helper() {
    return code.at(step.slot()) instanceof Instruction.CallHelper(int id)
        ? rules.helper(id)
        : Optional.empty();
  }

  private static String callers(HelperPrototype helper) {
    StringJoiner types = new StringJoiner(", ");
    for (ProgramType type : ProgramType.values()) {
      if (HelperPermissions.of(type).filter(ids -> ids.contains(helper.id())).isPresent()) {
        types.add(lower(type));
      }
    }
    return types.toString();
  }

  private Optional<KernelFunction> kernelFunction() {
    return code.reference(step.slot()) instanceof Reference.KernelFunction function
        ? KernelFunction.byName(function.name())
        : Optional.empty();
  }

  private static String callers(KernelFunction function) {
    StringJoiner types = new StringJoiner(", ");
    for (ProgramType type : ProgramType.values()) {
      if (function.allows(type, Optional.empty())) {
        types.add(lower(type));
      } else if (function.allows(type, Optional.of(AttachType.TRACE_ITER))) {
        types.add("iterators");
      } else if (function.allows(type, Optional.of(AttachType.TRACE_KPROBE_SESSION))) {
        types.add("kprobe sessions");
      }
    }
    return types.toString();
  }

  private Optional<MapInfo> map() {
    for (int i = 1; i <= 5; i++) {
      if (step.registers()[i].kind() == Kind.MAP
          && step.registers()[i].target() instanceof Target.InMap(var map, int instance)) {
        return Optional.of(map);
      }
    }
    return Optional.empty();
  }

  private String mapTypes(HelperPrototype helper) {
    StringJoiner types = new StringJoiner(", ");
    for (MapType type : MapType.values()) {
      if (MapHelperRules.allows(rules, type, helper.name())) {
        types.add(lower(type));
      }
    }
    return types.toString();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private boolean isStore() {
    @Nullable Instruction instruction = code.at(step.slot());
    return instruction instanceof Instruction.Store
        || instruction instanceof Instruction.Atomic
        || instruction instanceof Instruction.StoreRelease;
  }

  /// The fields around a context access.
  private String fields() {
    Optional<Value> pointer = value();
    Optional<Access> access = access();
    if (rules.tracedFunction().isPresent()) {
      return "It holds the arguments of %s, 8 bytes each: %d."
          .formatted(code.program().kind().target(), rules.tracedFunction().get().arguments());
    }
    if (access.isEmpty()) {
      return "";
    }
    int at = access.get().offset() + pointer.map(Value::offset).orElse(0);
    return rules.context().layout().fieldAt(at).map(f -> field(f, access.get().size())).orElse("");
  }

  private String field(ContextLayout.Field field, int size) {
    ContextLayout.Access use = field.access();
    boolean fits =
        field.size() == size
            && use != (isStore() ? ContextLayout.Access.READ : ContextLayout.Access.WRITE);
    return "There is the field %s, %d bytes at offset %d, that programs may %s%s."
        .formatted(
            field.name(),
            field.size(),
            field.offset(),
            uses(use),
            fits ? " at other hooks than this one" : "");
  }

  private static String uses(ContextLayout.Access access) {
    return switch (access) {
      case READ -> "only read";
      case WRITE -> "only write";
      case READ_WRITE -> "read and write";
    };
  }

  /// The section's name that makes such a program one that may sleep, if there is one.
  private Optional<String> sleepableSection() {
    String section = code.program().section();
    int slash = section.indexOf('/');
    String name = slash < 0 ? section : section.substring(0, slash);
    String sleepable = name + ".s" + (slash < 0 ? "" : section.substring(slash));
    return SectionName.of(sleepable).filter(SectionName::sleepable).map(row -> sleepable);
  }

  /// The global function whose argument the register still is.
  private Optional<String> unchangedArgumentOf() {
    Step first = step;
    for (@Nullable Step each = step; each != null; each = each.before()) {
      first = each;
    }
    boolean global = first.slot() > 0 && register.isPresent() && origins.isEmpty();
    return global
        ? Optional.of(code.subprogram(code.subprogramStarting(first.slot())).name())
        : Optional.empty();
  }

  /// The map that a call gets, if its keys have no bytes.
  private Optional<String> keyless() {
    return map().filter(map -> map.keySize() == 0).map(MapInfo::name);
  }

  /// The bytes of a struct of the kernel or the program.
  private Optional<String> structSize() {
    return value()
        .filter(v -> v.target() instanceof Target.Typed)
        .map(v -> (Target.Typed) v.target())
        .map(t -> t.btf().resolved(t.type()))
        .filter(t -> t instanceof BtfType.Composite)
        .map(t -> String.valueOf(((BtfType.Composite) t).size()));
  }

  /// The stack of each function that uses some.
  private String stacks() {
    StringJoiner stacks = new StringJoiner(", ");
    for (int i = 0; i < code.subprogramCount(); i++) {
      if (code.subprogram(i).stackDepth > 0) {
        stacks.add("%s %d".formatted(code.subprogram(i).name(), code.subprogram(i).stackDepth));
      }
    }
    return stacks.toString();
  }
}
