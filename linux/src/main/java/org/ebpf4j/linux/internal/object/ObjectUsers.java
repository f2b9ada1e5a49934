package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.linux.ObjectUser;

/// Finds the processes that hold kernel objects, by looking at all descriptors in /proc. Those of
/// processes that may not be looked at, or end meanwhile, are left out, and so is this process.
public final class ObjectUsers {
  private static final Path PROCESSES = Path.of("/proc");

  private ObjectUsers() {}

  /// Users by the id of the object.
  public static Map<Integer, List<ObjectUser>> of(ObjectKind kind) {
    Map<Integer, List<ObjectUser>> users = new TreeMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      String self = String.valueOf(ProcessHandle.current().pid());
      for (Path process : processes) {
        if (!process.endsWith(self)) {
          add(kind, process, users);
        }
      }
    } catch (IOException e) {
      return users; // without /proc no one knows
    }
    return users;
  }

  private static void add(ObjectKind kind, Path process, Map<Integer, List<ObjectUser>> users) {
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fdinfo"))) {
      for (Path descriptor : descriptors) {
        Optional<Integer> id = id(kind, descriptor);
        if (id.isPresent()) {
          ObjectUser user =
              new ObjectUser(
                  Integer.parseInt(process.getFileName().toString()),
                  Files.readString(process.resolve("comm")).strip());
          List<ObjectUser> known = users.computeIfAbsent(id.get(), key -> new ArrayList<>());
          if (!known.contains(user)) {
            known.add(user);
          }
        }
      }
    } catch (IOException e) {
      // It has ended, or is someone else's.
    }
  }

  private static Optional<Integer> id(ObjectKind kind, Path descriptor) {
    try {
      return DescriptorInfo.read(descriptor).number(kind.idName()).map(Long::intValue);
    } catch (IOException e) {
      return Optional.empty(); // closed by now
    }
  }
}
