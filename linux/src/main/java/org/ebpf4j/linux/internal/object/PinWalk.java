package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.PinnedObject;
import org.ebpf4j.sys.Descriptor;

/// Finds what is pinned below a folder of a BPF file system.
public final class PinWalk {
  private PinWalk() {}

  /// By path. What goes away meanwhile, or is something else, such as an iterator, is left out.
  ///
  /// @throws KernelException if the folder cannot be read
  public static List<PinnedObject> of(Path folder) {
    List<PinnedObject> found = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.filter(Files::isRegularFile).sorted().forEach(path -> find(path).ifPresent(found::add));
    } catch (IOException e) {
      boolean denied = e instanceof AccessDeniedException;
      throw new KernelException(
          "list pins in " + folder,
          denied ? Errno.EACCES : Errno.ENOENT,
          denied ? "run as root" : "there is no such folder");
    }
    return found;
  }

  private static Optional<PinnedObject> find(Path path) {
    try (Descriptor descriptor = Pins.open(path)) {
      DescriptorInfo info = DescriptorInfo.of(descriptor);
      return kind(info, ObjectKind.MAP, PinnedObject.Kind.MAP, path)
          // A link tells of its program too.
          .or(() -> kind(info, ObjectKind.LINK, PinnedObject.Kind.LINK, path))
          .or(() -> kind(info, ObjectKind.PROGRAM, PinnedObject.Kind.PROGRAM, path));
    } catch (KernelException e) {
      return Optional.empty();
    }
  }

  private static Optional<PinnedObject> kind(
      DescriptorInfo info, ObjectKind object, PinnedObject.Kind kind, Path path) {
    return info.number(object.idName()).map(id -> new PinnedObject(path, kind, id.intValue()));
  }
}
