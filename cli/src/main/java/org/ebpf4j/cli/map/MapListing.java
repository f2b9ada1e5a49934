package org.ebpf4j.cli.map;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.JsonListing;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.cli.output.ObjectUsersFormat;
import org.ebpf4j.cli.output.PinsFormat;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.MapInfo;
import org.ebpf4j.linux.ObjectUser;
import tools.jackson.core.JsonGenerator;

/// Shows maps in the kernel, with bpftool's words and field names.
///
/// @param maps what to show
/// @param pins names in BPF file systems, by id
/// @param users the processes that hold maps, by id
record MapListing(
    List<MapInfo> maps, Map<Integer, List<Path>> pins, Map<Integer, List<ObjectUser>> users) {

  static MapListing of(LinuxHost host, List<MapInfo> maps, Map<Integer, List<Path>> pins) {
    return new MapListing(maps, pins, host.mapUsers());
  }

  private List<ObjectUser> usersOf(MapInfo info) {
    return users.getOrDefault(info.id(), List.of());
  }

  private static String type(MapInfo info) {
    return info.type().map(Names::of).orElse("type " + info.typeNumber());
  }

  private static String type(MapInfo.Owner owner) {
    return owner.type().map(Names::of).orElse(String.valueOf(owner.typeNumber()));
  }

  void text(Console console) {
    maps.forEach(info -> console.line(text(info)));
  }

  private String text(MapInfo info) {
    String last =
        (info.btfId() == 0 ? "" : "btf_id " + info.btfId())
            + (info.btfId() != 0 && info.frozen() ? "  " : "")
            + (info.frozen() ? "frozen" : "");
    return "%d: %s%s  flags 0x%x%n\tkey %dB  value %dB  max_entries %s  memlock %dB%s%s%s%s"
        .formatted(
            info.id(),
            type(info),
            info.name().isEmpty() ? "" : "  name " + info.name(),
            info.flags(),
            info.keySize(),
            info.valueSize(),
            Integer.toUnsignedString(info.maxEntries()),
            info.memoryBytes(),
            info.owner()
                .map(owner ->
                    "%n\towner_prog_type %s  owner%s jited"
                        .formatted(type(owner), owner.jited() ? "" : " not"))
                .orElse(""),
            PinsFormat.text(pins.getOrDefault(info.id(), List.of())),
            last.isEmpty() ? "" : "%n\t%s".formatted(last),
            ObjectUsersFormat.text("%n\t".formatted(), usersOf(info)));
  }

  /// @param chosen whether they were asked for, not all shown
  String json(boolean chosen) {
    return chosen ? JsonListing.chosen(maps, this::fields) : JsonListing.array(maps, this::fields);
  }

  private void fields(JsonGenerator json, MapInfo info) {
    json.writeNumberProperty("id", info.id());
    json.writeStringProperty("type", type(info));
    if (!info.name().isEmpty()) {
      json.writeStringProperty("name", info.name());
    }
    json.writeNumberProperty("flags", info.flags());
    json.writeNumberProperty("bytes_key", info.keySize());
    json.writeNumberProperty("bytes_value", info.valueSize());
    json.writeNumberProperty("max_entries", Integer.toUnsignedLong(info.maxEntries()));
    json.writeNumberProperty("bytes_memlock", info.memoryBytes());
    info.owner()
        .ifPresent(owner -> {
          json.writeStringProperty("owner_prog_type", type(owner));
          json.writeBooleanProperty("owner_jited", owner.jited());
        });
    json.writeNumberProperty("frozen", info.frozen() ? 1 : 0);
    if (info.btfId() != 0) {
      json.writeNumberProperty("btf_id", info.btfId());
    }
    PinsFormat.json(json, pins.getOrDefault(info.id(), List.of()));
    ObjectUsersFormat.json(json, usersOf(info));
  }
}
