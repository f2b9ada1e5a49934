package org.ebpf4j.linux.internal.load;

import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Mapping;

/// Makes the call `BPF_MAP_CREATE`.
public final class MapMaker {
  /// What libbpf adds to a map's name for the map that only shows what inner maps look like.
  private static final String INNER = ".inner";

  /// `BPF_F_VTYPE_BTF_OBJ_FD`: the value's type is a module's.
  private static final int MODULE_VALUE = 1 << 15;

  private final int cpus;
  private final OpenObjects owner;

  /// @param cpus CPUs that this machine may have
  /// @param owner who closes the maps
  public MapMaker(int cpus, OpenObjects owner) {
    this.cpus = cpus;
    this.owner = owner;
  }

  /// What became of it.
  public sealed interface Outcome {
    record Made(KernelMap map) implements Outcome {}

    record Refused(MapSpec spec, Errno errno) implements Outcome {}
  }

  /// A map's value of a type of the kernel's own.
  ///
  /// @param type its BTF id
  /// @param module the module whose BTF that is in; empty for the kernel itself
  public record KernelValue(int type, Optional<Descriptor> module) {}

  /// Makes a map that holds a struct of kernel functions.
  ///
  /// @param kernelName what the kernel is to call it
  /// @param btf the BTF of the object
  public Outcome makeStructOps(
      MapSpec spec, String kernelName, Optional<Descriptor> btf, KernelValue value) {
    return outcome(spec, call(spec, kernelName, btf, Optional.empty(), Optional.of(value)));
  }

  /// Makes a map.
  ///
  /// @param kernelName what the kernel is to call it
  /// @param btf the BTF that describes keys and values
  public Outcome make(MapSpec wanted, String kernelName, Optional<Descriptor> btf) {
    MapSpec spec = adjust(wanted);
    if (spec.inner().isEmpty()) {
      return make(spec, kernelName, btf, Optional.empty());
    }
    Outcome inner = make(spec.inner().get(), kernelName + INNER, btf);
    if (!(inner instanceof Outcome.Made(KernelMap innerMap))) {
      return inner;
    }
    try (innerMap) {
      return make(spec, kernelName, btf, Optional.of(innerMap.descriptor()));
    }
  }

  /// Sizes that depend on the machine: one slot for each CPU in perf event arrays that leave it
  /// open, whole pages, a power of two of them, in rings.
  MapSpec adjust(MapSpec spec) {
    MapType type = spec.type().orElse(null);
    if (type == MapType.PERF_EVENT_ARRAY && spec.maxEntries() == 0) {
      return spec.withMaxEntries(cpus);
    }
    if ((type == MapType.RINGBUF || type == MapType.USER_RINGBUF) && spec.maxEntries() > 0) {
      int size = Math.max(spec.maxEntries(), Mapping.pageSize());
      int power = Integer.highestOneBit(size);
      return spec.withMaxEntries(power == size ? size : power << 1);
    }
    return spec;
  }

  private Outcome make(
      MapSpec spec, String kernelName, Optional<Descriptor> btf, Optional<Descriptor> inner) {
    Optional<Descriptor> types = btf.filter(b -> takesBtf(spec));
    int result = call(spec, kernelName, types, inner, Optional.empty());
    if (result < 0 && types.isPresent()) {
      // An older kernel may not take types for this kind of map.
      int plain = call(spec, kernelName, Optional.empty(), inner, Optional.empty());
      result = plain < 0 ? result : plain;
    }
    return outcome(spec, result);
  }

  private Outcome outcome(MapSpec spec, int result) {
    return result < 0
        ? new Outcome.Refused(spec, Errors.of(result))
        : new Outcome.Made(owner.add(new KernelMap(new Descriptor(result), spec, cpus, owner)));
  }

  /// Linux takes no types for maps whose values mean something to the kernel itself.
  private static boolean takesBtf(MapSpec spec) {
    return spec.type()
        .map(type ->
            switch (type) {
              case PERF_EVENT_ARRAY,
                  CGROUP_ARRAY,
                  STACK_TRACE,
                  ARRAY_OF_MAPS,
                  HASH_OF_MAPS,
                  DEVMAP,
                  DEVMAP_HASH,
                  CPUMAP,
                  XSKMAP,
                  SOCKMAP,
                  SOCKHASH,
                  QUEUE,
                  STACK,
                  ARENA ->
                  false;
              default -> true;
            })
        .orElse(true);
  }

  /// Offsets are those of `union bpf_attr`.
  private static int call(
      MapSpec spec,
      String kernelName,
      Optional<Descriptor> btf,
      Optional<Descriptor> inner,
      Optional<KernelValue> value) {
    try (BpfCall call = new BpfCall(BpfCommand.MAP_CREATE)) {
      call.set32(0, spec.typeNumber())
          .set32(4, spec.keySize())
          .set32(8, spec.valueSize())
          .set32(12, spec.maxEntries())
          .set32(16, spec.flags())
          .set32(24, spec.numaNode())
          .setName(28, kernelName);
      if (spec.extra() != 0) {
        call.set64(64, spec.extra());
      }
      inner.ifPresent(map -> call.set32(20, map.acquire()));
      btf.ifPresent(types -> call.set32(48, types.acquire()));
      if (btf.isPresent() && value.isEmpty()) {
        call.set32(52, spec.keyType()).set32(56, spec.valueType());
      }
      Optional<Descriptor> module = value.flatMap(KernelValue::module);
      value.ifPresent(v -> call.set32(60, v.type()));
      module.ifPresent(m -> call.set32(16, spec.flags() | MODULE_VALUE).set32(72, m.acquire()));
      try {
        return call.invoke();
      } finally {
        module.ifPresent(Descriptor::release);
        inner.ifPresent(Descriptor::release);
        btf.ifPresent(Descriptor::release);
      }
    }
  }

  /// What to tell about a refusal.
  public static String reason(Outcome.Refused refused) {
    MapSpec spec = refused.spec();
    String type = spec.type().map(MapType::name).orElse("number " + spec.typeNumber());
    return switch (refused.errno()) {
      case EPERM -> "making maps of type %s takes root, CAP_BPF or more".formatted(type);
      case EINVAL ->
          "the kernel does not make maps of type %s with keys of %d, values of %d bytes, %s entries, flags 0x%x"
              .formatted(
                  type,
                  spec.keySize(),
                  spec.valueSize(),
                  Integer.toUnsignedString(spec.maxEntries()),
                  spec.flags());
      case E2BIG ->
          "too big: keys of %d, values of %d bytes, %s entries"
              .formatted(
                  spec.keySize(), spec.valueSize(), Integer.toUnsignedString(spec.maxEntries()));
      case ENOMEM -> "the kernel has no memory for it";
      default -> refused.errno().text();
    };
  }

  /// The map, or an exception that says why not.
  static KernelMap require(String name, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Made(KernelMap map) -> map;
      case Outcome.Refused refused ->
          throw new LoadException("map " + name, refused.errno(), reason(refused));
    };
  }
}
