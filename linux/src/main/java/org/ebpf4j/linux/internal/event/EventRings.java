package org.ebpf4j.linux.internal.event;

import java.util.function.BooleanSupplier;
import org.ebpf4j.EventReader.Handler;

/// Rings that the kernel fills, mapped into this process. For one thread at a time.
public interface EventRings extends AutoCloseable {

  /// Hands over the records that are there, and gives their number.
  ///
  /// @param goesOn asked before each record whether to hand it over
  int consume(Handler handler, BooleanSupplier goesOn);

  /// Waits up to so many milliseconds until there is something to consume.
  void await(int milliseconds);

  /// Records that were lost.
  long lost();

  @Override
  void close();
}
