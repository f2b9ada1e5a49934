package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.FixedRegion;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.object.ProgramStruct;
import org.jspecify.annotations.Nullable;

/// What an iterator's program is given: a `struct bpf_iter_meta`, and the thing that it is shown,
/// which is 0 at the end of the iteration.
///
/// Source: `struct bpf_iter__bpf_map_elem` and its like in Linux 6.18's `kernel/bpf/map_iter.c`,
/// `prog_iter.c` and `task_iter.c`.
public final class IteratorContext extends LinuxContext {
  private static final int META = 24;
  private static final int SESSION = 8;
  private static final int NUMBER = 16;

  /// The meta data, the thing, a key and a value.
  private static final int WORDS = 4;

  private final SequenceText text = new SequenceText();
  private final FixedRegion meta;
  private FixedRegion struct = FixedRegion.of("", MemorySegment.NULL, false);
  private FixedRegion key = FixedRegion.of("", MemorySegment.NULL, false);
  private FixedRegion value = FixedRegion.of("", MemorySegment.NULL, true);
  private long object;
  private @Nullable RuntimeMap map;

  /// Whether an element of the map is shown.
  private boolean element;

  /// Whether the element is shown where it lies, and not as a copy.
  private boolean inPlace;

  private boolean live;

  /// @param session the number of this iteration
  public IteratorContext(ContextLayout layout, long session) {
    super(layout);
    limit(WORDS * Long.BYTES);
    this.meta = region("struct bpf_iter_meta", META, false);
    Memory.putLong(meta.address(), Handles.SEQUENCE);
    Memory.putLong(meta.address() + SESSION, session);
  }

  private FixedRegion region(String name, long size, boolean writable) {
    return FixedRegion.of(name, arena().allocate(Math.max(size, 1), Long.BYTES), writable);
  }

  /// Its length depends on what is shown.
  @Override
  public @Nullable ContextLayout steadyLayout() {
    return null;
  }

  /// What the program has written.
  public SequenceText text() {
    return text;
  }

  /// Says how many things were shown before.
  public void number(long count) {
    Memory.putLong(meta.address() + NUMBER, count);
  }

  /// Makes room for the elements of a map, which live as long as the iteration.
  ///
  /// @param copied whether programs are shown copies: of the values of all CPUs
  public void showElementsOf(RuntimeMap shown, boolean copied) {
    map = shown;
    object = Handles.map(shown.id());
    inPlace = !copied;
    key = region("key of map " + shown.spec().name(), shown.spec().keySize(), false);
    value = region("value of map " + shown.spec().name(), shown.userValueSize(), true);
  }

  /// Shows an element next. One that is deleted before the program runs is shown as it was.
  ///
  /// @param copy its value as users see it
  public void showElement(byte[] name, byte[] copy) {
    Memory.copy(name, 0, key.address(), name.length);
    Memory.copy(copy, 0, value.address(), copy.length);
    element = true;
  }

  /// Shows a map itself next.
  public void showMap(RuntimeMap shown) {
    map = shown;
    object = Handles.map(shown.id());
  }

  /// Shows a program next.
  public void showProgram(ProgramStruct layout, ProgramStruct.Program program) {
    if (struct.length() < layout.size()) {
      struct = region("struct bpf_prog", layout.size(), false);
    }
    layout.write(struct.address(), program);
    object = struct.address();
  }

  /// Shows a thread next.
  public void showTask(int thread) {
    object = Handles.task(thread);
  }

  /// Shows that there is nothing more. Elements keep their map.
  public void showEnd() {
    if (key.length() == 0) {
      object = 0;
      map = null;
    }
    element = false;
  }

  /// The address of the value as the program is to see it: in the map, if it is still there.
  private long place(RuntimeMap shown, int cpu) {
    long found = inPlace ? shown.lookup(key.address(), cpu) : 0;
    live = found != 0;
    return live ? found : value.address();
  }

  @Override
  public void begin() {
    super.begin();
    live = false;
    Memory.putLong(address(), meta.address());
    Memory.putLong(address() + Long.BYTES, object);
    Memory.putLong(address() + 2L * Long.BYTES, element ? key.address() : 0);
    Memory.putLong(address() + 3L * Long.BYTES, element && map != null ? place(map, 0) : 0);
  }

  @Override
  public @Nullable RuntimeMap shownMap() {
    return map;
  }

  @Override
  public @Nullable Region find(long address, int size, boolean write) {
    for (Region region : new Region[] {meta, struct, key, value}) {
      if (write ? region.writable(address, size) : region.readable(address, size)) {
        return region;
      }
    }
    if (live
        && map != null
        && (write ? map.writable(address, size) : map.readable(address, size))) {
      return map;
    }
    return super.find(address, size, write);
  }

  @Override
  public void accept(String program, RunInput input) {
    throw new RunException(
        program, Errno.EINVAL, "an iterator takes no input: BpfProgram.iterate runs it");
  }
}
