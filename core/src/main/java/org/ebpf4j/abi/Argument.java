package org.ebpf4j.abi;

import java.util.Set;

/// What a helper takes in one register.
///
/// @param kind what sort of value
/// @param flags what more is asked of it
/// @param size for [Kind#MEMORY] of a fixed size, its bytes; else 0, and the next argument is the
///   size
/// @param type for [Kind#BTF_OBJECT], the struct's name; else ""
///
///   Source of the kinds and flags: `enum bpf_arg_type` and `enum bpf_type_flag` in Linux 6.18's
///   `include/linux/bpf.h`.
public record Argument(Kind kind, Set<Flag> flags, int size, String type) {

  public Argument {
    flags = Set.copyOf(flags);
  }

  public static Argument of(Kind kind, Flag... flags) {
    return new Argument(kind, Set.of(flags), 0, "");
  }

  public boolean has(Flag flag) {
    return flags.contains(flag);
  }

  /// Sorts of values.
  public enum Kind {
    /// Any initialised value.
    ANYTHING,
    /// The program's context.
    CONTEXT,
    /// A map.
    MAP,
    /// The address of a key of the map given before.
    MAP_KEY,
    /// The address of a value of the map given before.
    MAP_VALUE,
    /// The address of memory whose size is fixed, or in the next argument.
    MEMORY,
    /// A number of bytes, not 0, of the memory given before.
    SIZE,
    /// A number of bytes, or 0, of the memory given before.
    SIZE_OR_ZERO,
    /// A known number of bytes to allocate.
    ALLOCATION_SIZE,
    /// Memory on the stack.
    STACK,
    /// A socket of any sort.
    SOCKET_COMMON,
    /// A full socket.
    SOCKET,
    /// A kernel object known by BTF.
    BTF_OBJECT,
    /// A kernel object of this CPU.
    PERCPU_BTF_OBJECT,
    /// A `struct bpf_spin_lock` in a map value or allocated object.
    SPIN_LOCK,
    /// A `struct bpf_timer` in a map value.
    TIMER,
    /// A kptr field of a map value.
    KPTR,
    /// A record of a ring buffer.
    RING_RECORD,
    /// A function of the program, to be called back.
    FUNCTION,
    /// A constant string in read-only memory.
    STRING,
    /// A `struct bpf_dynptr` on the stack.
    DYNPTR
  }

  /// What more is asked.
  public enum Flag {
    /// 0 will do; for memory whose size is the next argument, if that is 0 too.
    MAYBE_NULL,
    /// 0 will do for memory, whatever its size (`__opt` of kernel functions).
    OPTIONAL,
    /// The helper writes it: it need not be initialised.
    UNINITIALIZED,
    /// The helper writes to it.
    WRITABLE,
    /// The helper only reads it: read-only memory will do.
    READ_ONLY,
    /// The helper ends the reference that the program holds.
    RELEASES,
    /// The address is a multiple of the size.
    ALIGNED,
    /// For dynptrs: one over local memory.
    DYNPTR_LOCAL,
    /// For dynptrs: one over a ring buffer's record.
    DYNPTR_RING
  }
}
