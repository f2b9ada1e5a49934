package org.ebpf4j.cli.map;

import java.util.List;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.linux.MapInfo;

/// Finds maps in the kernel by selector.
public final class LiveMaps {
  private LiveMaps() {}

  /// The one map that is meant.
  ///
  /// @throws CommandException if there is none, or more than one of this name
  public static LinuxMap open(LinuxHost host, Selector selector) {
    return switch (selector) {
      case Selector.ById(int id) -> host.openMap(id);
      case Selector.ByPin(var path) -> host.openMap(path);
      case Selector.ByName(String name) -> host.openMap(named(host, name));
      case Selector.ByFile(var file) ->
          throw new CommandException(
              file + ": is a file; say which map in the kernel: id N, name X or pinned P");
    };
  }

  private static int named(LinuxHost host, String name) {
    List<Integer> ids =
        host.maps().stream().filter(info -> info.name().equals(name)).map(MapInfo::id).toList();
    return switch (ids.size()) {
      case 0 ->
          throw new CommandException(
              "no map named '" + name + "' in the kernel: see ebpf map show");
      case 1 -> ids.getFirst();
      default ->
          throw new CommandException(
              "several maps are named '%s': choose one of the ids %s".formatted(name, ids));
    };
  }
}
