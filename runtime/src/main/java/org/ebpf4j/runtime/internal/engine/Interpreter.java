package org.ebpf4j.runtime.internal.engine;

import static org.ebpf4j.isa.Instruction.SwapBytes.Order.SWAP;
import static org.ebpf4j.runtime.internal.engine.Operation.*;

import java.util.Arrays;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.isa.Arithmetic;
import org.ebpf4j.isa.Width;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Thrown;

/// Executes lowered programs, checked: every access is held against the regions that the run may
/// touch, every call against the prototype, every instruction against the budget. It needs no proof
/// of anything and is the oracle for what does.
///
/// The loop keeps registers in an array of 16: `R0` to `R10`, the immediate of the current
/// instruction ([Operation#IMMEDIATE]), and a zero. Masking register numbers with 15 spares the
/// array's bounds checks.
final class Interpreter {
  /// No frame.
  private static final int NONE = -1;

  private final CheckedRun run;

  Interpreter(CheckedRun run) {
    this.run = run;
  }

  /// Runs a function of the program to its end and gives `R0`. `depth` is the number of frames
  /// below this one; callbacks enter here again from inside a helper.
  long execute(
      LinkedProgram entered, int entry, int depth, long a1, long a2, long a3, long a4, long a5) {
    LinkedProgram program = entered;
    long[] code = program.code();
    long[] r = new long[16];
    r[1] = a1;
    r[2] = a2;
    r[3] = a3;
    r[4] = a4;
    r[5] = a5;
    int frame = depth;
    // The frame that does not catch: of a callback, that for exceptions included.
    int catching = entry == 0 ? NONE : depth;
    int pc = entry;
    try {
      r[10] = run.enterFrame(program, frame, entry);
      long budget = run.portion();
      while (true) {
        long slot = code[pc];
        if (--budget < 0) {
          budget = run.refill(program, pc, r);
        }
        r[IMMEDIATE] = slot >> 32;
        int dst = (int) (slot >>> 8) & 15;
        long src = r[(int) (slot >>> 12) & 15];
        short offset = (short) (slot >>> 16);
        switch ((int) slot & 0xff) {
          case ADD64 -> r[dst] += src;
          case SUB64 -> r[dst] -= src;
          case MUL64 -> r[dst] *= src;
          case DIV64 -> r[dst] = Arithmetic.divide64(r[dst], src);
          case SDIV64 -> r[dst] = Arithmetic.divideSigned64(r[dst], src);
          case OR64 -> r[dst] |= src;
          case AND64 -> r[dst] &= src;
          case LSH64 -> r[dst] = Arithmetic.shiftLeft64(r[dst], src);
          case RSH64 -> r[dst] = Arithmetic.shiftRight64(r[dst], src);
          case MOD64 -> r[dst] = Arithmetic.remainder64(r[dst], src);
          case SMOD64 -> r[dst] = Arithmetic.remainderSigned64(r[dst], src);
          case XOR64 -> r[dst] ^= src;
          case MOV64 -> r[dst] = src;
          case ARSH64 -> r[dst] = Arithmetic.shiftRightSigned64(r[dst], src);
          case NEG64 -> r[dst] = -r[dst];
          case MOVSX64_8 -> r[dst] = (byte) src;
          case MOVSX64_16 -> r[dst] = (short) src;
          case MOVSX64_32 -> r[dst] = (int) src;
          case ADD32 -> r[dst] = Arithmetic.add32(r[dst], src);
          case SUB32 -> r[dst] = Arithmetic.subtract32(r[dst], src);
          case MUL32 -> r[dst] = Arithmetic.multiply32(r[dst], src);
          case DIV32 -> r[dst] = Arithmetic.divide32(r[dst], src);
          case SDIV32 -> r[dst] = Arithmetic.divideSigned32(r[dst], src);
          case OR32 -> r[dst] = Arithmetic.or32(r[dst], src);
          case AND32 -> r[dst] = Arithmetic.and32(r[dst], src);
          case LSH32 -> r[dst] = Arithmetic.shiftLeft32(r[dst], src);
          case RSH32 -> r[dst] = Arithmetic.shiftRight32(r[dst], src);
          case MOD32 -> r[dst] = Arithmetic.remainder32(r[dst], src);
          case SMOD32 -> r[dst] = Arithmetic.remainderSigned32(r[dst], src);
          case XOR32 -> r[dst] = Arithmetic.xor32(r[dst], src);
          case MOV32 -> r[dst] = Arithmetic.move32(src);
          case ARSH32 -> r[dst] = Arithmetic.shiftRightSigned32(r[dst], src);
          case NEG32 -> r[dst] = Arithmetic.negate(Width.W32, r[dst]);
          case MOVSX32_8 -> r[dst] = Arithmetic.move32((byte) src);
          case MOVSX32_16 -> r[dst] = Arithmetic.move32((short) src);
          case SWAP16 -> r[dst] = Arithmetic.swapBytes(SWAP, 16, r[dst]);
          case SWAP32 -> r[dst] = Arithmetic.swapBytes(SWAP, 32, r[dst]);
          case SWAP64 -> r[dst] = Arithmetic.swapBytes(SWAP, 64, r[dst]);
          case CLEAR_ABOVE16 -> r[dst] &= 0xffffL;
          case CLEAR_ABOVE32 -> r[dst] = Arithmetic.move32(r[dst]);
          case NOTHING -> {}
          case CAST_TO_USER ->
              r[dst] = (int) src == 0 ? 0 : Arithmetic.move32(src) | r[IMMEDIATE] << 32;

          case LOAD8 -> r[dst] = run.load(src + offset, 1);
          case LOAD16 -> r[dst] = run.load(src + offset, 2);
          case LOAD32 -> r[dst] = run.load(src + offset, 4);
          case LOAD64 -> r[dst] = run.load(src + offset, 8);
          case LOAD_SIGNED8 -> r[dst] = (byte) run.load(src + offset, 1);
          case LOAD_SIGNED16 -> r[dst] = (short) run.load(src + offset, 2);
          case LOAD_SIGNED32 -> r[dst] = (int) run.load(src + offset, 4);
          case STORE8 -> run.store(r[dst] + offset, 1, src);
          case STORE16 -> run.store(r[dst] + offset, 2, src);
          case STORE32 -> run.store(r[dst] + offset, 4, src);
          case STORE64 -> run.store(r[dst] + offset, 8, src);
          case ATOMIC32 -> atomic(slot, r, r[dst] + offset, 4);
          case ATOMIC64 -> atomic(slot, r, r[dst] + offset, 8);
          case LOAD_ACQUIRE -> r[dst] = run.loadAcquire(src + offset, (int) r[IMMEDIATE]);
          case STORE_RELEASE -> run.storeRelease(r[dst] + offset, (int) r[IMMEDIATE], src);
          case LOAD_OR_ZERO -> r[dst] = run.extended(src + offset, (int) r[IMMEDIATE]);
          case LOAD_CONSTANT -> r[dst] = code[++pc];
          case LOAD_PACKET -> {
            long loaded = run.loadPacket((int) r[IMMEDIATE] + (int) src, offset);
            r[0] = Math.max(loaded, 0);
            if (loaded < 0) {
              pc = code.length - 2;
            }
          }

          case JUMP -> pc = (int) r[IMMEDIATE] - 1;
          case JEQ64 -> pc += r[dst] == src ? offset : 0;
          case JGT64 -> pc += Long.compareUnsigned(r[dst], src) > 0 ? offset : 0;
          case JGE64 -> pc += Long.compareUnsigned(r[dst], src) >= 0 ? offset : 0;
          case JSET64 -> pc += (r[dst] & src) != 0 ? offset : 0;
          case JNE64 -> pc += r[dst] != src ? offset : 0;
          case JSGT64 -> pc += r[dst] > src ? offset : 0;
          case JSGE64 -> pc += r[dst] >= src ? offset : 0;
          case JLT64 -> pc += Long.compareUnsigned(r[dst], src) < 0 ? offset : 0;
          case JLE64 -> pc += Long.compareUnsigned(r[dst], src) <= 0 ? offset : 0;
          case JSLT64 -> pc += r[dst] < src ? offset : 0;
          case JSLE64 -> pc += r[dst] <= src ? offset : 0;
          case JEQ32 -> pc += (int) r[dst] == (int) src ? offset : 0;
          case JGT32 -> pc += Integer.compareUnsigned((int) r[dst], (int) src) > 0 ? offset : 0;
          case JGE32 -> pc += Integer.compareUnsigned((int) r[dst], (int) src) >= 0 ? offset : 0;
          case JSET32 -> pc += ((int) r[dst] & (int) src) != 0 ? offset : 0;
          case JNE32 -> pc += (int) r[dst] != (int) src ? offset : 0;
          case JSGT32 -> pc += (int) r[dst] > (int) src ? offset : 0;
          case JSGE32 -> pc += (int) r[dst] >= (int) src ? offset : 0;
          case JLT32 -> pc += Integer.compareUnsigned((int) r[dst], (int) src) < 0 ? offset : 0;
          case JLE32 -> pc += Integer.compareUnsigned((int) r[dst], (int) src) <= 0 ? offset : 0;
          case JSLT32 -> pc += (int) r[dst] < (int) src ? offset : 0;
          case JSLE32 -> pc += (int) r[dst] <= (int) src ? offset : 0;
          case MAY_GOTO -> {
            if (!run.mayGoOn(frame)) {
              pc = (int) r[IMMEDIATE] - 1;
            }
          }

          case CALL_HELPER -> {
            run.beginCall(program, pc, budget);
            try {
              r[0] = run.callHelper(program.callees()[(int) r[IMMEDIATE]], r);
            } catch (Thrown thrown) {
              frame = run.firstFrame(depth);
              if (frame == catching) {
                throw FramedRun.thrownInCallback();
              }
              catching = frame;
              pc = catchAt(program, frame, thrown.cookie(), r);
            }
            budget = run.portion();
          }
          case TAIL_CALL -> {
            LinkedProgram next = run.tailCall(r[1], r[2], r[3]);
            if (next != null) {
              program = next;
              catching = frame == catching ? NONE : catching;
              run.goOnIn(program);
              code = program.code();
              // Nothing of this program is seen by the next, as in compiled code.
              Arrays.fill(r, 2, 10, 0);
              r[0] = 0;
              r[10] = run.enterFrame(program, frame, 0);
              pc = -1;
            }
          }
          case CALL_LOCAL -> {
            run.saveFrame(program, pc, frame, r);
            frame++;
            pc = (int) r[IMMEDIATE];
            r[10] = run.enterFrame(program, frame, pc);
            pc--;
          }
          case EXIT -> {
            if (frame == depth) {
              run.exitAt(pc, budget);
              return r[0];
            }
            frame--;
            catching = frame < catching ? NONE : catching;
            program = run.restoreFrame(frame, r);
            code = program.code();
            pc = run.returnSlot(frame);
          }
          case TRAP ->
              throw new Fault(
                  ProgramFault.Kind.INSTRUCTION, 0, program.traps()[(int) r[IMMEDIATE]]);
          default -> throw new IllegalStateException("no such operation: " + (slot & 0xff));
        }
        pc++;
      }
    } catch (Fault fault) {
      throw run.located(fault, program, pc);
    }
  }

  /// Goes on where an exception leads: to the callback, or to the exit behind the program's slots.
  ///
  /// @return the slot before that
  private int catchAt(LinkedProgram program, int frame, long cookie, long[] r) {
    int callback = program.exceptionCallback();
    if (callback == LinkedProgram.NO_CALLBACK) {
      r[0] = cookie;
      return program.code().length - 2;
    }
    r[1] = cookie;
    r[10] = run.enterFrame(program, frame, callback);
    return callback - 1;
  }

  private void atomic(long slot, long[] r, long address, int size) {
    int dst = (int) (slot >>> 12) & 15;
    int operation = (int) (slot >> 32);
    long old = run.atomic(operation, address, size, r[dst], r[0]);
    if (operation == Atomics.CMPXCHG) {
      r[0] = old;
    } else if ((operation & Atomics.FETCH) != 0) {
      r[dst] = old;
    }
  }
}
