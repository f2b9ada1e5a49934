package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Locks that time out, and sections without preemption or interrupts: a run has its virtual CPU to
/// itself, so these need nothing done.
///
/// Sources: `kernel/bpf/rqspinlock.c`, `kernel/bpf/helpers.c` of Linux 6.18.
enum LockFunctions implements HelperBody {
  BPF_RES_SPIN_LOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SpinLockHold.lockResilient(run, lock(run, a));
    }
  },

  BPF_RES_SPIN_UNLOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SpinLockHold.unlock(run, lock(run, a));
      return 0;
    }
  },

  BPF_RES_SPIN_LOCK_IRQSAVE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int result = SpinLockHold.lockResilient(run, lock(run, a));
      if (result == 0) {
        Memory.putLong(b, INTERRUPTS_ON);
      }
      return result;
    }
  },

  BPF_RES_SPIN_UNLOCK_IRQRESTORE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SpinLockHold.unlock(run, lock(run, a));
      return 0;
    }
  },

  BPF_PREEMPT_DISABLE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  BPF_PREEMPT_ENABLE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  BPF_LOCAL_IRQ_SAVE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.putLong(a, INTERRUPTS_ON);
      return 0;
    }
  },

  BPF_LOCAL_IRQ_RESTORE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  };

  /// What x86 keeps of the interrupt flag (`X86_EFLAGS_IF`); programs only hand it back.
  private static final long INTERRUPTS_ON = 0x200;

  private static long lock(Run run, long address) {
    FieldHolder holder = run.fieldHolder(address);
    if (holder == null || !holder.hasAt(address, Kind.RES_SPIN_LOCK)) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no bpf_res_spin_lock in a map value or object".formatted(address));
    }
    return address;
  }
}
