package org.ebpf4j.runtime.internal.run;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.HelperCall;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.jspecify.annotations.Nullable;

/// One run under way on one virtual CPU, as helpers and contexts see it. The object belongs to its
/// CPU and serves run after run.
public abstract class Run implements HelperCall {
  /// How often a loop goes round that a program makes of a call: `bpf_loop`, numbers to iterate
  /// over, and the loops of one call that `may_goto` closes (`BPF_MAX_LOOPS` in Linux 6.18's
  /// `include/linux/bpf.h`).
  public static final int MOST_LOOPS = 8 << 20;

  private static final int SCRATCH = 64;

  private final int cpu;
  private final HostServices services;
  private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH, Long.BYTES);
  private final RunResources resources = new RunResources();

  protected Run(int cpu, HostServices services) {
    this.cpu = cpu;
    this.services = services;
  }

  /// The address of 64 bytes that a helper may use during its call.
  public final long scratch() {
    return scratch.address();
  }

  /// What programs ask about the world.
  public final Environment environment() {
    return services.environment();
  }

  /// The timers of the host.
  public final Timers timers() {
    return services.timers();
  }

  /// What the programs of the host have allocated.
  public final KernelObjects objects() {
    return services.objects();
  }

  /// How many instructions a run may execute that is not proven to end.
  protected final long mostInstructions() {
    return services.instructions();
  }

  /// Who looks on as programs run, if anyone does.
  protected final Optional<StepObserver> observer() {
    return services.observer();
  }

  /// The virtual CPU it runs on.
  @Override
  public final int cpu() {
    return cpu;
  }

  /// What helpers let the program touch, and what it holds.
  public final RunResources resources() {
    return resources;
  }

  /// What the program was given.
  public abstract ProgramContext context();

  /// The types of the object file that the program comes from.
  public abstract LocalTypes types();

  /// The map that a handle in a register stands for; the engine has checked that it is one.
  public abstract RuntimeMap map(long handle);

  /// The map value or object that holds this address, or `null`.
  public abstract @Nullable FieldHolder fieldHolder(long address);

  /// Whether a map of the program keeps an object, so that the program may look at it.
  public abstract boolean isKept(KernelObject object);

  /// Calls a function of the program, as `bpf_loop` and its like do, and gives its `R0`.
  ///
  /// @param function the handle that the program passed
  public abstract long call(long function, long a, long b, long c, long d, long e);

  /// Whether the program may read these bytes as ordinary memory: what `probe_read` and its like
  /// ask.
  public abstract boolean readable(long address, int size);

  /// Whether the program may write these bytes as ordinary memory.
  public abstract boolean writable(long address, int size);

  /// The byte at an address as an unsigned number, of ordinary memory or of a struct of the kernel
  /// that this host knows; -1 if the program may not read there.
  public abstract int byteAt(long address);
}
