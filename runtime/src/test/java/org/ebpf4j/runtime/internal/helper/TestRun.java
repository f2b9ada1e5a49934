package org.ebpf4j.runtime.internal.helper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.internal.context.PlainContext;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.Timers;
import org.jspecify.annotations.Nullable;

/// A run without an engine: helpers are called by name, with memory that the test allocates.
final class TestRun extends Run implements AutoCloseable {

  /// A function of the program, as the test plays it.
  interface Function {
    long call(long a, long b, long c, long d, long e);
  }

  /// Helpers by themselves have no host, and so no timers.
  private enum NoTimers implements Timers {
    NONE;

    @Override
    public long init(RuntimeMap map, long address, SpecialFields.Kind kind, long clock) {
      return Errno.EPERM.negated();
    }

    @Override
    public long setCallback(Run run, long address, long function) {
      return Errno.EINVAL.negated();
    }

    @Override
    public long start(Run run, long address, long nanos, long flags) {
      return Errno.EINVAL.negated();
    }

    @Override
    public long cancel(long address) {
      return Errno.EINVAL.negated();
    }
  }

  private final Arena arena = Arena.ofConfined();
  private final List<MemorySegment> memory = new ArrayList<>();
  private final Map<Long, RuntimeMap> maps = new HashMap<>();
  private final Map<Long, Function> functions = new HashMap<>();
  private final ProgramContext context;
  private LocalTypes types = new LocalTypes(Btf.empty(), Btf.empty());

  TestRun(Environment environment, ProgramContext context) {
    super(0, new HostServices(environment, NoTimers.NONE, newObjects(), 0, Optional.empty()));
    this.context = context;
  }

  TestRun(Environment environment) {
    this(environment, new PlainContext(new ContextLayout("none", 0, List.of()), false));
  }

  long call(String helper, long... arguments) {
    return call(body(helper), arguments);
  }

  /// Calls a helper as a program does that was not proven.
  long unproven(String helper, long... arguments) {
    return call(body(helper).ofUnproven(), arguments);
  }

  /// Calls a kernel function by its name.
  long function(String name, long... arguments) {
    return call(KernelFunctionTable.all().get(name), arguments);
  }

  private static HelperBody body(String helper) {
    return HelperTable.all().get(Helpers.byName(helper).orElseThrow().id());
  }

  private long call(HelperBody body, long... arguments) {
    long[] r = java.util.Arrays.copyOf(arguments, 5);
    return body.call(this, r[0], r[1], r[2], r[3], r[4]);
  }

  /// Memory of the program: zeros.
  long allocate(int size) {
    MemorySegment segment = arena.allocate(Math.max(size, 1), 16);
    memory.add(segment);
    return segment.address();
  }

  /// Memory of the program with these bytes.
  long bytes(int... values) {
    long address = allocate(values.length);
    for (int i = 0; i < values.length; i++) {
      Memory.putByte(address + i, (byte) values[i]);
    }
    return address;
  }

  /// A string of the program, with its NUL.
  long string(String text) {
    MemorySegment segment = arena.allocateFrom(text);
    memory.add(segment);
    return segment.address();
  }

  String text(long address) {
    return Memory.segment(address, 4096).getString(0);
  }

  long add(RuntimeMap map) {
    long handle = 0x1000 + maps.size();
    maps.put(handle, map);
    return handle;
  }

  long add(Function function) {
    long handle = 0x2000 + functions.size();
    functions.put(handle, function);
    return handle;
  }

  @Override
  public ProgramContext context() {
    return context;
  }

  @Override
  public RuntimeMap map(long handle) {
    return maps.get(handle);
  }

  private static KernelObjects newObjects() {
    return new KernelObjects(new Epochs(1), new Budget(1 << 24, true));
  }

  @Override
  public LocalTypes types() {
    return types;
  }

  @Override
  public boolean isKept(KernelObject object) {
    return maps.containsValue(object.keeper());
  }

  @Override
  public @Nullable FieldHolder fieldHolder(long address) {
    RuntimeMap map = mapAt(address);
    return map != null ? map : objects().at(address);
  }

  private @Nullable RuntimeMap mapAt(long address) {
    return maps.values().stream().filter(map -> map.readable(address, 1)).findFirst().orElse(null);
  }

  @Override
  public long call(long function, long a, long b, long c, long d, long e) {
    return functions.get(function).call(a, b, c, d, e);
  }

  @Override
  public boolean writable(long address, int size) {
    return readable(address, size);
  }

  @Override
  public boolean readable(long address, int size) {
    for (MemorySegment segment : memory) {
      if (address >= segment.address()
          && address <= segment.address() + segment.byteSize() - size) {
        return true;
      }
    }
    for (int i = 0; i < resources().regionCount(); i++) {
      if (resources().region(i).readable(address, size)) {
        return true;
      }
    }
    return mapAt(address) != null || context.find(address, size, false) != null;
  }

  @Override
  public int byteAt(long address) {
    return readable(address, 1) ? Memory.getByte(address) & 0xff : -1;
  }

  @Override
  public MemorySegment memory(long address, int size) {
    if (!readable(address, size)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%d bytes at 0x%x", size, address));
    }
    return Memory.segment(address, size);
  }

  @Override
  public void close() {
    resources().releaseAll(this);
    context.close();
    arena.close();
  }
}
