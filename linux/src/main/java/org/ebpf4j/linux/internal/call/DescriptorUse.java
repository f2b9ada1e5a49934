package org.ebpf4j.linux.internal.call;

import org.ebpf4j.linux.KernelException;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.SystemCallException;

/// The use of a descriptor for something that fails with a [KernelException].
public final class DescriptorUse {
  private DescriptorUse() {}

  /// The number, valid until [Descriptor#release].
  ///
  /// @param operation what is to be done, for the message
  /// @param what the object, such as `the link`
  /// @throws KernelException `EBADF` if it is closed
  public static int begin(Descriptor descriptor, String operation, String what) {
    try {
      return descriptor.acquire();
    } catch (SystemCallException e) {
      throw new KernelException(operation, Errors.of(e), what + " is closed");
    }
  }
}
