package org.ebpf4j.isa;

import java.util.Optional;

/// One instruction as a value. The kinds are closed: a `switch` over them needs no default, and the
/// compiler finds the place that forgot one.
///
/// Jump offsets count slots of eight bytes from the instruction after this one, as in the encoding.
/// Source: RFC 9669; Linux 6.18's `Documentation/bpf/standardization/instruction-set.rst` and
/// `kernel/bpf/verifier.c` for what Linux added.
public sealed interface Instruction {

  /// Slots of eight bytes that the encoding takes: 2 for a 64-bit immediate load, else 1.
  default int slots() {
    return 1;
  }

  /// The register that the instruction itself names as its result. Calls, packet loads and
  /// `cmpxchg`, which leave theirs in `R0`, name none.
  default Optional<Register> result() {
    return switch (this) {
      case Alu i -> Optional.of(i.dst());
      case Negate i -> Optional.of(i.dst());
      case MoveSignExtended i -> Optional.of(i.dst());
      case SwapBytes i -> Optional.of(i.dst());
      case CastAddressSpace i -> Optional.of(i.dst());
      case Load i -> Optional.of(i.dst());
      case LoadAcquire i -> Optional.of(i.dst());
      case LoadImmediate64 i -> Optional.of(i.dst());
      case Atomic i ->
          i.operation().fetches() && i.operation() != AtomicOperation.CMPXCHG
              ? Optional.of(i.src())
              : Optional.empty();
      case Store _,
          StoreRelease _,
          LoadPacket _,
          Jump _,
          Goto _,
          MayGoto _,
          CallHelper _,
          CallLocal _,
          CallKernel _,
          Exit _ ->
          Optional.empty();
    };
  }

  /// `dst = dst OP src`.
  record Alu(Width width, AluOperation operation, Register dst, Operand src)
      implements Instruction {}

  /// `dst = -dst`.
  record Negate(Width width, Register dst) implements Instruction {}

  /// `dst = (s8|s16|s32) src`, the sign carried through the width. `bits` is 8, 16 or, for 64-bit
  /// moves only, 32.
  record MoveSignExtended(Width width, Register dst, Register src, int bits)
      implements Instruction {
    public MoveSignExtended {
      require(
          bits == 8 || bits == 16 || (bits == 32 && width == Width.W64),
          "a move extends 8, 16 or, to 64 bits, 32 bits");
    }
  }

  /// Conversion between the host's byte order and a fixed one, or an unconditional swap. `bits` is
  /// 16, 32 or 64; what is above them is cleared.
  record SwapBytes(Order order, Register dst, int bits) implements Instruction {
    public SwapBytes {
      require(bits == 16 || bits == 32 || bits == 64, "a byte swap works on 16, 32 or 64 bits");
    }

    /// Which order the result has.
    public enum Order {
      TO_LITTLE,
      TO_BIG,
      SWAP
    }
  }

  /// `dst = addr_space_cast(src, to, from)`: a pointer into an arena seen from the other address
  /// space. One of them is 1, the arena's, and the other 0, the kernel's.
  record CastAddressSpace(Register dst, Register src, int to, int from) implements Instruction {
    public CastAddressSpace {
      require((to == 0 && from == 1) || (to == 1 && from == 0), "address spaces are 0 and 1");
    }
  }

  /// `dst = *(size *)(src + offset)`, zero- or sign-extended to 64 bits. There is nothing to extend
  /// in `DOUBLE`, which has no signed form.
  record Load(MemorySize size, boolean signed, Register dst, Register src, short offset)
      implements Instruction {
    public Load {
      require(!signed || size != MemorySize.DOUBLE, "a load of 8 bytes has no signed form");
    }
  }

  /// `*(size *)(dst + offset) = src`.
  record Store(MemorySize size, Register dst, short offset, Operand src) implements Instruction {}

