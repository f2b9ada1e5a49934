package org.ebpf4j.linux.internal.load;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfWriter;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.linux.internal.program.ProgramLoad;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;

/// An object's BTF in the kernel, with the strings that the lines of its programs refer to.
final class ObjectBtf implements AutoCloseable {
  private static final int LOG_BYTES = 1 << 16;
  private static final Set<String> KPTRS = Set.of("kptr", "kptr_untrusted", "percpu_kptr", "uptr");

  private final Descriptor descriptor;
  private final Btf btf;
  private final Map<String, Integer> strings;

  private ObjectBtf(Descriptor descriptor, Btf btf, Map<String, Integer> strings) {
    this.descriptor = descriptor;
    this.btf = btf;
    this.strings = strings;
  }

  /// What became of an object's BTF.
  sealed interface Outcome {
    /// It is in the kernel.
    ///
    /// @param plainer why not as it is, if it was made plainer
    record Loaded(ObjectBtf btf, Optional<LoadException> plainer) implements Outcome {}

    /// The object has no types, or the kernel (before Linux 4.18) takes none.
    record None() implements Outcome {}

    /// The kernel refuses it, however plain it is made. What does not need types can be loaded all
    /// the same.
    record Refused(LoadException reason) implements Outcome {}
  }

  /// Loads it.
  static Outcome load(CollectionSpec spec) {
    if (spec.btf().ownTypes().isEmpty()) {
      return new Outcome.None();
    }
    Btf types = ExternTypes.settle(spec.btf());
    Result first = tryLoad(types, spec);
    Result result = first;
    for (BtfSanitiser.Level level : BtfSanitiser.Level.values()) {
      if (result.loaded().isPresent() || result.errno() != Errno.EINVAL) {
        break;
      }
      result = tryLoad(BtfSanitiser.sanitise(types, level), spec);
    }
    if (result.loaded().isEmpty() && result.errno() == Errno.EINVAL && result.log().isEmpty()) {
      return new Outcome.None(); // a kernel that knows the command says what is wrong
    }
    if (first.loaded().isPresent()) {
      return new Outcome.Loaded(first.loaded().get(), Optional.empty());
    }
    // What is wrong with the types as they are; those made plainer may be refused for that.
    LoadException reason =
        new LoadException("BTF of " + spec.name(), first.errno(), why(first, types), first.log());
    return result
        .loaded()
        .<Outcome>map(plain -> new Outcome.Loaded(plain, Optional.of(reason)))
        .orElseGet(() -> new Outcome.Refused(reason));
  }

  /// What the kernel's log says last, or what the kernel refuses without a word.
  private static String why(Result refused, Btf types) {
    return declaredTarget(types)
        .map(
            "it has a kptr to struct %s, which the object only declares: include its definition, or name its type in a function's parameter"
                ::formatted)
        .orElseGet(() -> refused.log().lines().reduce((a, b) -> b).orElse(refused.errno().text()));
  }

  /// A struct that is only declared and that a pointer tagged as a kptr points at, if there is one.
  private static Optional<String> declaredTarget(Btf types) {
    for (BtfType type : types.ownTypes()) {
      if (type instanceof BtfType.TypeTag tag
          && KPTRS.contains(tag.name())
          && types.resolved(tag.target()) instanceof BtfType.Forward declared) {
        return Optional.of(declared.name());
      }
    }
    return Optional.empty();
  }

  private record Result(Optional<ObjectBtf> loaded, Errno errno, String log) {}

  private static Result tryLoad(Btf btf, CollectionSpec spec) {
    BtfWriter writer = new BtfWriter(btf);
    Map<String, Integer> strings = new HashMap<>();
    for (ProgramSpec program : spec.programs().values()) {
      for (SourceLine line : program.lines()) {
        strings.computeIfAbsent(line.file(), writer::string);
        strings.computeIfAbsent(line.text(), writer::string);
      }
    }
    byte[] bytes = writer.toBytes();
    int result = call(bytes, new StringBuilder(), 0);
    if (result >= 0) {
      return new Result(
          Optional.of(new ObjectBtf(new Descriptor(result), btf, strings)), Errno.EINVAL, "");
    }
    StringBuilder log = new StringBuilder();
    int again = call(bytes, log, LOG_BYTES);
    if (again >= 0) {
      return new Result(
          Optional.of(new ObjectBtf(new Descriptor(again), btf, strings)), Errno.EINVAL, "");
    }
    return new Result(Optional.empty(), Errors.of(result), log.toString());
  }

  private static int call(byte[] bytes, StringBuilder log, int room) {
    try (BpfCall call = new BpfCall(BpfCommand.BTF_LOAD)) {
      MemorySegment buffer = call.allocate(room);
      call.setPointer(0, call.copy(bytes)).set64(8, 0).set32(16, bytes.length);
      if (room > 0) {
        call.setPointer(8, buffer).set32(20, room).set32(24, 1);
      }
      int result = call.invoke();
      if (room > 0) {
        log.append(buffer.getString(0));
      }
      return result;
    }
  }

  Descriptor descriptor() {
    return descriptor;
  }

  /// A program's functions and lines, if all its functions have types.
  Optional<ProgramLoad.Debug> debug(ProgramSpec program, int number) {
    List<ProgramFunction> functions = program.functions();
    if (!functions.stream().allMatch(this::isTyped)) {
      return Optional.empty();
    }
    ByteBuffer functionRecords =
        ByteBuffer.allocate(functions.size() * 8).order(ByteOrder.nativeOrder());
    functions.forEach(f -> functionRecords.putInt(f.slot()).putInt(f.type()));
    ByteBuffer lineRecords =
        ByteBuffer.allocate(program.lines().size() * 16).order(ByteOrder.nativeOrder());
    for (SourceLine line : program.lines()) {
      lineRecords
          .putInt(line.slot())
          .putInt(strings.getOrDefault(line.file(), 0))
          .putInt(strings.getOrDefault(line.text(), 0))
          .putInt((line.line() << 10) | (line.column() & 0x3ff));
    }
    return Optional.of(new ProgramLoad.Debug(number, functionRecords.array(), lineRecords.array()));
  }

  /// Not so in an object without BTF for code, or when the kernel takes none.
  private boolean isTyped(ProgramFunction function) {
    return btf.type(function.type()) instanceof BtfType.Function;
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
