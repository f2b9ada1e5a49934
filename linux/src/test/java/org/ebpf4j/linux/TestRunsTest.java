package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// Test runs of programs of every type.
class TestRunsTest {
  static final List<TestRunRow> TABLE = TestRunRow.TABLE;

  private LinuxHost host;

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
    }
  }

  @ParameterizedTest
  @FieldSource("TABLE")
  void aTypeRunsOrSaysThatItCannot(TestRunRow row) {
    host = Linux.host();
    try (LoadedCollection loaded = host.load(row.collection())) {
      LinuxProgram program = (LinuxProgram) loaded.program("smallest");
      switch (row.outcome()) {
        case TestRunRow.Runs runs -> runs(program, runs);
        case TestRunRow.NotRun(Errno errno) ->
            assertThatThrownBy(() -> program.run(RunInput.none()))
                .isInstanceOfSatisfying(
                    RunException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .message()
                .contains("program smallest", "cannot test-run")
                .hasLineCount(1);
      }
    } catch (LoadException e) {
      abort(e.getMessage());
    }
  }

  private static void runs(LinuxProgram program, TestRunRow.Runs runs) {
    byte[] packet = runs.packet() > 0 ? TestRunRow.packet(runs.packet()) : new byte[0];
    for (int repeat : new int[] {1, 3}) {
      RunResult result = program.run(new RunInput(packet, runs.context(), repeat));
      assertThat((int) result.returnValue()).isEqualTo(runs.result());
      assertThat(Arrays.copyOf(result.data(), runs.packetOut().length)).isEqualTo(runs.packetOut());
      if (runs.changed() >= 0) {
        assertThat(
                ByteBuffer.wrap(result.context())
                    .order(ByteOrder.nativeOrder())
                    .getInt(runs.changed()))
            .isEqualTo(runs.changedTo());
      }
    }
  }

  /// `bpf_dummy_ops` is there for that.
  @Test
  void aFunctionOfAStructRuns() {
    host = Linux.host();
    try (LoadedCollection loaded = host.load(Linux.object("dummy_ops.bpf.o"))) {
      LinuxProgram program = (LinuxProgram) loaded.program("answer");
      assertThat((int) program.run(RunInput.context(new byte[8])).returnValue()).isEqualTo(42);
    } catch (LoadException e) {
      abort(e.getMessage());
    }
  }

  /// `-Debpf4j.update=true` rewrites it.
  @Test
  void theDocumentSaysWhatTheTableSays() throws IOException {
    Path document = Path.of("..", "docs", "test-runs.md");
    String text = TestRunDocument.text();
    if (Boolean.getBoolean("ebpf4j.update")) {
      Files.writeString(document, text);
    }
    assertThat(document).hasContent(text);
  }

  @Test
  void theTableHasEveryType() {
    Set<ProgramType> types = EnumSet.noneOf(ProgramType.class);
    TABLE.forEach(row -> types.add(row.type()));
    List<ProgramType> others = new ArrayList<>(EnumSet.allOf(ProgramType.class));
    others.removeAll(types);
    assertThat(others)
        .as("types whose programs need more than a few instructions, or another program")
        .containsExactly(ProgramType.STRUCT_OPS, ProgramType.EXT, ProgramType.LSM);
  }
}
