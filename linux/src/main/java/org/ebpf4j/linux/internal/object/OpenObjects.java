package org.ebpf4j.linux.internal.object;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// What an owner (a host, a collection) has opened and will close, unless it is closed before.
public final class OpenObjects implements AutoCloseable {
  private final Set<Owned> open = Collections.newSetFromMap(new IdentityHashMap<>());

  /// Something that tells its owner when it is closed.
  public interface Owned extends AutoCloseable {
    @Override
    void close();
  }

  /// Takes something over, and gives it back.
  public synchronized <T extends Owned> T add(T object) {
    open.add(object);
    return object;
  }

  /// Lets go of something that is closed.
  public synchronized void remove(Owned object) {
    open.remove(object);
  }

  private synchronized List<Owned> takeAll() {
    List<Owned> all = List.copyOf(open);
    open.clear();
    return all;
  }

  /// Closes all that is still open.
  @Override
  public void close() {
    takeAll().forEach(Owned::close);
  }
}
