package org.ebpf4j.linux.internal.map;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.linux.MapInfo;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.linux.internal.event.EventRings;
import org.ebpf4j.linux.internal.event.MapReader;
import org.ebpf4j.linux.internal.event.PerfBufferReader;
import org.ebpf4j.linux.internal.event.RingBufferReader;
import org.ebpf4j.linux.internal.event.UserRing;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.object.Pins;
import org.ebpf4j.linux.internal.program.KernelProgram;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Mapping;
import org.ebpf4j.sys.SystemCallException;
import org.jspecify.annotations.Nullable;

/// A map in the kernel, held by a file descriptor.
public final class KernelMap implements LinuxMap, OpenObjects.Owned {
  /// Calls with larger values get memory of their own each time.
  private static final int KEPT_BYTES = 1 << 16;

  /// `BPF_F_RDONLY_PROG`: global data that are constant, and frozen.
  private static final int READ_ONLY_FOR_PROGRAMS = 1 << 7;

  /// `BPF_F_SEGV_ON_FAULT`: an arena's pages are not made by touching them.
  private static final int SEGV_ON_FAULT = 1 << 17;

  private static final byte[] NO_KEY = {};
  private static final int ENOENT = -Errno.ENOENT.number();

  private final Descriptor descriptor;
  private final MapSpec spec;
  private final int cpus;
  private final OpenObjects owner;
  private final int valueBytes;
  private final AtomicReference<@Nullable ElementCall> spare = new AtomicReference<>();
  private final Common common;
  private final AtomicReference<@Nullable UserRing> userRing = new AtomicReference<>();
  private final AtomicReference<@Nullable Mapping> mapping = new AtomicReference<>();

  /// @param descriptor the map, taken over
  /// @param spec its attributes as the kernel has them
  /// @param cpus CPUs that per-CPU maps hold a value for
  /// @param owner is told when it is closed
  public KernelMap(Descriptor descriptor, MapSpec spec, int cpus, OpenObjects owner) {
    this(descriptor, spec, cpus, owner, new Common(new AtomicBoolean(), new ReentrantLock()));
  }

  private KernelMap(
      Descriptor descriptor, MapSpec spec, int cpus, OpenObjects owner, Common common) {
    this.descriptor = descriptor;
    this.spec = spec;
    this.cpus = cpus;
    this.owner = owner;
    this.common = common;
    this.valueBytes =
        spec.type().filter(MapType::isPerCpu).isPresent()
            ? Math.multiplyExact((spec.valueSize() + 7) & ~7, cpus)
            : spec.valueSize();
  }

  /// What several holds on one map share.
  ///
  /// @param hasReader whether its records are being read
  /// @param submitting held by who submits records to it
  private record Common(AtomicBoolean hasReader, ReentrantLock submitting) {}

  /// Another hold on this map, which is closed by itself. Of an arena there is one alone, for it is
  /// mapped once in a process.
  ///
  /// @throws SystemCallException `EBADF` if it is closed
  public KernelMap hold(OpenObjects otherOwner) {
    return is(MapType.ARENA)
        ? this
        : otherOwner.add(new KernelMap(descriptor.duplicate(), spec, cpus, otherOwner, common));
  }

  private boolean is(MapType type) {
    return spec.typeNumber() == type.number();
  }

  @Override
  public MapSpec spec() {
    return spec;
  }

  @Override
  public int valueBytes() {
    return valueBytes;
  }

  /// The map's descriptor, for what belongs to this host.
  public Descriptor descriptor() {
    return descriptor;
  }

  @Override
  public MapInfo info() {
    return use("info", fd -> 0) == 0 ? Infos.map(descriptor) : closed("info");
  }

  private MapInfo closed(String operation) {
    throw MapException.of(spec, operation, Errno.EBADF, 0);
  }

  @Override
  public int id() {
    return info().id();
  }

  @Override
  public void pin(Path path) {
    Pins.pin(descriptor, "map " + name(), path);
  }

  @Override
  public Optional<byte[]> lookup(byte[] key, long flags) {
    if (is(MapType.BLOOM_FILTER)) {
      return peekBloomFilter(key);
    }
    return read(BpfCommand.MAP_LOOKUP_ELEM, "lookup", key, valueBytes, flags);
  }

