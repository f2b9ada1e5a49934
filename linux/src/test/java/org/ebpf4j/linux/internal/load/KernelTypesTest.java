package org.ebpf4j.linux.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfWriter;
import org.ebpf4j.error.Errno;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Types of a kernel with two modules, made here as a kernel stores them: the types of a module are
/// numbered on from the kernel's.
class KernelTypesTest {
  private static final Btf KERNEL =
      stored(
          List.of(
              new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
              new BtfType.Prototype(1, List.of()),
              new BtfType.Function("shared", 2, BtfType.Linkage.STATIC),
              new BtfType.Composite(
                  "device", false, 4, List.of(new BtfType.Member("id", 1, 0, 0)))));

  private static final Btf FIRST =
      Btf.split(
          KERNEL,
          List.of(
              new BtfType.Function("shared", 2, BtfType.Linkage.STATIC),
              new BtfType.Function("of_first", 2, BtfType.Linkage.STATIC)));

  private static final Btf SECOND =
      Btf.split(
          KERNEL,
          List.of(
              new BtfType.Pointer(4),
              new BtfType.Composite(
                  "device_of_second", false, 8, List.of(new BtfType.Member("device", 5, 0, 0))),
              new BtfType.Function("of_second", 2, BtfType.Linkage.STATIC)));

  /// As it is when it has been written and read.
  private static Btf stored(List<BtfType> types) {
    return BtfReader.read("kernel", new BtfWriter(Btf.of(types)).toBytes());
  }

  @TempDir private Path folder;

  private KernelTypes types;

  @BeforeEach
  void store() throws IOException {
    Path file = folder.resolve("vmlinux");
    Files.write(file, new BtfWriter(KERNEL).toBytes());
    types =
        new KernelTypes(
            file,
            () ->
                List.of(
                    new KernelTypes.StoredModule(11, "first", new BtfWriter(FIRST).toBytes()),
                    new KernelTypes.StoredModule(12, "second", new BtfWriter(SECOND).toBytes())));
  }

  private KernelTypes.Found find(String name, Class<? extends BtfType> kind) {
    return types.find(name, kind).orElseThrow();
  }

  @Test
  void whatTheKernelHasIsTheKernels() {
    KernelTypes.Found shared = find("shared", BtfType.Function.class);
    assertThat(shared.module()).isEmpty();
    assertThat(types.type(shared)).isEqualTo(KERNEL.type(3));
  }

  @Test
  void theRestIsFoundInTheModuleThatHasIt() {
    KernelTypes.Found first = find("of_first", BtfType.Function.class);
    assertThat(first.module().map(KernelTypes.Module::id)).contains(11);
    assertThat(first.id()).isEqualTo(6);
    KernelTypes.Found second = find("of_second", BtfType.Function.class);
    assertThat(second.module().map(KernelTypes.Module::name)).contains("second");
    assertThat(types.type(second))
        .isEqualTo(new BtfType.Function("of_second", 2, BtfType.Linkage.STATIC));
  }

  @Test
  void typesOfAModuleReferToTheKernels() {
    KernelTypes.Found struct = find("device_of_second", BtfType.Composite.class);
    BtfType.Composite composite = (BtfType.Composite) types.type(struct);
    Btf module = struct.module().orElseThrow().types();
    BtfType.Pointer pointer = (BtfType.Pointer) module.type(composite.members().getFirst().type());
    assertThat(module.type(pointer.target()).name()).isEqualTo("device");
  }

  @Test
  void aNameOfAnotherKindOrOfNoneIsNotFound() {
    assertThat(types.find("of_first", BtfType.Composite.class)).isEqualTo(Optional.empty());
    assertThat(types.find("nowhere", BtfType.Function.class)).isEqualTo(Optional.empty());
  }

  @Test
  void aKernelThatShowsNoTypesIsToldOf() {
    KernelTypes none = new KernelTypes(folder.resolve("none"), List::of);
    assertThatThrownBy(none::kernel)
        .isInstanceOfSatisfying(
            LoadException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining("CONFIG_DEBUG_INFO_BTF");
  }
}
