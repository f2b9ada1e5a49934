package org.ebpf4j.linux.internal.program;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Descriptor;

/// Makes the call `BPF_PROG_LOAD`, as often as it takes to get the whole log.
public final class ProgramLoader {
  /// Bytes of the first buffer for a log. The largest that Linux takes is a quarter of 2^32.
  private static final int FIRST_LOG_BYTES = 1 << 16;

  private static final int LARGEST_LOG_BYTES = (1 << 30) - 1;

  /// Linux gives `EAGAIN` when a signal came in between.
  private static final int TRIES = 5;

  private static final int LOG_TRUE_SIZE = 140;
  private static final int FUNCTION_RECORD_BYTES = 8;
  private static final int LINE_RECORD_BYTES = 16;

  private ProgramLoader() {}

  /// What became of it.
  public sealed interface Outcome {
    String log();

    /// @param program the program's descriptor
    record Loaded(Descriptor program, String log) implements Outcome {}

    /// @param log the whole log, "" if the verifier was not reached
    record Refused(Errno errno, String log) implements Outcome {}
  }

  /// Loads a program, and asks for the log only if it is refused.
  public static Outcome load(ProgramLoad load) {
    if (call(load, 0, 0) instanceof Outcome.Loaded loaded) {
      return loaded;
    }
    Outcome outcome = loadWithLog(load, 1);
    return isTooNew(outcome) && load.plainer() != load ? load(load.plainer()) : outcome;
  }

  /// Whether the kernel met attributes that it does not know: names came with Linux 4.15, functions
  /// and lines with 5.0. It says so before the verifier has a word, which gives the same error for
  /// programs that are too complex.
  private static boolean isTooNew(Outcome outcome) {
    return outcome instanceof Outcome.Refused(Errno errno, String log)
        && errno == Errno.E2BIG
        && log.isEmpty();
  }

  /// Loads a program and gives the log in any case.
  ///
  /// @param level 1 for what leads to a refusal, 2 for all, 4 for statistics
  public static Outcome loadWithLog(ProgramLoad load, int level) {
    int room = FIRST_LOG_BYTES;
    while (true) {
      Attempt attempt = attempt(load, level, room);
      if (attempt.missing() == 0) {
        return attempt.outcome();
      }
      room = (int) Math.min(LARGEST_LOG_BYTES, Math.max(room * 2L, attempt.missing()));
    }
  }

  /// @param missing bytes that the log needs if the buffer was too small, else 0
  private record Attempt(Outcome outcome, long missing) {}

  private static Outcome call(ProgramLoad load, int level, int room) {
    return attempt(load, level, room).outcome();
  }

  private static Attempt attempt(ProgramLoad load, int level, int room) {
    try (BpfCall call = new BpfCall(BpfCommand.PROG_LOAD)) {
      set(call, load);
      MemorySegment log = call.allocate(room);
      if (room > 0) {
        // Setting it makes room for log_true_size, which Linux 6.4 and later write.
        call.set32(24, level).set32(28, room).setPointer(32, log).set32(LOG_TRUE_SIZE, 0);
      }
      int result = call.invoke();
      for (int i = 1; i < TRIES && result == -Errno.EAGAIN.number(); i++) {
        result = call.invoke();
      }
      String text = room > 0 ? log.getString(0) : "";
      if (result >= 0) {
        return new Attempt(new Outcome.Loaded(new Descriptor(result), text), 0);
      }
      Errno errno = Errors.of(result);
      boolean cut = errno == Errno.ENOSPC && room > 0 && room < LARGEST_LOG_BYTES;
      long needed = Integer.toUnsignedLong(call.get32(LOG_TRUE_SIZE));
      return new Attempt(new Outcome.Refused(errno, text), cut ? Math.max(1, needed) : 0);
    }
  }

  /// Offsets are those of `union bpf_attr`.
  private static void set(BpfCall call, ProgramLoad load) {
    call.set32(0, load.type())
        .set32(4, load.code().size())
        .setPointer(8, call.copy(load.code().toBytes(ByteOrder.nativeOrder())))
        .setPointer(16, call.copy(load.license()))
        .set32(40, load.kernelVersion())
        .set32(44, load.flags());
    if (!load.name().isEmpty()) {
      call.setName(48, load.name());
    }
    if (load.attachType() != 0) {
      call.set32(68, load.attachType());
    }
    load.debug()
        .ifPresent(debug ->
            call.set32(72, debug.btf())
                .set32(76, FUNCTION_RECORD_BYTES)
                .setPointer(80, call.copy(debug.functions()))
                .set32(88, debug.functions().length / FUNCTION_RECORD_BYTES)
                .set32(92, LINE_RECORD_BYTES)
                .setPointer(96, call.copy(debug.lines()))
                .set32(104, debug.lines().length / LINE_RECORD_BYTES));
    if (load.attachBtfId() != 0) {
      call.set32(108, load.attachBtfId()).set32(112, load.attachDescriptor());
    }
    int[] modules = load.moduleDescriptors();
    if (modules.length > 0) {
      MemorySegment array = call.allocate((long) modules.length * Integer.BYTES);
      IntStream.range(0, modules.length).forEach(i -> array.setAtIndex(JAVA_INT, i, modules[i]));
      call.setPointer(120, array);
    }
  }
}
