package org.ebpf4j.linux.internal.call;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.sys.Descriptor;

/// Descriptors whose numbers stand in instructions or attributes: none of them may be closed before
/// the kernel has seen those.
public final class HeldDescriptors implements AutoCloseable {
  private final List<Descriptor> held = new ArrayList<>();

  /// The descriptor's number, valid until [#close].
  ///
  /// @throws org.ebpf4j.linux.KernelException `EBADF` if it is closed
  public int number(Descriptor descriptor) {
    int number = DescriptorUse.begin(descriptor, "load", "a map or program that it uses");
    held.add(descriptor);
    return number;
  }

  @Override
  public void close() {
    held.forEach(Descriptor::release);
    held.clear();
  }
}
