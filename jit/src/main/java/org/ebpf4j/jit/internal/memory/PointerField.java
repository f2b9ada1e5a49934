package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.isa.MemorySize;

/// Loads of a pointer field of a context: the pointer is kept with all its bits elsewhere.
///
/// @param kind what it points to: where that may be a handle of a kernel object, which is a number
///   where no memory is, all bits count
/// @param memory how it is loaded
/// @param distance from the field to where the pointer is kept
public record PointerField(ContextLayout.Kind kind, MemoryEmitter memory, long distance)
    implements PlainAccesses {

  @Override
  public boolean loadsRegisters() {
    return true;
  }

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    memory.load(
        code,
        MemorySize.DOUBLE,
        to -> {
          address.to(to);
          to.loadConstant(distance).ladd();
        });
    if (kind != ContextLayout.Kind.POINTER) {
      memory.bound(code);
    }
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    throw unsupported();
  }

  private static IllegalStateException unsupported() {
    return new IllegalStateException("pointers in contexts are loaded only");
  }
}
