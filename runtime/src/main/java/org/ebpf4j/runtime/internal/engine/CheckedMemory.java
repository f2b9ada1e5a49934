package org.ebpf4j.runtime.internal.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.Task;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.RunResources;
import org.jspecify.annotations.Nullable;

/// What a run may touch: its stack, the context and what that holds, the values of the program's
/// maps, what helpers handed out, objects that maps keep. Every access through it is checked.
public abstract class CheckedMemory extends Run {
  /// How far from a stray address a region is looked for, to explain the fault.
  private static final int NEAR = 4096;

  /// Bytes of a frame of the stack.
  private static final int FRAME_BYTES = 512;

  private final Arena arena;

  /// The first byte of the stack.
  final long stack;

  private final Region stackRegion = new StackRegion();
  private final Region structs = new StructRegion();

  /// The program whose function is under way.
  LinkedProgram program;

  ProgramContext context;

  /// One past the last byte of stack that the program may touch.
  long stackTop;

  /// What of the stack is not cleared yet, from and to; to 0 if all is.
  private long unsettledStart;

  private long unsettledEnd;

  /// What the context says of itself, kept here as each access asks for it.
  private Region packet;

  private long contextStart;
  private @Nullable ContextLayout layout;

  /// What the segments that helpers get live in: opened when a helper asks, closed with the run.
  private @Nullable Arena lent;

  /// The thread in the run, or in the last one.
  private @Nullable Thread owner;

  private boolean underWay;

  CheckedMemory(
      int cpu,
      HostServices services,
      long stackBytes,
      LinkedProgram first,
      ProgramContext firstContext) {
    super(cpu, services);
    this.arena = Arena.ofShared();
    this.stack = arena.allocate(stackBytes, 16).address();
    this.stackTop = stack;
    this.program = first;
    this.context = firstContext;
    this.packet = firstContext.stretch();
    this.contextStart = firstContext.address();
    this.layout = firstContext.steadyLayout();
  }

  /// Frees the stack; no run may be under way.
  public void close() {
    arena.close();
  }

  /// Whether it was turned to this context last.
  public final boolean isTurnedTo(ProgramContext given) {
    return context == given;
  }

  /// Says whose accesses come now. Mostly all is as in the last run, and to store a reference costs
  /// more than to compare it.
  public final void turnTo(LinkedProgram entered, ProgramContext given) {
    changeProgram(entered);
    if (context != given) {
      context = given;
      resources().forgetAccesses();
      packet = given.stretch();
      contextStart = given.address();
      layout = given.steadyLayout();
      forgetUnsettled();
    }
  }

  /// A run begins, on this thread.
  final void begin(LinkedProgram entered, ProgramContext given) {
    turnTo(entered, given);
    forgetUnsettled();
    Thread self = Thread.currentThread();
    if (owner != self) {
      owner = self;
    }
    underWay = true;
  }

  /// The run is over: nothing of the stack may be touched, nor what helpers were lent.
  final void endAccesses() {
    underWay = false;
    stackTop = stack;
    endLoans();
  }

  private void endLoans() {
    if (lent != null) {
      lent.close();
      lent = null;
    }
  }

  @Override
  public ProgramContext context() {
    return context;
  }

  /// The program whose function is under way.
  public LinkedProgram program() {
    return program;
  }

  long contextAddress() {
    return context.address();
  }

  public long load(long address, int size) {
    return onStack(address, size) || packet.inStretch(address, size)
        ? Region.loadOrdinary(address, size)
        : loadElsewhere(address, size);
  }

  private long loadElsewhere(long address, int size) {
    Region region = resources().last();
    if (!region.readable(address, size)) {
      region = resources().lastButOne();
      if (!region.readable(address, size)) {
        region = find(address, size, false);
        if (region == null) {
          throw refused("load", address, size);
        }
        expect(region);
      }
    }
    return region.load(address, size);
  }

