package org.ebpf4j.runtime.internal.object;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.runtime.internal.map.SpecialFields;

/// The structs of a program's own object file, of which `bpf_obj_new` makes objects, and those of
/// the kernel that it may look into.
public final class LocalTypes {
  private final Btf btf;
  private final MapStruct mapStruct;
  private final TaskStruct taskStruct;
  private final ConnectionStruct connectionStruct;
  private final ContextStruct packetStruct;
  private final ContextStruct frameStruct;
  private final Btf kernel;
  private final ConcurrentHashMap<Integer, Optional<LocalType>> known = new ConcurrentHashMap<>();

  /// @param kernel the types that the program was relocated to
  public LocalTypes(Btf btf, Btf kernel) {
    this.btf = btf;
    this.kernel = kernel;
    this.mapStruct = new MapStruct(kernel);
    this.taskStruct = new TaskStruct(kernel);
    this.connectionStruct = new ConnectionStruct(kernel);
    this.packetStruct = ContextStruct.ofPackets(kernel);
    this.frameStruct = ContextStruct.ofFrames(kernel);
  }

  /// How a map looks behind its address.
  public MapStruct mapStruct() {
    return mapStruct;
  }

  /// How a thread looks behind its address.
  public TaskStruct taskStruct() {
    return taskStruct;
  }

  /// How a connection looks behind its address.
  public ConnectionStruct connectionStruct() {
    return connectionStruct;
  }

  /// How the kernel's context of a `struct __sk_buff` looks.
  public ContextStruct packetStruct() {
    return packetStruct;
  }

  /// How the kernel's context of a `struct xdp_md` looks.
  public ContextStruct frameStruct() {
    return frameStruct;
  }

  /// The types that the program was relocated to.
  public Btf kernel() {
    return kernel;
  }

  /// A struct: its size, and what in it is more than bytes.
  public record LocalType(String name, int size, SpecialFields fields) {}

  /// The struct with this BTF id; empty for ids of anything else.
  public Optional<LocalType> struct(int id) {
    Optional<LocalType> found = known.get(id);
    return found != null ? found : known.computeIfAbsent(id, this::read);
  }

  /// What follows `prefix` in a tag of a declaration as a whole.
  ///
  /// @param declaration its BTF id, or 0 for none
  public Optional<String> tagAfter(String prefix, int declaration) {
    if (declaration == 0) {
      return Optional.empty();
    }
    for (BtfType type : btf.ownTypes()) {
      if (type instanceof BtfType.DeclarationTag(String tag, int target, int component, var _)
          && target == declaration
          && component < 0
          && tag.startsWith(prefix)) {
        return Optional.of(tag.substring(prefix.length()));
      }
    }
    return Optional.empty();
  }

  private Optional<LocalType> read(int id) {
    if (id <= 0
        || !btf.has(id)
        || !(btf.type(id) instanceof BtfType.Composite struct)
        || struct.union()
        || struct.size() <= 0) {
      return Optional.empty();
    }
    SpecialFields fields = SpecialFields.of(btf, id);
    return fields.fit(struct.size())
        ? Optional.of(new LocalType(struct.name(), struct.size(), fields))
        : Optional.empty();
  }
}
