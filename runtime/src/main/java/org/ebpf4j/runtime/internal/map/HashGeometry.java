package org.ebpf4j.runtime.internal.map;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Objects;
import java.util.Optional;

/// What does not change of a hash of values while it lives, for [HashCallsOfOne].
///
/// @param planes where values lie that are not in their elements
/// @param valueOffset from an element to its value, if it lies there
/// @param elements those that updates take, if they are the plain ones of most maps: preallocated,
///   and values nothing but bytes
record HashGeometry(
    HashedMap map,
    HashTable table,
    HashWalk walk,
    boolean lru,
    ValuePlanes planes,
    int valueOffset,
    int valueSize,
    Optional<PreallocatedElements> elements) {

  /// Makes the class of a map, which goes when the map and the programs that use it have gone.
  HashCalls define() {
    try {
      MethodHandles.Lookup own =
          MethodHandles.lookup().defineHiddenClassWithClassData(Model.BYTES, this, true);
      return (HashCalls)
          own.findConstructor(own.lookupClass(), MethodType.methodType(void.class))
              .asType(MethodType.methodType(HashCalls.class))
              .invokeExact();
    } catch (RuntimeException | Error failed) {
      throw failed;
    } catch (Throwable impossible) {
      throw new IllegalStateException("the class of a map cannot be made", impossible);
    }
  }

  /// What the model of the classes was compiled to.
  private static final class Model {
    static final byte[] BYTES = read();

    private static byte[] read() {
      String name = HashCallsOfOne.class.getSimpleName() + ".class";
      try (InputStream in = HashGeometry.class.getResourceAsStream(name)) {
        return Objects.requireNonNull(in, name).readAllBytes();
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
