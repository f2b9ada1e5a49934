package org.ebpf4j.linux.internal.probe;

import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.FeatureSupport;
import org.ebpf4j.linux.internal.load.MapMaker;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.spec.MapSpec;

/// Structs of functions cannot be made out of nothing: whether a kernel knows them, its way of
/// refusing tells.
final class StructOpsProbe {
  /// A type of the kernel's that programs do not implement: whatever comes first.
  private static final int OTHER_TYPE = 1;

  private StructOpsProbe() {}

  static FeatureSupport map() {
    try (OpenObjects objects = new OpenObjects()) {
      MapSpec map = MapSpec.of("probe", MapType.STRUCT_OPS, 4, 4, 1);
      MapMaker.KernelValue value = new MapMaker.KernelValue(OTHER_TYPE, Optional.empty());
      return switch (new MapMaker(1, objects)
          .makeStructOps(map, "probe", Optional.empty(), value)) {
        case MapMaker.Outcome.Made made -> new FeatureSupport.Supported();
        case MapMaker.Outcome.Refused(MapSpec spec, Errno errno) -> support(errno);
      };
    }
  }

  /// `ENOTSUPP` is what kernels say that know them, but not this one.
  static FeatureSupport support(Errno errno) {
    return switch (errno) {
      case ENOTSUPP -> new FeatureSupport.Supported();
      case EINVAL -> new FeatureSupport.Unsupported();
      default -> new FeatureSupport.Unknown(errno, errno.text());
    };
  }
}