  /// A load through a pointer that nobody vouches for: gives 0 where nothing is that the run may
  /// load. Where something is that this host cannot show, it is a fault all the same: 0 would be
  /// taken for the truth.
  public long loadOrZero(long address, int size) {
    if (onStack(address, size) || packet.inStretch(address, size)) {
      return Region.loadOrdinary(address, size);
    }
    Region region = find(address, size, false);
    if (region != null) {
      return region.load(address, size);
    }
    if (!Handles.describe(address).isEmpty()) {
      throw refused("load", address, size);
    }
    return 0;
  }

  /// The same for the interpreter.
  ///
  /// @param size in bytes, negative to extend the sign
  final long extended(long address, int size) {
    long loaded = loadOrZero(address, Math.abs(size));
    int above = Long.SIZE + size * Byte.SIZE;
    return size < 0 ? loaded << above >> above : loaded;
  }

  public void store(long address, int size, long value) {
    if (onStack(address, size) || packet.inWritableStretch(address, size)) {
      Region.storeOrdinary(address, size, value);
    } else {
      storeElsewhere(address, size, value);
    }
  }

  private void storeElsewhere(long address, int size, long value) {
    Region region = resources().last();
    if (!region.writable(address, size)) {
      region = resources().lastButOne();
      if (!region.writable(address, size)) {
        region = find(address, size, true);
        if (region == null) {
          throw refused("store", address, size);
        }
        expect(region);
      }
    }
    region.store(address, size, value);
  }

  /// The next access is likely to go to this region, too. Objects are looked for each time: a map
  /// may give them away.
  final void expect(Region region) {
    if (!(region instanceof KernelObject) && region != resources().last()) {
      resources().accessed(region);
    }
  }

  /// Other maps may be touched from now on.
  final void changeProgram(LinkedProgram other) {
    if (program != other) {
      program = other;
      resources().forgetAccesses();
    }
  }

  private boolean onStack(long address, int size) {
    if (address >= stack && address <= stackTop - size) {
      if (address < unsettledEnd && address + size > unsettledStart) {
        settle();
      }
      return true;
    }
    return false;
  }

  /// Leaves a part of the stack uncleared until somebody asks for it: of the frame of the function
  /// under way, which itself does not touch that part otherwise. Before another function begins, it
  /// has to be [#settle]d.
  final void leaveUnsettled(long start, long end) {
    unsettledStart = start;
    unsettledEnd = end;
  }

  /// Clears what was left uncleared.
  final void settle() {
    if (unsettledEnd != 0) {
      Memory.fill(unsettledStart, unsettledEnd - unsettledStart, (byte) 0);
      unsettledEnd = 0;
    }
  }

  /// The frame is another program's from now on.
  final void forgetUnsettled() {
    unsettledEnd = 0;
  }

  // What compiled code asks before it accesses memory directly

  /// Whether an access lies in the packet.
  public final boolean inPacket(long address, int size) {
    return packet.inStretch(address, size);
  }

  /// Whether an access lies in a packet that the program may write to.
  public final boolean inWritablePacket(long address, int size) {
    return packet.inWritableStretch(address, size);
  }

  /// Whether an access lies in a frame below the one of the function under way: all of these are
  /// cleared.
  ///
  /// @param framePointer that of the function under way
  public final boolean inLowerFrames(long address, int size, long framePointer) {
    return address >= stack && address <= framePointer - FRAME_BYTES - size;
  }

  /// Whether the run's context is at an address and laid out, as a whole and in every run, as the
  /// compiler took it to be.
  public final boolean isContext(long address, ContextLayout expected) {
    return address == contextStart && isLayout(expected);
  }

  @SuppressWarnings("ReferenceEquality") // Others that are equal are only accessed more slowly.
  private boolean isLayout(ContextLayout expected) {
    return layout == expected;
  }

  public long loadAcquire(long address, int size) {
    long value = load(address, size);
    VarHandle.acquireFence();
    return value;
  }

  public void storeRelease(long address, int size, long value) {
    VarHandle.releaseFence();
    store(address, size, value);
  }

