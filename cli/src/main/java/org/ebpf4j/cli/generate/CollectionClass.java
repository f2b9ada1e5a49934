package org.ebpf4j.cli.generate;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Writes a class for an object file: its programs, maps and global variables by name, with their
/// types as records. What is written needs `org.ebpf4j.api` alone, and works on every host.
public final class CollectionClass {
  /// Names that the generated source uses for itself.
  private static final Set<String> IMPORTED =
      Set.of(
          "BpfMap",
          "BpfProgram",
          "Codec",
          "Codecs",
          "CollectionReader",
          "CollectionSpec",
          "Host",
          "IllegalArgumentException",
          "List",
          "LoadOptions",
          "LoadedCollection",
          "MemorySegment",
          "AutoCloseable",
          "Override",
          "ByteOrder",
          "Layout",
          "Path",
          "StandardCharsets",
          "String",
          "TypedMap",
          "ValueLayout",
          "Boolean",
          "Byte",
          "Double",
          "Float",
          "Short",
          "Integer",
          "Long",
          "Record",
          "Object");

  private final CollectionSpec spec;
  private final String packageName;
  private final String className;
  private final JavaRecords records;
  private final JavaNames members = new JavaNames(Set.of());
  private final StringBuilder body = new StringBuilder();

  /// @param packageName "" for none
  /// @param className what to call it
  public CollectionClass(CollectionSpec spec, String packageName, String className) {
    this.spec = spec;
    this.packageName = packageName;
    this.className = className;
    Set<String> taken = new HashSet<>(IMPORTED);
    taken.add(className);
    this.records = new JavaRecords(spec.btf(), new JavaNames(taken));
  }

  /// A name for the class of an object file: `my_probe.bpf.o` becomes `MyProbe`.
  public static String nameOf(String file) {
    int dot = file.indexOf('.');
    return new JavaNames(IMPORTED).type(dot > 0 ? file.substring(0, dot) : file);
  }

  /// The source.
  ///
  /// @param more names of further structs that get records, such as those of events
  /// @throws IllegalArgumentException naming one that the object does not have
  public String source(List<String> more) {
    for (String name : more) {
      List<Integer> ids = spec.btf().find(name, BtfType.Composite.class);
      if (ids.isEmpty()) {
        throw new IllegalArgumentException(
            "%s has no struct %s: use it in a map or a global variable"
                .formatted(spec.name(), name));
      }
      records.of(ids.getFirst(), name);
    }
    spec.programs().values().forEach(this::program);
    spec.maps().values().forEach(this::map);
    spec.maps().values().forEach(this::variables);
    StringBuilder source = new StringBuilder();
    if (!packageName.isEmpty()) {
      source.append("package %s;%n%n".formatted(packageName));
    }
    source.append(SourceParts.IMPORTS);
    source.append(SourceParts.HEAD.formatted(className, fileName()));
    source.append(body);
    records.sources().forEach(source::append);
    return source.append(SourceParts.TAIL).toString();
  }

  private String fileName() {
    int slash = Math.max(spec.name().lastIndexOf('/'), spec.name().lastIndexOf('\\'));
    return spec.name().substring(slash + 1);
  }

  private void program(ProgramSpec program) {
    body.append(
        """
          /// Program `%1$s`, section `%2$s`.
          public BpfProgram %3$s() {
            return collection.program("%1$s");
          }

        """
            .formatted(
                program.name(), program.section(), members.member(program.name() + "_program")));
  }

  private void map(MapSpec map) {
    if (map.name().startsWith(".") || map.typeNumber() == MapType.STRUCT_OPS.number()) {
      return; // variables have methods of their own; structs of functions are the kernel's to use
    }
    String type = map.type().map(MapType::name).orElse("type " + map.typeNumber());
    String name = members.member(map.name() + "_map");
    boolean typed = map.keySize() > 0 && map.valueSize() > 0 && map.inner().isEmpty();
    if (!typed || (map.keyType() == 0 && map.valueType() == 0)) {
      body.append(
          """
            /// Map `%1$s`, %2$s.
            public BpfMap %3$s() {
              return collection.map("%1$s");
            }

          """
              .formatted(map.name(), type, name));
      return;
    }
    Part key = part(map.keyType(), map.keySize(), map.name() + "_key");
    Part value = part(map.valueType(), map.valueSize(), map.name() + "_value");
    body.append(
        """
          /// Map `%1$s`, %2$s.
          public TypedMap<%4$s, %5$s> %3$s() {
            return collection.map("%1$s").typed(%6$s, %7$s);
          }

        """
            .formatted(
                map.name(), type, name, key.type(), value.type(), key.codec(), value.codec()));
  }

  /// A key or value: its type and its codec.
  private record Part(String type, String codec) {}

  private Part part(int type, int size, String hint) {
    if (type != 0) {
      JavaType java = records.of(type, hint);
      if (java.size() == size && java.codec().isPresent()) {
        return new Part(java.boxed(), java.codec().get());
      }
    }
    return new Part("byte[]", "Codecs.bytes(%d)".formatted(size));
  }

  private void variables(MapSpec map) {
    boolean data =
        map.contents() instanceof MapSpec.Contents.Data
            || map.contents() instanceof MapSpec.Contents.None;
    if (data
        && map.valueType() != 0
        && spec.btf().type(map.valueType()) instanceof BtfType.DataSection section) {
      boolean constant = map.name().startsWith(".rodata");
      for (BtfType.SectionVariable placed : section.variables()) {
        if (spec.btf().type(placed.type()) instanceof BtfType.Variable variable
            && variable.linkage() != BtfType.Linkage.STATIC) {
          variable(variable, records.of(variable.type(), variable.name()), constant);
        }
      }
    }
  }

  private void variable(BtfType.Variable variable, JavaType type, boolean constant) {
    if (type.size() == 0) {
      return;
    }
    String name = members.member(variable.name());
    body.append(
        """
          /// Global variable `%1$s`.
          public %3$s %2$s() {
            MemorySegment source = collection.variable("%1$s").memory();
            return %4$s;
          }

          /// The same options with `%1$s` set before anything runs.
          public static LoadOptions %5$s(LoadOptions options, %3$s value) {
            byte[] bytes = new byte[%6$d];
            MemorySegment target = MemorySegment.ofArray(bytes);
            %7$s
            return options.withGlobal("%1$s", bytes);
          }

        """
            .formatted(
                variable.name(),
                name,
                type.name(),
                type.read(0),
                members.member("with_" + variable.name()),
                type.size(),
                type.write(0, "value")));
    if (!constant) {
      body.append(
          """
            /// Sets the global variable `%1$s`.
            public void %2$s(%3$s value) {
              MemorySegment target = collection.variable("%1$s").memory();
              %4$s
            }

          """
              .formatted(variable.name(), name, type.name(), type.write(0, "value")));
    }
  }
}
