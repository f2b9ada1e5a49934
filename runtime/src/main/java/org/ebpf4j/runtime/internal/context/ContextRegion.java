package org.ebpf4j.runtime.internal.context;

import java.nio.ByteOrder;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.verifier.HookResult;
import org.jspecify.annotations.Nullable;

/// The context as a region: accesses are those that the layout allows, and a pointer field gives
/// the 64-bit address kept behind the struct.
final class ContextRegion extends Region {
  /// How far behind the struct an address is still taken for a wrong offset into it, in bytes.
  private static final int CLOSE = 512;

  private final ContextLayout layout;
  private final ContextAccess access;
  private final long base;
  private final boolean plain;
  private int length;
  private @Nullable HookResult result;

  ContextRegion(ContextLayout layout, ContextAccess access, long base) {
    this.layout = layout;
    this.access = access;
    this.base = base;
    this.plain = layout.stateSize() == ((layout.size() + 7) & ~7);
    this.length = layout.size();
  }

  /// How many bytes the program may see, for contexts whose length is the caller's.
  void limit(int bytes) {
    length = bytes;
  }

  /// What programs are proven to find in one place, whatever the caller writes there.
  void expect(HookResult expected) {
    result = expected;
  }

  int length() {
    return length;
  }

  @Override
  public String describe() {
    return "context (struct " + layout.struct() + ")";
  }

  /// What lies at an address that an access missed; "" if it is neither in the struct nor close
  /// behind it.
  String describe(long address) {
    long offset = address - base;
    if (offset < 0 || offset >= length + CLOSE) {
      return "";
    }
    if (offset >= length) {
      return "%s, which has %d".formatted(pastEnd(offset - length), length);
    }
    return layout
        .fieldAt((int) offset)
        .map(field ->
            "offset %d of %s, whose field %s programs may %s, %d bytes at once"
                .formatted(offset, describe(), field.name(), uses(field.access()), field.element()))
        .orElseGet(() ->
            "offset %d of %s, where it has no field for programs".formatted(offset, describe()));
  }

  private static String uses(ContextLayout.Access access) {
    return switch (access) {
      case READ -> "only read";
      case WRITE -> "only write";
      case READ_WRITE -> "read and write";
    };
  }

  @Override
  public boolean readable(long address, int size) {
    long offset = address - base;
    return offset >= 0 && offset <= length - size && access.loads((int) offset, size);
  }

  @Override
  public boolean writable(long address, int size) {
    long offset = address - base;
    return offset >= 0 && offset <= length - size && access.stores((int) offset, size);
  }

  @Override
  public long load(long address, int size) {
    HookResult expected = result;
    if (expected != null && address - base == expected.offset()) {
      return loadResult(expected, size);
    }
    int pointer = access.pointer((int) (address - base));
    return pointer != 0 ? Memory.getLong(base + pointer) : super.load(address, size);
  }

  /// Read once: another thread may write there.
  private long loadResult(HookResult expected, int size) {
    long word = Memory.getLong(base + expected.offset());
    if (!expected.contains(word)) {
      throw new Fault(
          ProgramFault.Kind.ACCESS,
          base + expected.offset(),
          "the context says that the hook returned %d; it returns %d to %d, in 8 bytes at %d"
              .formatted(word, expected.min(), expected.max(), expected.offset()));
    }
    boolean lowFirst = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    int unused = Long.SIZE - size * Byte.SIZE;
    return lowFirst ? word << unused >>> unused : word >>> unused;
  }

  /// A struct of numbers alone is memory like any other: `probe_read` of a kprobe's registers
  /// works.
  @Override
  public boolean direct() {
    return plain;
  }
}
