package org.ebpf4j.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Programs at functions of the kernel, by what these take and return. No kernel at hand takes such
/// programs from anybody: the expectations follow `btf_ctx_access` and `check_return_code` of its
/// sources.
class TracedProgramsTest {
  private static final int INT = 1;
  private static final int FILE = 2;
  private static final int FILE_POINTER = 3;
  private static final int TIME = 4;
  private static final Btf KERNEL =
      Btf.of(
          List.of(
              new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
              new BtfType.Composite(
                  "file", false, 4, List.of(new BtfType.Member("f_mode", INT, 0, 0))),
              new BtfType.Pointer(FILE),
              new BtfType.Composite(
                  "timespec64", false, 16, List.of(new BtfType.Member("tv_sec", INT, 0, 0))),
              prototype(INT, FILE_POINTER),
              function("bpf_lsm_file_open", 5),
              prototype(INT, INT),
              function("bpf_lsm_inode_xattr_skipcap", 7),
              function("bpf_lsm_socket_post_create", 5),
              function("bpf_lsm_socket_bind", 5),
              prototype(FILE_POINTER, INT),
              function("opens", 11),
              prototype(0, INT),
              function("closes", 13),
              prototype(INT, TIME, FILE_POINTER),
              function("stamps", 15)));

  private static BtfType prototype(int result, int... parameters) {
    return new BtfType.Prototype(
        result, Arrays.stream(parameters).mapToObj(t -> new BtfType.Parameter("", t)).toList());
  }

  private static BtfType function(String name, int prototype) {
    return new BtfType.Function(name, prototype, BtfType.Linkage.STATIC);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          LSM_MAC       | file_open           | w0 = -1                 | accepted
          LSM_MAC       | file_open           | w0 = -4096              | At program exit the register R0 has smin=4294963200 smax=4294963200 should have been in [-4095, 0]
          LSM_MAC       | file_open           | r0 = *(u64 *)(r1 + 8)   | accepted
          LSM_MAC       | inode_xattr_skipcap | r0 = *(u64 *)(r1 + 8)   | accepted
          LSM_MAC       | inode_xattr_skipcap | w0 = -1                 | At program exit the register R0 has smin=4294967295 smax=4294967295 should have been in [0, 1]
          LSM_CGROUP    | file_open           | w0 = 1                  | accepted
          LSM_CGROUP    | file_open           | r0 = *(u64 *)(r1 + 8)   | At program exit the register R0 has unknown scalar value should have been in [0, 1]
          LSM_CGROUP    | socket_post_create  | call 57; w0 = 1         | R1 type=ctx expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_
          LSM_CGROUP    | socket_bind         | call 57; w0 = 1         | program of this type cannot use helper bpf_getsockopt#57
          LSM_MAC       | socket_post_create  | call 57; w0 = 0         | program of this type cannot use helper bpf_getsockopt#57
          TRACE_FEXIT   | opens               | r2 = *(u64 *)(r1 + 8); r0 = *(u32 *)(r2 + 0); w0 = 0 | accepted
          TRACE_FEXIT   | opens               | r2 = *(u32 *)(r1 + 8); w0 = 0  | invalid bpf_context access off=8 size=4
          TRACE_FENTRY  | opens               | r2 = *(u64 *)(r1 + 8); w0 = 0  | invalid bpf_context access off=8 size=8
          TRACE_FEXIT   | closes              | r2 = *(u64 *)(r1 + 8); w0 = 0  | invalid bpf_context access off=8 size=8
          MODIFY_RETURN | opens               | r2 = *(u64 *)(r1 + 8); w0 = 0  | invalid bpf_context access off=8 size=8
          MODIFY_RETURN | stamps              | r0 = *(u64 *)(r1 + 24)  | accepted
          TRACE_FENTRY  | stamps              | r2 = *(u64 *)(r1 + 16); r0 = *(u32 *)(r2 + 0); w0 = 0 | accepted
          TRACE_FENTRY  | stamps              | r2 = *(u64 *)(r1 + 8); r0 = *(u32 *)(r2 + 0); w0 = 0  | R2 invalid mem access 'scalar'
          TRACE_FENTRY  | stamps              | r2 = *(u64 *)(r1 + 24); w0 = 0 | invalid bpf_context access off=24 size=8
          """)
  void judgesByTheFunction(AttachType hook, String function, String code, String expected) {
    ProgramType type =
        switch (hook) {
          case LSM_MAC, LSM_CGROUP -> ProgramType.LSM;
          default -> ProgramType.TRACING;
        };
    Bytecode bytecode = Assembler.assemble(code.replace(";", "\n") + "\nexit\n");
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "",
            new ProgramSpec.ProgramKind(
                Optional.of(type), Optional.of(hook), function, false, false),
            bytecode,
            List.of(new ProgramFunction(0, bytecode.size(), "test", 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true);

    Verdict verdict =
        Verifier.verify(
            program, CollectionSpec.of(program), VerifierOptions.DEFAULT.withKernelTypes(KERNEL));

    assertThat(words(verdict)).isEqualTo(expected);
  }

  private static String words(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> "accepted";
      case Verdict.Refused refused -> refused.diagnosis().message();
      case Verdict.NotJudged unknown -> "not judged: " + unknown.reason();
    };
  }
}
