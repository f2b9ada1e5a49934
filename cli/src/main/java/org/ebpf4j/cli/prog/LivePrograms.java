package org.ebpf4j.cli.prog;

import java.util.List;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.linux.ProgramInfo;

/// Finds programs in the kernel by selector.
public final class LivePrograms {
  private LivePrograms() {}

  /// The one program that is meant.
  ///
  /// @throws CommandException if there is none, or more than one of this name
  public static LinuxProgram open(LinuxHost host, Selector selector) {
    return switch (selector) {
      case Selector.ById(int id) -> host.openProgram(id);
      case Selector.ByPin(var path) -> host.openProgram(path);
      case Selector.ByName(String name) -> host.openProgram(named(host, name));
      case Selector.ByFile(var file) ->
          throw new CommandException(
              file + ": is a file; say which program in the kernel: id N, name X or pinned P");
    };
  }

  private static int named(LinuxHost host, String name) {
    List<Integer> ids =
        host.programs().stream()
            .filter(info -> info.name().equals(name))
            .map(ProgramInfo::id)
            .toList();
    return switch (ids.size()) {
      case 0 ->
          throw new CommandException(
              "no program named '" + name + "' in the kernel: see ebpf prog show");
      case 1 -> ids.getFirst();
      default ->
          throw new CommandException(
              "several programs are named '%s': choose one of the ids %s".formatted(name, ids));
    };
  }
}
