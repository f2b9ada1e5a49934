package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Callers set global variables before a collection is loaded, in whatever section they are.
class GlobalsTest {
  private static final CollectionSpec GLOBALS =
      CollectionReader.read(Path.of("../core/src/test/resources/objects/clang-19/globals.bpf.o"));
  private static final CollectionSpec NO_DATA =
      CollectionReader.read(Path.of("../core/src/test/resources/objects/clang-19/legacy.bpf.o"));

  private final JvmHost host = JvmHost.create();

  @AfterEach
  void close() {
    host.close();
  }

  private static byte[] u64(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
  }

  @Test
  void setsVariablesOfEverySection() {
    LoadOptions options =
        LoadOptions.defaults()
            .withGlobal("custom_data", u64(1000))
            .withGlobal("custom_rodata", u64(200))
            .withGlobal("custom_bss", u64(30));
    try (LoadedCollection loaded = host.load(GLOBALS, options)) {
      loaded.program("touch").run(RunInput.packet(new byte[64]));

      assertThat(loaded.variable("custom_bss").memory().get(ValueLayout.JAVA_LONG, 0))
          .as("30 + 1000 + 200 + 5 + 77, as the program adds up")
          .isEqualTo(1312);
      assertThat(loaded.variable("custom_rodata").writable()).isFalse();
    }
  }

  @Test
  void refusesVariablesThatAreNotThereOrOfAnotherSize() {
    LoadOptions absent = LoadOptions.defaults().withGlobal("absent", u64(1));
    assertThatThrownBy(() -> host.load(GLOBALS, absent))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("no global variable named absent");
    assertThatThrownBy(() -> host.load(NO_DATA, absent))
        .as("also where no section of data is")
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("no global variable named absent");
    assertThatThrownBy(
            () -> host.load(GLOBALS, LoadOptions.defaults().withGlobal("custom_bss", new byte[4])))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("custom_bss takes 8 bytes, not 4");
  }
}