  /// A bloom filter has no keys: what is asked for is the value itself.
  private Optional<byte[]> peekBloomFilter(byte[] value) {
    checkSize("lookup", "value", value, valueBytes);
    ElementCall call = take();
    try {
      call.setKey(NO_KEY);
      call.setValue(value);
      int result = use("lookup", fd -> call.invoke(BpfCommand.MAP_LOOKUP_ELEM, fd, BpfMap.ANY));
      return found("lookup", result) ? Optional.of(value.clone()) : Optional.empty();
    } finally {
      spare.set(call);
    }
  }

  @Override
  public void update(byte[] key, byte[] value, long flags) {
    update("update", key, value, flags);
  }

  private void update(String operation, byte[] key, byte[] value, long flags) {
    checkSize(operation, "key", key, spec.keySize());
    checkSize(operation, "value", value, valueBytes);
    ElementCall call = take();
    try {
      call.setKey(key);
      call.setValue(value);
      check(operation, use(operation, fd -> call.invoke(BpfCommand.MAP_UPDATE_ELEM, fd, flags)));
    } finally {
      give(call);
    }
  }

  @Override
  public boolean delete(byte[] key) {
    checkSize("delete", "key", key, spec.keySize());
    ElementCall call = take();
    try {
      call.setKey(key);
      return found(
          "delete", use("delete", fd -> call.invoke(BpfCommand.MAP_DELETE_ELEM, fd, BpfMap.ANY)));
    } finally {
      give(call);
    }
  }

  @Override
  public Optional<byte[]> lookupAndDelete(byte[] key) {
    return read(
        BpfCommand.MAP_LOOKUP_AND_DELETE_ELEM, "lookupAndDelete", key, valueBytes, BpfMap.ANY);
  }

  @Override
  public Optional<byte[]> nextKey(byte[] key) {
    return read(BpfCommand.MAP_GET_NEXT_KEY, "nextKey", key, spec.keySize(), BpfMap.ANY);
  }

