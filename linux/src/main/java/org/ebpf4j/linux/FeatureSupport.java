package org.ebpf4j.linux;

import org.ebpf4j.error.Errno;

/// Whether the kernel has something, found out by trying. 'Not there' is not 'could not tell'.
public sealed interface FeatureSupport {

  /// It is there.
  record Supported() implements FeatureSupport {}

  /// The kernel does not know it.
  record Unsupported() implements FeatureSupport {}

  /// The try failed for another reason.
  ///
  /// @param errno what the kernel said
  /// @param reason one line
  record Unknown(Errno errno, String reason) implements FeatureSupport {}
}
