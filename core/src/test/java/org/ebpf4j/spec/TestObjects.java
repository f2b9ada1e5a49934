package org.ebpf4j.spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.elf.ElfReader;

/// The objects compiled from `core/src/test/c`.
public final class TestObjects {
  private TestObjects() {}

  /// The bytes of an object, such as `clang-19/simple`.
  public static byte[] bytes(String name) {
    String resource = "/objects/" + name + ".bpf.o";
    try (InputStream in = TestObjects.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no test object " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What an object says.
  public static CollectionSpec read(String name) {
    return CollectionReader.read(name, bytes(name));
  }

  /// The bytes of a section of an object.
  static byte[] code(String name, String section) {
    return ElfReader.read(name, bytes(name)).section(section).orElseThrow().data().bytes();
  }

  /// An object's types.
  public static Btf btf(String name) {
    return read(name).btf();
  }
}
