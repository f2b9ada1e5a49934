package org.ebpf4j.linux.internal.load;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Structs of kernel functions that programs implement, such as `struct tcp_congestion_ops`: what
/// the kernel wants to know of them. Source: `kernel/bpf/bpf_struct_ops.c`.
///
/// @param type the struct in the kernel's BTF
/// @param value what the kernel wraps it in, which is the map's value
record StructOps(KernelTypes.Found type, KernelTypes.Found value) {
  private static final String VALUE_PREFIX = "bpf_struct_ops_";
  private static final String FLAVOUR = "___";

  /// The struct that a map of an object holds.
  ///
  /// @throws LoadException `ESRCH` if the kernel has none of that name that programs may implement
  static StructOps of(MapSpec map, Btf object, KernelTypes types) {
    String declared = object.type(map.valueType()).name();
    int flavour = declared.indexOf(FLAVOUR);
    String name = flavour > 0 ? declared.substring(0, flavour) : declared;
    Optional<KernelTypes.Found> type = types.find(name, BtfType.Composite.class);
    Optional<KernelTypes.Found> value = types.find(VALUE_PREFIX + name, BtfType.Composite.class);
    if (type.isEmpty() || value.isEmpty()) {
      throw new LoadException(
          "map " + map.name(),
          Errno.ESRCH,
          "the kernel's BTF has no struct %s that programs implement".formatted(name));
    }
    return new StructOps(type.get(), value.get());
  }

  /// Bytes of the map's value.
  int valueSize(KernelTypes types) {
    return ((BtfType.Composite) types.type(value)).size();
  }

  /// Which member of which struct a program is.
  ///
  /// @param map the map that says so
  record Member(MapSpec map, String name) {

    /// @throws LoadException `EINVAL` if no map of the object has the program
    static Member of(ProgramSpec program, CollectionSpec spec) {
      for (MapSpec map : spec.maps().values()) {
        if (map.contents()
            instanceof MapSpec.Contents.Operations(byte[] bytes, List<MapSpec.Slot> programs)) {
          for (MapSpec.Slot slot : programs) {
            if (slot.target().equals(program.name())) {
              return new Member(map, memberAt(spec.btf(), map, slot.key()));
            }
          }
        }
      }
      throw new LoadException(
          "program " + program.name(),
          Errno.EINVAL,
          "no variable in .struct_ops has it as a member, so its type is not known");
    }

    private static String memberAt(Btf btf, MapSpec map, int offset) {
      if (btf.type(map.valueType()) instanceof BtfType.Composite struct) {
        for (BtfType.Member member : struct.members()) {
          if (member.bitOffset() == offset * Byte.SIZE) {
            return member.name();
          }
        }
      }
      throw new LoadException(
          "map " + map.name(), Errno.EINVAL, "no member begins at byte " + offset);
    }
  }

  /// The index of a member in the kernel's struct.
  ///
  /// @throws LoadException `ESRCH` if it has none of that name
  int index(Member member, KernelTypes types) {
    List<BtfType.Member> members = ((BtfType.Composite) types.type(type)).members();
    for (int i = 0; i < members.size(); i++) {
      if (members.get(i).name().equals(member.name())) {
        return i;
      }
    }
    throw new LoadException(
        "map " + member.map().name(),
        Errno.ESRCH,
        "the kernel's struct %s has no member %s"
            .formatted(types.type(type).name(), member.name()));
  }
}
