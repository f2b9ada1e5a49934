package org.ebpf4j.cli.btf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.JsonListing;
import org.ebpf4j.cli.output.ObjectUsersFormat;
import org.ebpf4j.linux.BtfInfo;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.ObjectUser;
import tools.jackson.core.JsonGenerator;

/// Shows BTF objects in the kernel, with bpftool's words and field names.
///
/// @param objects what to show
/// @param programs ids of the programs that use them, by their id
/// @param maps ids of the maps that use them, by their id
/// @param users the processes that hold them, by id
record BtfListing(
    List<BtfInfo> objects,
    Map<Integer, List<Integer>> programs,
    Map<Integer, List<Integer>> maps,
    Map<Integer, List<ObjectUser>> users) {

  static BtfListing of(LinuxHost host, List<BtfInfo> objects) {
    Map<Integer, List<Integer>> programs = new TreeMap<>();
    host.programs().forEach(info -> add(programs, info.btfId(), info.id()));
    Map<Integer, List<Integer>> maps = new TreeMap<>();
    host.maps().forEach(info -> add(maps, info.btfId(), info.id()));
    return new BtfListing(objects, programs, maps, host.btfUsers());
  }

  private static void add(Map<Integer, List<Integer>> ids, int btf, int user) {
    ids.computeIfAbsent(btf, id -> new ArrayList<>()).add(user);
  }

  void text(Console console) {
    for (BtfInfo info : objects) {
      console.line(
          "%d: name %s  size %dB%s%s%s",
          info.id(),
          info.name().isEmpty() ? "<anon>" : info.kernel() ? "[" + info.name() + "]" : info.name(),
          info.bytes(),
          ObjectUsersFormat.ids("  ", "prog_ids", programs.getOrDefault(info.id(), List.of())),
          ObjectUsersFormat.ids("  ", "map_ids", maps.getOrDefault(info.id(), List.of())),
          ObjectUsersFormat.text("%n\t".formatted(), users.getOrDefault(info.id(), List.of())));
    }
  }

  String json() {
    return JsonListing.array(objects, this::fields);
  }

  private void fields(JsonGenerator json, BtfInfo info) {
    json.writeNumberProperty("id", info.id());
    json.writeNumberProperty("size", info.bytes());
    ObjectUsersFormat.ids(json, "prog_ids", programs.getOrDefault(info.id(), List.of()));
    ObjectUsersFormat.ids(json, "map_ids", maps.getOrDefault(info.id(), List.of()));
    json.writeBooleanProperty("kernel", info.kernel());
    if (!info.name().isEmpty()) {
      json.writeStringProperty("name", info.name());
    }
    ObjectUsersFormat.json(json, users.getOrDefault(info.id(), List.of()));
  }
}
