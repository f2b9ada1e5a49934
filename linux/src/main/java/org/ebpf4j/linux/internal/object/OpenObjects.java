package org.ebpf4j.linux.internal.object;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// What an owner (a host, a collection) has opened and will close, unless it is closed before.
public final class OpenObjects implements AutoCloseable {
  private final Set<Owned> open = Collections.newSetFromMap(new IdentityHashMap<>());

  private boolean closed;

  /// Something that tells its owner when it is closed.
  public interface Owned extends AutoCloseable {
    @Override
    void close();
  }

  /// Takes something over, and gives it back.
  ///
  /// @throws IllegalStateException if the owner is closed; then that is closed too
  public <T extends Owned> T add(T object) {
    synchronized (this) {
      if (!closed) {
        open.add(object);
        return object;
      }
    }
    object.close();
    throw new IllegalStateException("the host or collection is closed");
  }

  /// Lets go of something that is closed.
  public synchronized void remove(Owned object) {
    open.remove(object);
  }

  private synchronized List<Owned> takeAll() {
    List<Owned> all = List.copyOf(open);
    open.clear();
    closed = true;
    return all;
  }

  /// Closes all that is still open.
  ///
  /// @throws IllegalStateException if a channel of the application reads or writes the memory of a
  ///   map; the rest is closed all the same
  @Override
  public void close() {
    IllegalStateException first = null;
    for (Owned object : takeAll()) {
      try {
        object.close();
      } catch (IllegalStateException inUse) {
        if (first == null) {
          first = inUse;
        } else {
          first.addSuppressed(inUse);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
