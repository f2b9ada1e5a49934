package org.ebpf4j.runtime.internal.map;

import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.Optional;

/// The model of the classes that maps have: each gets a hidden class with this code and its own
/// geometry in the static fields, which are constants to HotSpot wherever it compiles the code. One
/// class for all maps would be compiled for any geometry as soon as it is used much, and HotSpot
/// draws nothing that has become big that way into programs.
///
/// The class of this name itself is never initialised.
final class HashCallsOfOne extends HashCalls {
  private static final HashGeometry GEOMETRY = ofThisClass();
  private static final HashTableMap MAP = GEOMETRY.map();
  private static final HashTable TABLE = GEOMETRY.table();
  private static final HashWalk WALK = GEOMETRY.walk();
  private static final boolean LRU = GEOMETRY.lru();
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
  public long lookup(long a, long b, long c, long d, long e) {
    long element = WALK.search(WALK.hash().of(a, b, c, d, e), a, b, c, d, e);
    if (element == 0) {
      return 0;
    }
    if (LRU) {
      HashedMap.use(element);
    }
    return element + VALUE_OFFSET;
  }

  @Override
  public int update(
      long a, long b, long c, long d, long e, long key, long value, long flags, int cpu) {
    return ELEMENTS.isPresent() && Long.compareUnsigned(flags, MapFlags.EXIST) <= 0
        ? put(ELEMENTS.get(), a, b, c, d, e, value, flags, cpu)
        : MAP.update(key, value, flags, cpu);
  }

  /// As [HashTableMap#update], for plain elements.
  private static int put(
      PreallocatedElements source,
      long a,
      long b,
      long c,
      long d,
      long e,
      long value,
      long flags,
      int cpu) {
    int hash = WALK.hash().of(a, b, c, d, e);
    int old = ElementPool.NONE;
    int index;
    long at = WALK.bucket(hash);
    long bucket = TABLE.lockAt(at, cpu);
    try {
      old = WALK.find(bucket, a, b, c, d, e);
      index = take(source, old >= 0, flags, cpu);
      if (index >= 0) {
        WALK.name(index, a, b, c, d, e);
        ValueCopier.bytes(value, WALK.element(index) + VALUE_OFFSET, VALUE_SIZE);
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

  private static int take(PreallocatedElements source, boolean exists, long flags, int cpu) {
    int refusal = HashedMap.checkExistence(exists, flags);
    if (refusal != 0) {
      return refusal;
    }
    return exists ? source.takeReplacement(cpu) : source.takeNew(cpu);
  }
}
