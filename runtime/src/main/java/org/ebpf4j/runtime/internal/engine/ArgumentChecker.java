package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.runtime.internal.helper.SpinLockHold;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.run.Fault;
import org.jspecify.annotations.Nullable;

/// Holds the arguments of a call against the prototype, as the verifier does before a program runs:
/// bodies get addresses that are good for what they do with them.
final class ArgumentChecker {
  /// The longest memory an argument may name: `BPF_MAX_VAR_SIZ` in Linux 6.18's
  /// `include/linux/bpf_verifier.h`.
  private static final long MAX_SIZE = 1L << 29;

  /// The longest constant string that is looked through for its end.
  private static final int MAX_STRING = 4096;

  private static final int DYNPTR_BYTES = 16;

  private final CheckedRun run;

  ArgumentChecker(CheckedRun run) {
    this.run = run;
  }

  /// Checks `R1` to `R5`.
  ///
  /// @throws Fault naming the call, the argument and what is wrong with it
  void check(Callee callee, long[] r) {
    Argument[] arguments = callee.arguments();
    @Nullable RuntimeMap map = null;
    for (int i = 0; i < arguments.length; i++) {
      Argument argument = arguments[i];
      long value = r[i + 1];
      if (value == 0 && mayBeNull(argument)) {
        continue;
      }
      switch (argument.kind()) {
        case ANYTHING, BTF_OBJECT, PERCPU_BTF_OBJECT -> {}
        case SIZE, SIZE_OR_ZERO -> {}
        case STACK -> {} // handed on to a callback, whose accesses are checked
        case CONTEXT -> {
          if (value != run.contextAddress() && value != Handles.PACKET) {
            throw refuse(callee, i, value, "is not the context");
          }
        }
        case MAP -> {
          map = run.findMap(value);
          if (map == null) {
            throw refuse(callee, i, value, "is no map of this program");
          }
          if (map.fields().haveLock() && SpinLockHold.anyHeld(run)) {
            throw refuse(
                callee, i, value, "is a map with locks, for which a run that holds one might wait");
          }
        }
        case MAP_KEY -> memory(callee, i, value, keySize(map), false);
        case MAP_VALUE -> memory(callee, i, value, valueSize(map), writes(argument));
        case MEMORY -> {
          long size = argument.size() != 0 ? argument.size() : r[i + 2];
          if (argument.size() == 0) {
            size(callee, i + 1, arguments[i + 1], size);
          }
          memory(callee, i, value, size, writes(argument));
        }
        case ALLOCATION_SIZE -> {
          // For more than there can be, the helper gives nothing.
        }
        case SPIN_LOCK -> field(callee, i, value, SpecialFields.Kind.SPIN_LOCK);
        case TIMER -> {
          field(callee, i, value, SpecialFields.Kind.TIMER);
          if (SpinLockHold.anyHeld(run)) {
            throw refuse(
                callee, i, value, "is a timer, whose callback might wait for this run's lock");
          }
        }
        case KPTR -> pointerField(callee, i, value);
        case RING_RECORD -> {
          if (run.resources().find(value) == null) {
            throw refuse(callee, i, value, "is no record that this run has reserved");
          }
        }
        case SOCKET, SOCKET_COMMON -> {
          if (run.find(value, 1, false) == null) {
            throw refuse(callee, i, value, "is no socket that this run was given");
          }
        }
        case FUNCTION -> {
          if (!run.isFunction(value)) {
            throw refuse(callee, i, value, "is no function of this program");
          }
        }
        case STRING -> string(callee, i, value);
        case DYNPTR -> memory(callee, i, value, DYNPTR_BYTES, true);
      }
    }
  }

  /// Whether 0 is passed on without more. Where the next argument is the size, that has to be 0
  /// too.
  private static boolean mayBeNull(Argument argument) {
    boolean sized = argument.kind() == Argument.Kind.MEMORY && argument.size() == 0;
    return argument.has(Argument.Flag.OPTIONAL)
        || (argument.has(Argument.Flag.MAYBE_NULL) && !sized);
  }

  /// Whether a helper writes to what it is passed.
  static boolean writes(Argument argument) {
    return argument.has(Argument.Flag.UNINITIALIZED) || argument.has(Argument.Flag.WRITABLE);
  }

  private static int keySize(@Nullable RuntimeMap map) {
    return map == null ? 0 : map.spec().keySize();
  }

  private static int valueSize(@Nullable RuntimeMap map) {
    return map == null ? 0 : map.spec().valueSize();
  }

  private void size(Callee callee, int index, Argument argument, long size) {
    if (size < 0 || size >= MAX_SIZE) {
      throw refuse(callee, index, size, "is no size: it must lie between 0 and " + MAX_SIZE);
    }
    if (size == 0 && argument.kind() == Argument.Kind.SIZE) {
      throw refuse(callee, index, size, "is a size of 0, which this helper does not take");
    }
  }

  private void memory(Callee callee, int index, long address, long size, boolean write) {
    if (size == 0) {
      return;
    }
    Region region = run.find(address, (int) size, write);
    if (region == null || !region.direct()) {
      throw refuse(
          callee,
          index,
          address,
          "is not the address of %d %s bytes: %s"
              .formatted(size, write ? "writable" : "readable", run.explain(address)));
    }
  }

  private void field(Callee callee, int index, long address, SpecialFields.Kind kind) {
    if (!hasField(address, kind)) {
      throw refuse(callee, index, address, "is no " + kind + " in a map value or object");
    }
  }

  private void pointerField(Callee callee, int index, long address) {
    if (!hasField(address, SpecialFields.Kind.KPTR)
        && !hasField(address, SpecialFields.Kind.KPTR_PERCPU)) {
      throw refuse(callee, index, address, "is no referenced kptr in a map value or object");
    }
  }

  private boolean hasField(long address, SpecialFields.Kind kind) {
    FieldHolder holder = run.fieldHolder(address);
    return holder != null && holder.hasAt(address, kind);
  }

  private void string(Callee callee, int index, long address) {
    for (int length = 0; length < MAX_STRING; length++) {
      Region region = run.find(address + length, 1, false);
      if (region == null || !region.direct()) {
        break;
      }
      if (Memory.getByte(address + length) == 0) {
        return;
      }
    }
    throw refuse(callee, index, address, "is not the address of a string that ends");
  }

  private static Fault refuse(Callee callee, int index, long value, String problem) {
    return new Fault(
        ProgramFault.Kind.CALL,
        value,
        "%s: R%d = 0x%x %s".formatted(callee.label(), index + 1, value, problem));
  }
}
