package org.ebpf4j.cli.feature;

import java.util.Arrays;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Instructions and limits that came to Linux one after the other, each with a program that only
/// kernels with it take.
enum KernelExtension {
  LARGE_PROGRAMS("have_large_insn_limit", "Large program size limit"),
  BOUNDED_LOOPS("have_bounded_loops", "Bounded loop support"),
  V2("have_v2_isa_extension", "ISA extension v2"),
  V3("have_v3_isa_extension", "ISA extension v3"),
  V4("have_v4_isa_extension", "ISA extension v4");

  private static final String NAME = "extension";
  private static final long ZERO = Bytecode.slot(0xb7, 0, 0, (short) 0, 0);
  private static final long EXIT = Bytecode.slot(0x95, 0, 0, (short) 0, 0);

  /// More than kernels before 5.2 take.
  private static final int LARGE = 4097;

  private final String field;
  private final String text;

  KernelExtension(String field, String text) {
    this.field = field;
    this.text = text;
  }

  String field() {
    return field;
  }

  String text() {
    return text;
  }

  private Bytecode program() {
    return switch (this) {
      case LARGE_PROGRAMS -> {
        long[] slots = new long[LARGE];
        Arrays.fill(slots, ZERO);
        slots[LARGE - 1] = EXIT;
        yield Bytecode.of(slots);
      }
      case BOUNDED_LOOPS ->
          // r0 = 10; r0 += -1; if r0 != 0 goto -2
          Bytecode.of(
              Bytecode.slot(0xb7, 0, 0, (short) 0, 10),
              Bytecode.slot(0x07, 0, 0, (short) 0, -1),
              Bytecode.slot(0x55, 0, 0, (short) -2, 0),
              EXIT);
      case V2 -> Bytecode.of(ZERO, Bytecode.slot(0xa5, 0, 0, (short) 1, 1), ZERO, EXIT);
      case V3 -> Bytecode.of(ZERO, Bytecode.slot(0xa6, 0, 0, (short) 1, 1), ZERO, EXIT);
      // gotol +0
      case V4 -> Bytecode.of(ZERO, Bytecode.slot(0x06, 0, 0, (short) 0, 0), EXIT);
    };
  }

  /// Whether the kernel takes the program.
  boolean isIn(LinuxHost host) {
    CollectionSpec spec =
        CollectionSpec.of(ProgramSpec.of(NAME, ProgramType.SOCKET_FILTER, program()));
    try (VerdictSession session =
        host.verdicts(spec, LoadOptions.defaults(), LinuxLoadOptions.defaults())) {
      return session.verdict(NAME, 0, 1) instanceof Verdict.Accepted;
    } catch (LoadException e) {
      return false;
    }
  }
}
