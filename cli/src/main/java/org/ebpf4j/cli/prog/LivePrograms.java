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
  /// @throws CommandException if there is none of this tag, or more than one
  /// @throws org.ebpf4j.linux.KernelException if there is none, or more than one of this name
  public static LinuxProgram open(LinuxHost host, Selector selector) {
    return switch (selector) {
      case Selector.ById(int id) -> host.openProgram(id);
      case Selector.ByPin(var path) -> host.openProgram(path);
      case Selector.ByName(String name) -> host.openProgram(name);
      case Selector.ByTag(String tag) -> host.openProgram(only(host, selector));
      case Selector.ByFile(var file) ->
          throw new CommandException(
              file + ": is a file; say which program in the kernel: id N, name X or pinned P");
    };
  }

  /// What the kernel tells of all programs that are meant, at least one.
  ///
  /// @throws CommandException if there is none
  static List<ProgramInfo> infos(LinuxHost host, Selector selector) {
    return switch (selector) {
      case Selector.ByName(String name) -> some("named '" + name + "'", host.programs(name));
      case Selector.ByTag(String tag) ->
          some(
              "with tag " + tag,
              host.programs().stream().filter(info -> info.tag().equals(tag)).toList());
      case Selector.ById id -> List.of(open(host, id).info());
      case Selector.ByPin pin -> List.of(open(host, pin).info());
      case Selector.ByFile file -> List.of(open(host, file).info());
    };
  }

  private static List<ProgramInfo> some(String what, List<ProgramInfo> found) {
    if (found.isEmpty()) {
      throw new CommandException("no program %s in the kernel: see ebpf prog show".formatted(what));
    }
    return found;
  }

  private static int only(LinuxHost host, Selector selector) {
    List<Integer> ids = infos(host, selector).stream().map(ProgramInfo::id).toList();
    if (ids.size() > 1) {
      throw new CommandException(
          "several programs have this tag: choose one of the ids %s, and say id N".formatted(ids));
    }
    return ids.getFirst();
  }
}
