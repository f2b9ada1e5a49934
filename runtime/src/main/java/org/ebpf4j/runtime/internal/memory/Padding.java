package org.ebpf4j.runtime.internal.memory;

/// Keeps what the subclass's owner writes all the time off the cache line of whatever lies before
/// it; HotSpot puts the fields of a superclass first.
@SuppressWarnings("unused") // meant to be
public abstract class Padding {
  private long a;
  private long b;
  private long c;
  private long d;
  private long e;
  private long f;
  private long g;
  private long h;

  protected Padding() {}
}
