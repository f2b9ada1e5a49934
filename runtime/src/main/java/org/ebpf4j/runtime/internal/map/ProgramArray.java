package org.ebpf4j.runtime.internal.map;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// `BPF_MAP_TYPE_PROG_ARRAY`: programs by index, for `bpf_tail_call`. Emptied when its last user
/// goes, so that programs which hold an array that holds them can go too.
///
/// Source: Linux 6.18's `kernel/bpf/arraymap.c`.
public final class ProgramArray extends IndexedMap {
  private final Slots<TailCallTarget> programs;
  private final AtomicReference<@Nullable TailCallTarget> owner = new AtomicReference<>();

  ProgramArray(MapSpec spec, MapSite site) {
    super(spec, site);
    this.programs = new Slots<>(site, spec.maxEntries());
  }

  /// The program at an index, or `null`: the tail call then fails and the caller goes on.
  public @Nullable TailCallTarget program(int index) {
    return programs.get(index);
  }

  /// Whether a program may use the array, or be in it: all that do are like the first.
  public boolean claim(TailCallTarget program) {
    TailCallTarget first = owner.get();
    if (first == null) {
      first = owner.compareAndSet(null, program) ? program : owner.get();
    }
    return first == null || program.sharesArrayWith(first);
  }

  /// Puts a program at an index; 0, `E2BIG` for the index, `EBADF` for a program that is closed,
  /// `EINVAL` for one that does not go with those that the array had first.
  public int put(int index, TailCallTarget program) {
    if (Integer.compareUnsigned(index, programs.length()) >= 0) {
      return Errno.E2BIG.negated();
    }
    if (!program.retain()) {
      return Errno.EBADF.negated();
    }
    if (!claim(program)) {
      program.release();
      return Errno.EINVAL.negated();
    }
    release(programs.replace(index, program));
    return 0;
  }

  private static void release(@Nullable TailCallTarget program) {
    if (program != null) {
      program.release();
    }
  }

  @Override
  public int delete(long key, int cpu) {
    int index = index(key);
    if (index < 0) {
      return Errno.E2BIG.negated();
    }
    TailCallTarget old = programs.replace(index, null);
    release(old);
    return old == null ? Errno.ENOENT.negated() : 0;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    Optional<TailCallTarget> program = Optional.ofNullable(program(index(key)));
    program.ifPresent(found -> Memory.putInt(to, found.id()));
    return program.isPresent() ? 0 : Errno.ENOENT.negated();
  }

  @Override
  long at(int index, int cpu) {
    return 0;
  }

  @Override
  protected void userless() {
    for (int i = 0; i < programs.length(); i++) {
      release(programs.replace(i, null));
    }
  }

  @Override
  protected void abandon() {
    userless();
  }

  @Override
  protected void free() {
    programs.free();
  }

  @Override
  public boolean readable(long address, int size) {
    return false;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
