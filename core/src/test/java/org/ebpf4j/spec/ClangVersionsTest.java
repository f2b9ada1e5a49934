package org.ebpf4j.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import org.ebpf4j.btf.BtfType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One source compiled by three compilers says the same. Ids of types and the code itself differ,
/// so types are compared by their C, and programs by what they are and refer to.
class ClangVersionsTest {
  private static final List<String> VERSIONS = List.of("clang-14", "clang-16", "clang-19");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simple",
        "maps",
        "globals",
        "subprograms",
        "externs",
        "legacy",
        "iproute2",
        "older",
        "exceptions",
        "types",
        "program",
        "target"
      })
  void objectsOfOneSourceSayTheSame(String source) {
    CollectionSpec newest = TestObjects.read("clang-19/" + source);
    for (String version : VERSIONS) {
      CollectionSpec spec = TestObjects.read(version + "/" + source);

      assertThat(spec.license()).isEqualTo(newest.license());
      assertThat(maps(spec)).as(version).isEqualTo(maps(newest));
      assertThat(programs(spec)).as(version).isEqualTo(programs(newest));
      assertThat(types(spec.btf())).as(version).isEqualTo(types(newest.btf()));
    }
  }

  private static Map<String, String> maps(CollectionSpec spec) {
    Map<String, String> maps = new TreeMap<>();
    spec.maps().forEach((name, map) -> maps.put(name, describe(spec.btf(), map)));
    return maps;
  }

  private static String describe(Btf btf, MapSpec map) {
    List<Object> parts = new ArrayList<>();
    parts.addAll(
        List.of(
            map.typeNumber(),
            map.keySize(),
            map.valueSize(),
            map.maxEntries(),
            map.flags(),
            map.extra(),
            map.numaNode(),
            map.pinByName()));
    parts.add(map.keyType() == 0 ? "" : BtfCPrinter.type(btf, map.keyType()));
    parts.add(btf.type(map.valueType()).name());
    parts.add(map.inner().map(inner -> describe(btf, inner)));
    parts.add(
        switch (map.contents()) {
          case MapSpec.Contents.Data(byte[] bytes, boolean frozen) ->
              HexFormat.of().formatHex(bytes) + frozen;
          case MapSpec.Contents.Kconfig kconfig ->
              kconfig.variables().stream().map(v -> v.name() + v.offset() + v.size()).toList();
          case MapSpec.Contents.Slots slots -> slots;
          case MapSpec.Contents.Operations operations -> operations.programs();
          case MapSpec.Contents.None none -> none;
        });
    return parts.toString();
  }

  private static Map<String, String> programs(CollectionSpec spec) {
    Map<String, String> programs = new TreeMap<>();
    for (ProgramSpec program : spec.programs().values()) {
      programs.put(
          program.name(),
          "%s %s %s %s %s"
              .formatted(
                  program.section(),
                  program.kind(),
                  program.autoload(),
                  new TreeSet<>(
                      program.functions().stream().map(f -> f.name() + f.global()).toList()),
                  new TreeSet<>(
                      program.relocations().stream().map(r -> r.kind() + r.access()).toList())));
    }
    return programs;
  }

  private static Map<String, String> types(Btf btf) {
    Map<String, String> types = new TreeMap<>();
    for (int id = 1; id < btf.endId(); id++) {
      switch (btf.type(id)) {
        case BtfType.Composite type when !type.name().isEmpty() ->
            // clang 14 writes no type tags.
            types.put(
                "tag " + type.name(),
                BtfCPrinter.type(btf, id)
                    .replaceAll("__attribute__\\(\\(btf_type_tag.*?\\)\\)\\) ", ""));
        case BtfType.Typedef type -> types.put(type.name(), BtfCPrinter.type(btf, id));
        // clang 14 does not say which enumerations are signed.
        case BtfType.Enumeration type when !type.name().equals("color") ->
            types.put("tag " + type.name(), BtfCPrinter.type(btf, id));
        case BtfType.Variable type -> types.put(type.name(), BtfCPrinter.type(btf, id));
        case BtfType.Function type -> types.put(type.name(), BtfCPrinter.type(btf, id));
        default -> {}
      }
    }
    return types;
  }
}
