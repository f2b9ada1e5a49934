package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.map.RingBuffer;
import org.ebpf4j.runtime.internal.memory.FixedRegion;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;

/// A record that a run has reserved and not given back. If the run ends before, it is discarded.
final class RingRecord extends FixedRegion implements Held {
  private final RingBuffer ring;

  private RingRecord(RingBuffer ring, long address, long length) {
    super(address, length, true);
    this.ring = ring;
  }

  /// Reserves a record that the program may touch from now on; 0 if there is no room.
  static long reserve(Run run, RingBuffer ring, long length) {
    long address = ring.reserve(length);
    if (address != 0) {
      RingRecord record = new RingRecord(ring, address, length);
      run.resources().hold(record);
      run.resources().remember(record);
    }
    return address;
  }

  /// Submits or discards a record.
  ///
  /// @throws Fault if this run holds no such record, as after a submission
  static long finish(Run run, long address, long flags, boolean discard) {
    RingRecord record = run.resources().find(address, RingRecord.class);
    if (record == null) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no ring buffer's record that this run has reserved".formatted(address));
    }
    run.resources().drop(record);
    run.resources().forget(record);
    record.ring.commit(address, flags, discard);
    return 0;
  }

  /// As [#finish], for the record of a dynptr, which ends; a null dynptr has none.
  static long finishDynptr(Run run, long dynptr, long flags, boolean discard) {
    long address = Dynptr.data(dynptr);
    Dynptr.clear(dynptr);
    return address == 0 ? 0 : finish(run, address, flags, discard);
  }

  @Override
  public void release(Run run) {
    ring.commit(address(), 0, true);
  }

  @Override
  public String describe() {
    return "record of ring buffer %s (%d bytes)".formatted(ring.spec().name(), length());
  }
}
