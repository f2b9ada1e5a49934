package org.ebpf4j.runtime.internal.map;

import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The model of the classes that maps have: each gets a hidden class with this code and its own
/// geometry in the static fields, which are constants to HotSpot wherever it compiles the code. One
/// class for all maps would be compiled for any geometry as soon as it is used much, and HotSpot
/// draws nothing that has become big that way into programs.
///
/// The class of this name itself is never initialised.
final class HashCallsOfOne extends HashCalls {
  private static final HashGeometry GEOMETRY = ofThisClass();
  private static final HashedMap MAP = GEOMETRY.map();
  private static final HashTable TABLE = GEOMETRY.table();
  private static final HashWalk WALK = GEOMETRY.walk();
  private static final boolean LRU = GEOMETRY.lru();
  private static final ValuePlanes PLANES = GEOMETRY.planes();
  private static final int VALUE_OFFSET = GEOMETRY.valueOffset();
  private static final int VALUE_SIZE = GEOMETRY.valueSize();
  private static final Optional<PreallocatedElements> ELEMENTS = GEOMETRY.elements();

  private static HashGeometry ofThisClass() {
    try {
      return Objects.requireNonNull(
          MethodHandles.classData(
              MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, HashGeometry.class));
    } catch (IllegalAccessException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  @Override
  public int keySize() {
    return WALK.hash().words().size();
  }

  @Override
  public long lookup(long a, long b, long c, long d, long e, int cpu) {
    long element = WALK.search(WALK.hash().of(a, b, c, d, e), a, b, c, d, e);
    if (element == 0) {
      return 0;
    }
    if (LRU) {
      HashedMap.use(element);
    }
    return PLANES.perCpu() ? PLANES.value(HashTable.indexOf(element), cpu) : element + VALUE_OFFSET;
  }

  /// As [HashTableMap#update], for plain elements; all in one method.
  ///
  /// It is longer than what HotSpot draws into others (325 bytes, `FreqInlineSize`), and has to
  /// stay so: drawn into a program, it would get what is left of the nodes that HotSpot allows for
  /// one compilation, which now and then ends in its middle. By itself it has enough.
  @Override
  public int update(
      long a, long b, long c, long d, long e, long key, long value, long flags, int cpu) {
    if (ELEMENTS.isEmpty() || Long.compareUnsigned(flags, MapFlags.EXIST) > 0) {
      return MAP.update(key, value, flags, cpu);
    }
    PreallocatedElements source = ELEMENTS.get();
    int hash = WALK.hash().of(a, b, c, d, e);
    int old = ElementPool.NONE;
    int index;
    long at = WALK.bucket(hash);
    long bucket = TABLE.lockAt(at, cpu);
    try {
      old = WALK.find(bucket, a, b, c, d, e);
      if (old >= 0) {
        index = flags == MapFlags.NOEXIST ? Errno.EEXIST.negated() : source.takeReplacement(cpu);
      } else {
        index = flags == MapFlags.EXIST ? Errno.ENOENT.negated() : source.takeNew(cpu);
      }
      if (index >= 0) {
        // As HashTable#name.
        long element = WALK.element(index);
        Memory.putIntOpaque(element + HashTable.HASH, 0);
        VarHandle.storeStoreFence();
        WALK.hash().words().put(element + HashTable.KEY, a, b, c, d, e);
        ValueCopier.bytes(value, element + VALUE_OFFSET, VALUE_SIZE);
        bucket =
            old < 0 ? TABLE.link(bucket, index, hash) : TABLE.replace(bucket, old, index, hash);
      }
    } finally {
      TABLE.unlockAt(at, bucket, cpu);
    }
    if (index < 0) {
      return index;
    }
    if (old >= 0) {
      source.giveReplaced(old, cpu);
    }
    return 0;
  }
}