  @Override
  public Optional<byte[]> firstKey() {
    ElementCall call = take();
    try {
      call.setKey(NO_KEY);
      int result = use("nextKey", fd -> call.invoke(BpfCommand.MAP_GET_NEXT_KEY, fd, BpfMap.ANY));
      return found("nextKey", result) ? Optional.of(call.value(spec.keySize())) : Optional.empty();
    } finally {
      give(call);
    }
  }

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    long left = Integer.toUnsignedLong(spec.maxEntries());
    Optional<byte[]> key = firstKey();
    // Linux starts again at the first key when the last one is gone by now: hence the limit.
    while (key.isPresent() && left-- > 0) {
      byte[] current = key.get();
      lookup(current).ifPresent(value -> entries.add(new Entry(current, value)));
      key = nextKey(current);
    }
    return entries;
  }

  @Override
  public Batch lookupBatch(Optional<byte[]> cursor, int max) {
    return new BatchCall(spec, valueBytes)
        .read(BpfCommand.MAP_LOOKUP_BATCH, "lookupBatch", this::use, cursor, max);
  }

  @Override
  public void eachBatch(int max, BatchHandler handler) {
    new BatchCall(spec, valueBytes).each(this::use, max, handler);
  }

  @Override
  public Batch lookupAndDeleteBatch(Optional<byte[]> cursor, int max) {
    return new BatchCall(spec, valueBytes)
        .read(
            BpfCommand.MAP_LOOKUP_AND_DELETE_BATCH, "lookupAndDeleteBatch", this::use, cursor, max);
  }

  @Override
  public void updateBatch(List<Entry> entries, long flags) {
    for (Entry entry : entries) {
      checkSize("updateBatch", "key", entry.key(), spec.keySize());
      checkSize("updateBatch", "value", entry.value(), valueBytes);
    }
    new BatchCall(spec, valueBytes).update(this::use, entries, flags);
  }

  @Override
  public void deleteBatch(List<byte[]> keys) {
    for (byte[] key : keys) {
      checkSize("deleteBatch", "key", key, spec.keySize());
    }
    new BatchCall(spec, valueBytes).delete(this::use, keys);
  }

  @Override
  public void freeze() {
    try (BpfCall call = new BpfCall(BpfCommand.MAP_FREEZE)) {
      check("freeze", use("freeze", fd -> call.set32(0, fd).invoke()));
    }
  }

  @Override
  public void putMap(byte[] key, BpfMap map) {
    if (!is(MapType.ARRAY_OF_MAPS) && !is(MapType.HASH_OF_MAPS)) {
      throw new MapException(name(), "putMap", Errno.EINVAL, "it is not a map of maps");
    }
    if (!(map instanceof KernelMap kernelMap)) {
      throw new MapException(
          name(), "putMap", Errno.EBADF, "map %s is of another host".formatted(map.name()));
    }
    put("putMap", key, kernelMap.descriptor);
  }

  @Override
  public void putProgram(int index, BpfProgram program) {
    if (!is(MapType.PROG_ARRAY)) {
      throw new MapException(name(), "putProgram", Errno.EINVAL, "it is not a program array");
    }
    if (!(program instanceof KernelProgram kernelProgram)) {
      throw new MapException(
          name(),
          "putProgram",
          Errno.EBADF,
          "program %s is of another host".formatted(program.name()));
    }
    put("putProgram", bytes(index), kernelProgram.descriptor());
  }

  /// Stores what a descriptor stands for.
  public void putDescriptor(byte[] key, Descriptor value) {
    put("update", key, value);
  }

  private void put(String operation, byte[] key, Descriptor value) {
    try {
      int number = value.acquire();
      try {
        update(operation, key, bytes(number), ANY);
      } finally {
        value.release();
      }
    } catch (SystemCallException e) {
      throw MapException.of(spec, operation, Errors.of(e), 0);
    }
  }

  private static byte[] bytes(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  @Override
  public EventReader events() {
    if (is(MapType.RINGBUF)) {
      return read(() -> new RingBufferReader(descriptor, spec.maxEntries()));
    }
    int slots = (int) Math.min(cpus, Integer.toUnsignedLong(spec.maxEntries()));
    return perfEvents(PerfBufferReader.Sender.each(slots));
  }

  @Override
  public EventReader events(int cpu, int slot) {
    return perfEvents(List.of(new PerfBufferReader.Sender(cpu, slot, false)));
  }

  private EventReader perfEvents(List<PerfBufferReader.Sender> senders) {
    if (!is(MapType.PERF_EVENT_ARRAY)) {
      throw new MapException(
          name(), "events", Errno.EINVAL, "only ring buffers and perf event arrays have events");
    }
    return read(
        () -> new PerfBufferReader((slot, ring) -> putDescriptor(bytes(slot), ring), senders));
  }

  /// Makes the one reader that a map can have at a time.
  private EventReader read(Supplier<EventRings> rings) {
    if (!common.hasReader().compareAndSet(false, true)) {
      throw new MapException(name(), "events", Errno.EBUSY, "it has a reader already");
    }
    Runnable onClose = () -> common.hasReader().set(false);
    try {
      return new MapReader(rings.get(), name(), onClose);
    } catch (SystemCallException e) {
      onClose.run();
      Errno errno = Errors.of(e);
      throw errno == Errno.ENODEV || (errno == Errno.EINVAL && is(MapType.PERF_EVENT_ARRAY))
          ? new MapException(name(), "events", errno, "there is no such CPU, or it is off")
          : MapException.of(spec, "events", Errors.of(e), 0);
    } catch (MapException e) {
      onClose.run();
      throw e;
    }
  }

  @Override
  public boolean submit(byte[] record, Duration timeout) {
    if (!is(MapType.USER_RINGBUF)) {
      throw new MapException(
          name(),
          "submit",
          Errno.EINVAL,
          "only maps of type %s take records".formatted(MapType.USER_RINGBUF));
    }
    if (record.length > spec.maxEntries() - UserRing.HEADER_BYTES) {
      throw new MapException(
          name(),
          "submit",
          Errno.E2BIG,
          "a record of %d bytes; the ring has %d".formatted(record.length, spec.maxEntries()));
    }
    try {
      return userRing().submit(record, timeout);
    } catch (SystemCallException e) {
      throw MapException.of(spec, "submit", Errors.of(e), 0);
    }
  }

  private synchronized UserRing userRing() {
    UserRing ring = userRing.get();
    if (ring == null) {
      ring = new UserRing(descriptor, spec.maxEntries(), common.submitting());
      userRing.set(ring);
    }
    return ring;
  }

  @Override
  public MemorySegment memory() {
    if (guarded()) {
      throw new MapException(
          name(),
          "memory",
          Errno.EFAULT,
          "with BPF_F_SEGV_ON_FAULT, touching a page that is not there would end this process; use"
              + " arena()");
    }
    return mapping().memory().asSlice(0, memoryBytes());
  }

  @Override
  public ArenaMemory arena() {
    if (!is(MapType.ARENA)) {
      throw new MapException(name(), "arena", Errno.EINVAL, "it is not an arena");
    }
    return new MappedArena(name(), mapping(), memoryBytes(), guarded());
  }

  private boolean guarded() {
    return is(MapType.ARENA) && (spec.flags() & SEGV_ON_FAULT) != 0;
  }

  private synchronized Mapping mapping() {
    Mapping mapped = mapping.get();
    if (mapped == null) {
      mapped = map();
      mapping.set(mapped);
    }
    return mapped;
  }

  private long memoryBytes() {
    long entries = Integer.toUnsignedLong(spec.maxEntries());
    return is(MapType.ARENA)
        ? entries * Mapping.pageSize()
        : entries * ((spec.valueSize() + 7) & ~7);
  }

  private Mapping map() {
    boolean arena = is(MapType.ARENA);
    boolean readOnly = (spec.flags() & READ_ONLY_FOR_PROGRAMS) != 0;
    long page = Mapping.pageSize();
    long length = (memoryBytes() + page - 1) / page * page;
    int number = acquire("memory");
    try {
      return Mapping.sharedAt(
          arena ? spec.extra() : 0,
          number,
          0,
          length,
          readOnly ? Mapping.READ : Mapping.READ | Mapping.WRITE);
    } catch (SystemCallException e) {
      Errno errno = Errors.of(e);
      throw new MapException(
          name(),
          "memory",
          errno,
          arena
              ? "no room for the arena at address 0x%x".formatted(spec.extra())
              : "only arrays made with BPF_F_MMAPABLE can be mapped, and frozen ones only to be"
                  + " read");
    } finally {
      descriptor.release();
    }
  }

  private int acquire(String operation) {
    try {
      return descriptor.acquire();
    } catch (SystemCallException e) {
      throw MapException.of(spec, operation, Errors.of(e), 0);
    }
  }

  private Optional<byte[]> read(
      BpfCommand command, String operation, byte[] key, int bytes, long flags) {
    checkSize(operation, "key", key, spec.keySize());
    ElementCall call = take();
    try {
      call.setKey(key);
      int result = use(operation, fd -> call.invoke(command, fd, flags));
      return found(operation, result) ? Optional.of(call.value(bytes)) : Optional.empty();
    } finally {
      give(call);
    }
  }

  /// Makes a call with the descriptor, which stays open meanwhile.
  private int use(String operation, IntUnaryOperator call) {
    int number = acquire(operation);
    try {
      return call.applyAsInt(number);
    } finally {
      descriptor.release();
    }
  }

  private ElementCall take() {
    ElementCall call = spare.getAndSet(null);
    return call != null ? call : new ElementCall(spec.keySize(), valueBytes);
  }

  private void give(ElementCall call) {
    if (valueBytes <= KEPT_BYTES) {
      spare.set(call);
    }
  }

  private boolean found(String operation, int result) {
    if (result == ENOENT) {
      return false;
    }
    check(operation, result);
    return true;
  }

  private void check(String operation, int result) {
    if (result < 0) {
      throw MapException.of(spec, operation, Errors.of(result), 0);
    }
  }

  private void checkSize(String operation, String what, byte[] bytes, int expected) {
    if (bytes.length != expected) {
      throw new MapException(
          name(),
          operation,
          Errno.EINVAL,
          "a %s of %d bytes; the map takes %d".formatted(what, bytes.length, expected));
    }
  }

  @Override
  public void close() {
    owner.remove(this);
    descriptor.close();
    unmap();
  }

  /// Who maps it has the descriptor meanwhile: once that is closed, nothing is mapped any more.
  private synchronized void unmap() {
    UserRing ring = userRing.getAndSet(null);
    if (ring != null) {
      ring.close();
    }
    Mapping mapped = mapping.getAndSet(null);
    if (mapped != null) {
      mapped.close();
    }
  }

  @Override
  public String toString() {
    return "map " + name() + Arrays.asList(spec.keySize(), valueBytes);
  }
}
