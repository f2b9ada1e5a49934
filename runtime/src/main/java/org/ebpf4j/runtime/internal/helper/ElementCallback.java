package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.map.ElementVisitor;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.run.Run;

/// Shows a map's elements to a function of the program, which may read the key during its call.
final class ElementCallback extends Region implements ElementVisitor {
  private final Run run;
  private final RuntimeMap map;
  private final long handle;
  private final long function;
  private final long context;
  private long key;

  ElementCallback(Run run, RuntimeMap map, long handle, long function, long context) {
    this.run = run;
    this.map = map;
    this.handle = handle;
    this.function = function;
    this.context = context;
  }

  @Override
  public boolean visit(long shownKey, long value) {
    key = shownKey;
    run.resources().remember(this);
    try {
      return run.call(function, handle, key, value, context, 0) == 0;
    } finally {
      run.resources().forget(this);
    }
  }

  @Override
  public String describe() {
    return "key of map " + map.spec().name();
  }

  @Override
  public boolean readable(long address, int size) {
    return address >= key && address <= key + map.spec().keySize() - size;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
