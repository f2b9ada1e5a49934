package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Test;

/// `bpf_snprintf_btf`: the JVM shows values by their types as this machine's kernel does.
class TypedTextTest {
  private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");
  private static final long SEED = 618;
  private static final int VALUE_BYTES = 8192;
  private static final int POINTER_RAW = 4;

  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/typed.bpf.o"));

  /// Types with something of their own: bit-fields, unions, strings, enumerations, nested arrays.
  private static final List<String> NAMES =
      List.of(
          "iphdr",
          "ipv6hdr",
          "tcphdr",
          "list_head",
          "bpf_insn",
          "bpf_attr",
          "bpf_prog_info",
          "bpf_map_info",
          "new_utsname",
          "sk_buff",
          "task_struct",
          "bpf_prog",
          "bpf_map",
          "rb_node",
          "kernel_siginfo",
          "timespec64",
          "sockaddr_in6",
          "tcp_sock",
          "net_device",
          "bpf_prog_type",
          "pt_regs");

  private static Btf kernelTypes() {
    try {
      assumeTrue(Files.isReadable(KERNEL_TYPES), "no kernel types here");
      return BtfReader.read("vmlinux", Files.readAllBytes(KERNEL_TYPES));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(LoadedCollection loaded, int type, int flags, byte[] value) {
    MemorySegment.copy(
        value, 0, loaded.variable("value").memory(), ValueLayout.JAVA_BYTE, 0, value.length);
    loaded.variable("type").set(Codecs.U32, type);
    loaded.variable("flags").set(Codecs.U64, (long) flags);
    assertThat(loaded.program("shown").run(RunInput.context(new byte[64])).returnValue()).isZero();
    String text = loaded.variable("text").memory().getString(0, StandardCharsets.ISO_8859_1);
    return loaded.variable("result").get(Codecs.U64) + ": " + text;
  }

  /// Bytes of which most are 0, as in real values.
  private static byte[] value(Random random) {
    byte[] value = new byte[VALUE_BYTES];
    int zeros = random.nextInt(4);
    for (int i = 0; i < value.length; i++) {
      if (random.nextInt(1 << 2 * zeros) == 0) {
        value[i] = (byte) (random.nextBoolean() ? random.nextInt() : 'a' + random.nextInt(26));
      }
    }
    return value;
  }

  private static List<Integer> types(Btf kernel, Random random) {
    List<Integer> types = new ArrayList<>();
    for (String name : NAMES) {
      types.addAll(kernel.find(name, BtfType.class));
    }
    while (types.size() < 400) {
      int id = 1 + random.nextInt(kernel.endId() - 1);
      boolean shown =
          switch (kernel.resolved(id)) {
            case BtfType.Composite struct -> struct.size() <= VALUE_BYTES;
            case BtfType.Int number -> true;
            case BtfType.Enumeration enumeration -> enumeration.size() > 0;
            case BtfType.Array array -> array.count() <= 64;
            default -> false;
          };
      if (shown && size(kernel, id) <= VALUE_BYTES) {
        types.add(id);
      }
    }
    return types;
  }

  private static long size(Btf types, int id) {
    return switch (types.resolved(id)) {
      case BtfType.Array array -> array.count() * size(types, array.element());
      case BtfType.Composite struct -> struct.size();
      default -> Long.BYTES;
    };
  }

  @Test
  void valuesLookAsTheKernelShowsThem() {
    Btf kernel = kernelTypes();
    Random random = new Random(SEED);
    try (Host linux = LinuxHosts.open();
        LoadedCollection there = linux.load(SPEC, LoadOptions.defaults().withProgram("shown"));
        Host jvm = JvmHost.builder().cpus(1).build();
        LoadedCollection here =
            jvm.load(SPEC, LoadOptions.defaults().withProgram("shown").withKernelTypes(kernel))) {
      for (int type : types(kernel, random)) {
        byte[] value = value(random);
        int flags = random.nextInt(16) | POINTER_RAW;
        assertThat(text(here, type, flags, value))
            .as("type %d, %s, flags %d", type, kernel.type(type).name(), flags)
            .isEqualTo(text(there, type, flags, value));
      }
    }
  }

  @Test
  void textIsCutAndWrongArgumentsAreRefusedAsInLinux() {
    Btf kernel = kernelTypes();
    try (Host linux = LinuxHosts.open();
        Host jvm = JvmHost.builder().cpus(1).build()) {
      for (Host host : List.of(linux, jvm)) {
        LoadOptions options = LoadOptions.defaults().withProgram("cut");
        try (LoadedCollection loaded =
            host.load(SPEC, host == jvm ? options.withKernelTypes(kernel) : options)) {
          loaded
              .variable("type")
              .set(Codecs.U32, kernel.find("iphdr", BtfType.Composite.class).getFirst());
          loaded.variable("value").memory().fill((byte) 1);
          assertThat(loaded.program("cut").run(RunInput.context(new byte[64])).returnValue())
              .as("the line whose check failed in " + host.name())
              .isZero();
        }
      }
    }
  }
}
