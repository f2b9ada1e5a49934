package org.ebpf4j.linux;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.error.Errno;

/// `docs/test-runs.md`, from the table that the live kernel is held against.
final class TestRunDocument {
  private TestRunDocument() {}

  static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            # Test runs in Linux, type by type

            What `LinuxProgram.run`, `ebpf prog run` and `ebpf run --host linux` can do with a program of each type:
            `BPF_PROG_TEST_RUN` of Linux 6.18. `TestRunsTest` writes this file from its table (`-Debpf4j.update=true`), and
            runs the smallest program of each type on the kernel that is there. Where Linux has no test runs of a type, a
            run fails with `RunException` and the error number below.

            | type | section | in | out | repeated by |
            |---|---|---|---|---|
            """);
    for (TestRunRow row : TestRunRow.TABLE) {
      text.append(
          switch (row.outcome()) {
            case TestRunRow.Runs runs -> runs(row, runs);
            case TestRunRow.NotRun(Errno errno) ->
                "| %s | `%s` | no test runs: %s | | |%n".formatted(row, row.section(), errno);
          });
    }
    return text
        + """
        | STRUCT_OPS | `struct_ops` | arguments, for `bpf_dummy_ops` alone | result | ebpf4j |
        | EXT | `freplace` | no test runs: run the program whose function is replaced | | |
        | LSM | `lsm` | no test runs: ENOTSUPP | | |

        TRACING programs of `fentry`, `fexit` and `fmod_ret` are run for the functions that the kernel has for that
        (`bpf_fentry_test1` to `8`, `bpf_modify_return_test`). XDP programs without frags can also be sent live frames
        (`LinuxProgram.runLive`). Of `struct __sk_buff` Linux takes what it lets users set: `mark`, `priority`,
        `ingress_ifindex`, `ifindex`, `cb`, `tstamp`, `wire_len`, `gso_segs`, `gso_size` and `hwtstamp`.

        EXT, LSM, LIRC_MODE2 and `fentry` could not be loaded where this was written: their rows are from the kernel's source.
        """;
  }

  private static String runs(TestRunRow row, TestRunRow.Runs runs) {
    List<String> in = new ArrayList<>();
    List<String> out = new ArrayList<>();
    out.add("result");
    boolean arguments =
        switch (row.type()) {
          case RAW_TRACEPOINT, SYSCALL -> true;
          default -> false;
        };
    if (runs.packet() > 0) {
      in.add("packet");
      out.add("packet");
    }
    if (runs.context().length > 0 || runs.changed() >= 0) {
      in.add(arguments ? "arguments" : "context");
    }
    if (runs.changed() >= 0) {
      out.add("context");
    }
    return "| %s | `%s` | %s | %s | %s |%n"
        .formatted(
            row,
            row.section(),
            String.join(", ", in),
            String.join(", ", out),
            arguments ? "ebpf4j" : "Linux");
  }
}
