package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Objects with a struct for each CPU. The host has no kernel variables that could be per CPU.
/// Source: Linux 6.18's `kernel/bpf/helpers.c`.
enum PerCpuHelpers implements HelperBody {
  /// The struct of a CPU, or 0 for a CPU that the host does not have.
  PER_CPU_PTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int cpu = (int) b;
      return cpu < 0 || cpu >= run.objects().cpus() ? 0 : struct(run, a, cpu);
    }
  },

  THIS_CPU_PTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return struct(run, a, run.cpu());
    }
  };

  private static long struct(Run run, long address, int cpu) {
    KernelObject object = ObjectHold.see(run, address);
    if (object.kind() != KernelObject.Kind.STRUCT_PER_CPU || object.address() != address) {
      throw new Fault(
          ProgramFault.Kind.CALL, address, object.describe() + " has no value for each CPU");
    }
    return address + (long) (object.size() / run.objects().cpus()) * cpu;
  }
}