  /// Atomic operations need aligned memory, of the ordinary kind or an arena's.
  ///
  /// @return where it is; 0 for a page that is not there
  private long atomicPlace(long address, int size) {
    Region region = find(address, size, true);
    if (region == null || !(region.direct() || region instanceof ArenaMap)) {
      throw refused("atomic operation", address, size);
    }
    if ((address & (size - 1)) != 0) {
      throw new Fault(
          ProgramFault.Kind.ACCESS,
          address,
          "atomic operation on %d bytes at 0x%x, which is not aligned".formatted(size, address));
    }
    return region instanceof ArenaMap arena ? arena.place(address, size) : address;
  }

  /// The bytes of a packet at an offset, in network order, or -1 outside of it (`LD_ABS`,
  /// `LD_IND`).
  public long loadPacket(int offset, int size) {
    return context.loadPacket(offset, size);
  }

  /// The region that holds all of an access, or `null`.
  @Nullable Region find(long address, int size, boolean write) {
    if (stackRegion.readable(address, size)) {
      return stackRegion;
    }
    Region region = context.find(address, size, write);
    if (region != null) {
      return region;
    }
    for (RuntimeMap map : program.maps()) {
      if (write ? map.writable(address, size) : map.readable(address, size)) {
        return map;
      }
    }
    RunResources resources = resources();
    for (int i = 0; i < resources.regionCount(); i++) {
      region = resources.region(i);
      if (write ? region.writable(address, size) : region.readable(address, size)) {
        return region;
      }
    }
    if (!write && structs.readable(address, size)) {
      return structs;
    }
    return object(address, size, write);
  }

  /// The object that holds all of an access, if a map of the program keeps it.
  private @Nullable Region object(long address, int size, boolean write) {
    KernelObject object = objects().at(address);
    if (object == null || !isKept(object)) {
      return null;
    }
    return (write ? object.writable(address, size) : object.readable(address, size))
        ? object
        : null;
  }

  @Override
  public boolean isKept(KernelObject object) {
    RuntimeMap keeper = object.keeper();
    for (RuntimeMap map : program.maps()) {
      if (map == keeper) {
        return true;
      }
    }
    return false;
  }

  private Fault refused(String access, long address, int size) {
    return new Fault(
        ProgramFault.Kind.ACCESS,
        address,
        "%s of %d %s at 0x%x: %s"
            .formatted(access, size, size == 1 ? "byte" : "bytes", address, explain(address)));
  }

  /// What lies at or near an address that an access missed.
  String explain(long address) {
    if (address == 0 || Long.compareUnsigned(address, 4096) < 0) {
      return "that is a null pointer, or nearly one";
    }
    String handle = Handles.describe(address);
    if (!handle.isEmpty()) {
      return "that is " + handle;
    }
    String field = context.describe(address);
    // Behind the context may lie something else of the run, by chance.
    if (!field.isEmpty() && find(address, 1, false) == context.find(address, 1, false)) {
      return "that is " + field;
    }
    for (int distance = 0; distance <= NEAR; distance++) {
      Region before = find(address - distance, 1, false);
      if (before != null) {
        return distance == 0
            ? "it begins in %s and leaves it, or is not allowed there".formatted(before.describe())
            : before.pastEnd(distance - 1);
      }
      Region after = find(address + distance, 1, false);
      if (after != null) {
        return "%s before %s"
            .formatted(distance == 1 ? "1 byte" : distance + " bytes", after.describe());
      }
    }
    return "no region of this run is near";
  }

  @Override
  public boolean readable(long address, int size) {
    Region region = find(address, size, false);
    return region != null && region.direct();
  }

  @Override
  public boolean writable(long address, int size) {
    Region region = find(address, size, true);
    return region != null && region.direct();
  }

  @Override
  public int byteAt(long address) {
    Region region = find(address, 1, false);
    return region != null && (region.direct() || region == structs)
        ? (int) region.load(address, 1)
        : -1;
  }

  @Override
  public @Nullable FieldHolder fieldHolder(long address) {
    return find(address, 1, false) instanceof FieldHolder holder ? holder : null;
  }

  @Override
  public LocalTypes types() {
    return program.types();
  }

  /// To read alone, whatever the program may do there: what it did not pass to be written to, its
  /// proof takes for unchanged.
  @Override
  public MemorySegment memory(long address, int size) {
    requireUnderWay();
    return lend(address, size, false, loans()).asReadOnly();
  }

