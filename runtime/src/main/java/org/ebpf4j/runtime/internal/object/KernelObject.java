package org.ebpf4j.runtime.internal.object;

import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// An object that a program has allocated and knows by its address. It lives while somebody has a
/// reference: a run, or a field of a map value or of another object.
public final class KernelObject extends Region implements FieldHolder {
  private final Kind kind;
  private final String type;
  private final long address;
  private final int size;
  private final SpecialFields fields;
  private final AtomicInteger references = new AtomicInteger(1);

  /// The map in whose values, or in whose values' lists and trees, it was put last: programs that
  /// use the map may look at it.
  private volatile @Nullable RuntimeMap keeper;

  KernelObject(Kind kind, String type, long address, int size, SpecialFields fields) {
    this.kind = kind;
    this.type = type;
    this.address = address;
    this.size = size;
    this.fields = fields;
  }

  /// What sort of object.
  public enum Kind {
    /// A struct of the program's own.
    STRUCT,
    /// One struct of the program's own for each CPU.
    STRUCT_PER_CPU,
    /// A `struct bpf_cpumask`.
    CPU_MASK,
    /// A `struct bpf_crypto_ctx`.
    CIPHER,
    /// A `struct nf_conn`.
    CONNECTION,
    /// Bytes that the host keeps for a program and that the program does not touch.
    COPY
  }

  public Kind kind() {
    return kind;
  }

  /// Its first byte.
  public long address() {
    return address;
  }

  /// Bytes in all.
  public int size() {
    return size;
  }

  /// The map that keeps it, or kept it last; `null` if none ever did.
  public @Nullable RuntimeMap keeper() {
    return keeper;
  }

  /// Says where it is kept from now on.
  public void keptBy(@Nullable RuntimeMap map) {
    keeper = map;
  }

  /// Takes one reference more; `false` if there is none left.
  public boolean acquire() {
    return references.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
  }

  /// Gives a reference back; `true` if it was the last.
  boolean lastReleased() {
    return references.decrementAndGet() == 0;
  }

  @Override
  public SpecialFields fields() {
    return fields;
  }

  @Override
  public long offsetOf(long at) {
    return at >= address && at < address + size ? at - address : -1;
  }

  @Override
  public String describe() {
    return "object (%s, %d bytes)".formatted(type, size);
  }

  @Override
  public boolean readable(long at, int bytes) {
    return at >= address && at <= address + size - bytes;
  }

  @Override
  public boolean writable(long at, int bytes) {
    return (kind == Kind.STRUCT || kind == Kind.STRUCT_PER_CPU || kind == Kind.CONNECTION)
        && readable(at, bytes)
        && (fields.isEmpty() || !fields.protects(at - address, bytes));
  }
}
