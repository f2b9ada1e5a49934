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
  /// @throws CommandException if maps cannot be selected so
  /// @throws org.ebpf4j.linux.KernelException if there is none, or more than one of this name
  public static LinuxMap open(LinuxHost host, Selector selector) {
    return switch (selector) {
      case Selector.ById(int id) -> host.openMap(id);
      case Selector.ByPin(var path) -> host.openMap(path);
      case Selector.ByName(String name) -> host.openMap(name);
      case Selector.ByTag(String tag) ->
          throw new CommandException("maps have no tag: say id N, name X or pinned P");
      case Selector.ByFile(var file) ->
          throw new CommandException(
              file + ": is a file; say which map in the kernel: id N, name X or pinned P");
    };
  }

  /// What the kernel tells of all maps that are meant, at least one.
  ///
  /// @throws CommandException if there is none
  static List<MapInfo> infos(LinuxHost host, Selector selector) {
    return selector instanceof Selector.ByName(String name)
        ? named(host, name)
        : List.of(open(host, selector).info());
  }

  /// All maps that are meant, at least one.
  static List<LinuxMap> all(LinuxHost host, Selector selector) {
    return selector instanceof Selector.ByName(String name)
        ? named(host, name).stream().map(info -> host.openMap(info.id())).toList()
        : List.of(open(host, selector));
  }

  private static List<MapInfo> named(LinuxHost host, String name) {
    List<MapInfo> found = host.maps(name);
    if (found.isEmpty()) {
      throw new CommandException("no map named '" + name + "' in the kernel: see ebpf map show");
    }
    return found;
  }
}