  /// An atomic operation on `*(size *)(dst + offset)`; `size` is `WORD` or `DOUBLE`.
  record Atomic(
      AtomicOperation operation, MemorySize size, Register dst, short offset, Register src)
      implements Instruction {
    public Atomic {
      require(size.bytes() >= 4, "an atomic operation works on 4 or 8 bytes");
    }
  }

  /// `dst = *(size *)(src + offset)`, no later access seen before it.
  record LoadAcquire(MemorySize size, Register dst, Register src, short offset)
      implements Instruction {}

  /// `*(size *)(dst + offset) = src`, no earlier access seen after it.
  record StoreRelease(MemorySize size, Register dst, short offset, Register src)
      implements Instruction {}

  /// A 64-bit constant, or what one of Linux's pseudo sources makes of it. Takes two slots; `low`
  /// and `high` are their immediates.
  record LoadImmediate64(Register dst, Source source, int low, int high) implements Instruction {
    public LoadImmediate64 {
      require(high == 0 || source.takesHigh(), "a map alone takes the lower half only");
    }

    /// The load of a plain number.
    public static LoadImmediate64 of(Register dst, long value) {
      return new LoadImmediate64(dst, Source.VALUE, (int) value, (int) (value >> 32));
    }

    @Override
    public int slots() {
      return 2;
    }

    /// Both halves as one number.
    public long value() {
      return (low & 0xffff_ffffL) | ((long) high << 32);
    }

    /// What the constant stands for: the value of the source register field (RFC 9669, section 5.4;
    /// `BPF_PSEUDO_*` in Linux's `include/uapi/linux/bpf.h`).
    public enum Source {
      /// The 64-bit number itself.
      VALUE,
      /// The map with file descriptor `low`.
      MAP_FD,
      /// The address `high` bytes into the value of the map with file descriptor `low`.
      MAP_VALUE,
      /// The kernel variable with BTF id `low`, of the module BTF with file descriptor `high`.
      BTF_ID,
      /// The function of this program that starts `low` slots after this instruction's first slot
      /// and one.
      FUNCTION,
      /// The map at index `low` of the file descriptors given when loading.
      MAP_INDEX,
      /// The address `high` bytes into the value of the map at index `low`.
      MAP_INDEX_VALUE;

      /// The source field of the encoding.
      public int number() {
        return ordinal();
      }

      /// Whether the upper half means anything; it is reserved where it does not.
      boolean takesHigh() {
        return this != MAP_FD && this != MAP_INDEX;
      }
    }
  }

  /// Classic BPF's packet load into `R0`: `size` bytes in network order at `offset`, plus `index`'s
  /// value if there is one. `R6` holds the context, `R1` to `R5` are lost, and a load outside of
  /// the packet ends the program with 0.
  record LoadPacket(MemorySize size, Operand index, int offset) implements Instruction {
    public LoadPacket {
      require(size != MemorySize.DOUBLE, "a packet load takes 1, 2 or 4 bytes");
      require(
          !(index instanceof Operand.Imm(int value)) || value == 0,
          "the index is a register, or the constant 0");
    }
  }

  /// A jump taken when `dst COND src` holds.
  record Jump(Width width, JumpCondition condition, Register dst, Operand src, short offset)
      implements Instruction {}

  /// A jump always taken. `wide` is the form with a 32-bit offset (`gotol`).
  record Goto(int offset, boolean wide) implements Instruction {
    public Goto {
      require(wide || offset == (short) offset, "an offset over 16 bits takes the wide form");
    }
  }

  /// A jump that the host takes when the loop it closes has run for long enough, and else ignores.
  record MayGoto(short offset) implements Instruction {}

  /// A call of the helper with this number.
  record CallHelper(int helper) implements Instruction {}

  /// A call of a function of the same program, `offset` slots after the next instruction.
  record CallLocal(int offset) implements Instruction {}

  /// A call of a kernel function by its BTF id; `module` is the offset field, 0 for the kernel
  /// itself.
  record CallKernel(int btfId, short module) implements Instruction {}

  /// Return from the function with `R0`.
  record Exit() implements Instruction {}

  private static void require(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }
}