  /// As [#memory], for a helper that the program lets write there, until `loan` ends.
  final MemorySegment writableMemory(long address, int size, Arena loan) {
    requireUnderWay();
    return lend(address, size, true, loan);
  }

  private void requireUnderWay() {
    if (!underWay || owner != Thread.currentThread()) {
      throw new IllegalStateException("the helper's call is over, or this is another thread");
    }
  }

  private MemorySegment lend(long address, int size, boolean write, Arena loan) {
    if (size < 0) {
      throw new IllegalArgumentException("a size of %d bytes is negative".formatted(size));
    }
    Region region = find(address, size, write);
    if (region == null || !region.direct()) {
      throw new IllegalArgumentException(
          "%d bytes at 0x%x: %s".formatted(size, address, explain(address)));
    }
    return Memory.segment(address, size).reinterpret(loan, null);
  }

  private Arena loans() {
    if (lent == null) {
      lent = Arena.ofConfined();
    }
    return lent;
  }

  /// An atomic operation, checked; gives what was there before. Where an arena has no page, nothing
  /// happens, and the register keeps what it held.
  ///
  /// @param operation the immediate that encodes it
  public long atomic(int operation, long address, int size, long value, long expected) {
    long place = atomicPlace(address, size);
    if (place == 0) {
      return operation == Atomics.CMPXCHG ? expected : value;
    }
    return size == Long.BYTES
        ? Atomics.apply64(operation, place, value, expected)
        : Atomics.apply32(operation, place, (int) value, (int) expected);
  }

  boolean isFunction(long handle) {
    return program.isFunction(Handles.functionSlot(handle));
  }

  @Override
  public RuntimeMap map(long handle) {
    RuntimeMap map = findMap(handle);
    if (map == null) {
      throw new IllegalStateException("no map has the handle 0x" + Long.toHexString(handle));
    }
    return map;
  }

  /// The map that a handle stands for, if it is this program's or one that this run was given.
  @Nullable RuntimeMap findMap(long handle) {
    int id = Handles.mapId(handle);
    for (RuntimeMap map : program.maps()) {
      if (map.id() == id) {
        return map;
      }
    }
    RuntimeMap shown = context.shownMap();
    if (shown != null && shown.id() == id) {
      return shown;
    }
    RunResources resources = resources();
    for (int i = 0; i < resources.regionCount(); i++) {
      if (resources.region(i) instanceof RuntimeMap map && map.id() == id) {
        return map;
      }
    }
    return null;
  }

  /// The structs of the kernel that handles stand for: the maps that the program may use, and
  /// threads that the environment knows.
  private final class StructRegion extends Region {
    @Override
    public String describe() {
      return "struct bpf_map or task_struct";
    }

    @Override
    public boolean readable(long address, int size) {
      int id = Handles.mapAround(address);
      if (id >= 0) {
        return findMap(Handles.map(id)) != null
            && program.types().mapStruct().has(Handles.mapOffset(address), size);
      }
      long thread = Handles.taskAround(address);
      return thread >= 0
          && program.types().taskStruct().has(Handles.taskOffset(address), size)
          && environment().task((int) thread).isPresent();
    }

    @Override
    public long load(long address, int size) {
      int id = Handles.mapAround(address);
      if (id >= 0) {
        return program
            .types()
            .mapStruct()
            .load(map(Handles.map(id)), Handles.mapOffset(address), size);
      }
      Optional<Task> task = environment().task((int) Handles.taskAround(address));
      return task.isEmpty()
          ? 0
          : program.types().taskStruct().load(task.get(), Handles.taskOffset(address), size);
    }

    @Override
    public boolean writable(long address, int size) {
      return false;
    }

    @Override
    public boolean direct() {
      return false;
    }
  }

  /// The frames of the stack that are in use.
  private final class StackRegion extends Region {
    @Override
    public String describe() {
      return "stack";
    }

    @Override
    public boolean readable(long address, int size) {
      return onStack(address, size);
    }

    @Override
    public boolean writable(long address, int size) {
      return readable(address, size);
    }
  }
}
