package org.ebpf4j.cli.link;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.JsonListing;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.cli.output.ObjectUsersFormat;
import org.ebpf4j.cli.output.PinsFormat;
import org.ebpf4j.linux.LinkInfo;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.ObjectUser;
import tools.jackson.core.JsonGenerator;

/// Shows links, with bpftool's words and field names.
///
/// @param links what to show
/// @param pins names in BPF file systems, by id
/// @param users the processes that hold links, by id
record LinkListing(
    List<LinkInfo> links, Map<Integer, List<Path>> pins, Map<Integer, List<ObjectUser>> users) {

  static LinkListing of(LinuxHost host, List<LinkInfo> links, Map<Integer, List<Path>> pins) {
    return new LinkListing(links, pins, host.linkUsers());
  }

  private static String type(LinkInfo info) {
    return info.type().map(Names::of).orElse("type " + info.typeNumber());
  }

  void text(Console console) {
    for (LinkInfo info : links) {
      console.line(
          "%d: %s  prog %d%s%s",
          info.id(),
          type(info),
          info.programId(),
          PinsFormat.text(pins.getOrDefault(info.id(), List.of())),
          ObjectUsersFormat.text("%n\t".formatted(), users.getOrDefault(info.id(), List.of())));
    }
  }

  /// @param chosen whether one was asked for, not all shown
  String json(boolean chosen) {
    return chosen
        ? JsonListing.chosen(links, this::fields)
        : JsonListing.array(links, this::fields);
  }

  private void fields(JsonGenerator json, LinkInfo info) {
    json.writeNumberProperty("id", info.id());
    json.writeStringProperty("type", type(info));
    json.writeNumberProperty("prog_id", info.programId());
    PinsFormat.json(json, pins.getOrDefault(info.id(), List.of()));
    ObjectUsersFormat.json(json, users.getOrDefault(info.id(), List.of()));
  }
}
