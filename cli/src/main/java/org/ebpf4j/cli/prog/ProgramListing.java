package org.ebpf4j.cli.prog;

import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.ebpf4j.cli.output.BootTime;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.JsonListing;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.cli.output.ObjectUsersFormat;
import org.ebpf4j.cli.output.PinsFormat;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.ObjectUser;
import org.ebpf4j.linux.ProgramInfo;
import tools.jackson.core.JsonGenerator;

/// Shows programs in the kernel, with bpftool's words and field names.
///
/// @param programs what to show
/// @param pins names in BPF file systems, by id
/// @param users the processes that hold programs, by id
/// @param boot when the machine started
record ProgramListing(
    List<ProgramInfo> programs,
    Map<Integer, List<Path>> pins,
    Map<Integer, List<ObjectUser>> users,
    Instant boot) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssZ").withZone(ZoneId.systemDefault());

  static ProgramListing of(
      LinuxHost host, List<ProgramInfo> programs, Map<Integer, List<Path>> pins) {
    return new ProgramListing(programs, pins, host.programUsers(), BootTime.instant());
  }

  private List<ObjectUser> usersOf(ProgramInfo info) {
    return users.getOrDefault(info.id(), List.of());
  }

  private Instant loadedAt(ProgramInfo info) {
    return boot.plus(info.sinceBoot());
  }

  private static String type(ProgramInfo info) {
    return info.type().map(Names::of).orElse("type " + info.typeNumber());
  }

  void text(Console console) {
    programs.forEach(info -> console.line(text(info)));
  }

  private String text(ProgramInfo info) {
    return "%d: %s%s  tag %s%s%s%n\tloaded_at %s  uid %d%n\txlated %dB  %s  memlock %dB%s%s%s%s"
        .formatted(
            info.id(),
            type(info),
            info.name().isEmpty() ? "" : "  name " + info.name(),
            info.tag(),
            info.gplCompatible() ? "  gpl" : "",
            statistics(info),
            TIME.format(loadedAt(info)),
            Integer.toUnsignedLong(info.user()),
            info.translatedBytes(),
            info.nativeBytes() == 0 ? "not jited" : "jited " + info.nativeBytes() + "B",
            info.memoryBytes(),
            ObjectUsersFormat.ids("  ", "map_ids", info.mapIds()),
            PinsFormat.text(pins.getOrDefault(info.id(), List.of())),
            info.btfId() == 0 ? "" : "%n\tbtf_id %d".formatted(info.btfId()),
            ObjectUsersFormat.text("%n\t".formatted(), usersOf(info)));
  }

  private static String statistics(ProgramInfo info) {
    return (info.runTime().isZero()
            ? ""
            : "  run_time_ns %d  run_cnt %d".formatted(info.runTime().toNanos(), info.runs()))
        + (info.misses() == 0 ? "" : "  recursion_misses " + info.misses());
  }

  /// @param chosen whether they were asked for, not all shown
  String json(boolean chosen) {
    return chosen
        ? JsonListing.chosen(programs, this::fields)
        : JsonListing.array(programs, this::fields);
  }

  private void fields(JsonGenerator json, ProgramInfo info) {
    json.writeNumberProperty("id", info.id());
    json.writeStringProperty("type", type(info));
    if (!info.name().isEmpty()) {
      json.writeStringProperty("name", info.name());
    }
    json.writeStringProperty("tag", info.tag());
    json.writeBooleanProperty("gpl_compatible", info.gplCompatible());
    if (!info.runTime().isZero()) {
      json.writeNumberProperty("run_time_ns", info.runTime().toNanos());
      json.writeNumberProperty("run_cnt", info.runs());
    }
    if (info.misses() != 0) {
      json.writeNumberProperty("recursion_misses", info.misses());
    }
    json.writeNumberProperty("loaded_at", loadedAt(info).getEpochSecond());
    json.writeNumberProperty("uid", Integer.toUnsignedLong(info.user()));
    json.writeNumberProperty("bytes_xlated", info.translatedBytes());
    json.writeBooleanProperty("jited", info.nativeBytes() != 0);
    if (info.nativeBytes() != 0) {
      json.writeNumberProperty("bytes_jited", info.nativeBytes());
    }
    json.writeNumberProperty("bytes_memlock", info.memoryBytes());
    if (!info.mapIds().isEmpty()) {
      ObjectUsersFormat.ids(json, "map_ids", info.mapIds());
    }
    if (info.btfId() != 0) {
      json.writeNumberProperty("btf_id", info.btfId());
    }
    PinsFormat.json(json, pins.getOrDefault(info.id(), List.of()));
    ObjectUsersFormat.json(json, usersOf(info));
  }
}
