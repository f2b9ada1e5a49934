package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.ConnectionTable;
import org.ebpf4j.runtime.ConnectionTable.Connection;
import org.ebpf4j.runtime.ConnectionTable.Entry;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.object.ConnectionStruct;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;

/// A connection that a run has looked up or made, with its `struct nf_conn`. A mark that the
/// program writes there is the connection's when the program calls a function on it, or gives it
/// back.
final class ConnectionHold implements Held {
  private static final long TICK_NANOS = 1_000_000;

  private final Entry entry;
  private final KernelObject object;
  private final ConnectionStruct struct;

  /// How long it is to live once it is in the table, in nanoseconds, if it is not there yet.
  private long lifetime;

  private ConnectionHold(Entry entry, KernelObject object, ConnectionStruct struct) {
    this.entry = entry;
    this.object = object;
    this.struct = struct;
  }

  /// Hands a connection to the program; gives the address of its struct, or 0 where there is no
  /// memory for it.
  ///
  /// @param lifetime for one that is not in the table yet
  static long give(Run run, Entry entry, long lifetime) {
    ConnectionStruct struct = run.types().connectionStruct();
    KernelObject object =
        run.objects()
            .allocate(
                KernelObject.Kind.CONNECTION,
                "struct nf_conn",
                Math.max(struct.size(), Long.BYTES),
                SpecialFields.none());
    if (object == null) {
      return 0;
    }
    ConnectionHold hold = new ConnectionHold(entry, object, struct);
    hold.lifetime = lifetime;
    hold.show(run);
    run.resources().hold(hold);
    run.resources().remember(object);
    return object.address();
  }

  /// The connection at an address.
  ///
  /// @throws Fault if the run has none there
  static ConnectionHold at(Run run, long address) {
    ConnectionHold hold = run.resources().find(address, ConnectionHold.class);
    if (hold == null) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no connection that this run holds".formatted(address));
    }
    return hold;
  }

  Entry entry() {
    return entry;
  }

  long lifetime() {
    return lifetime;
  }

  void setLifetime(Run run, long nanos) {
    lifetime = nanos;
    show(run);
  }

  /// Whether it is in the table.
  boolean confirmed() {
    return (entry.connection().status() & ConnectionTable.CONFIRMED) != 0;
  }

  /// The connection with what the program wrote.
  Connection current() {
    while (true) {
      Connection before = entry.connection();
      int mark = struct.mark(object.address());
      if (before.mark() == mark) {
        return before;
      }
      Connection marked =
          new Connection(
              before.zone(),
              before.original(),
              before.reply(),
              mark,
              before.status(),
              before.expires());
      if (entry.replace(before, marked)) {
        return marked;
      }
    }
  }

  /// Brings the struct in line with the connection.
  void show(Run run) {
    Connection connection = entry.connection();
    long time = confirmed() ? connection.expires() : lifetime;
    struct.write(object.address(), connection, (int) (time / TICK_NANOS));
  }

  /// Takes it from the program.
  void end(Run run) {
    current();
    run.resources().drop(this);
    run.resources().forget(object);
    run.objects().release(object);
  }

  @Override
  public long address() {
    return object.address();
  }

  @Override
  public void release(Run run) {
    current();
    run.objects().release(object);
  }
}
