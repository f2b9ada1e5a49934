package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The version of the running kernel.
///
/// @param name as `uname -r` gives it, such as `6.18.44-generic`
/// @param code `KERNEL_VERSION(major, minor, patch)`: 8 bits each, patch levels over 255 count as
///   255
public record KernelRelease(String name, int code) {
  private static final Pattern NUMBERS =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(?:\\.(\\d{1,5}))?.*");

  /// The running kernel's; "" and 0 if /proc does not tell.
  public static KernelRelease running() {
    try {
      return of(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    } catch (IOException e) {
      return new KernelRelease("", 0);
    }
  }

  static KernelRelease of(String name) {
    Matcher numbers = NUMBERS.matcher(name);
    if (!numbers.matches()) {
      return new KernelRelease(name, 0);
    }
    int patch = numbers.group(3) == null ? 0 : Integer.parseInt(numbers.group(3));
    return new KernelRelease(
        name,
        Integer.parseInt(numbers.group(1)) << 16
            | Integer.parseInt(numbers.group(2)) << 8
            | Math.min(patch, 255));
  }
}
