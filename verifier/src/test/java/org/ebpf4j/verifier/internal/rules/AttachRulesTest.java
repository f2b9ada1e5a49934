package org.ebpf4j.verifier.internal.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.junit.jupiter.api.Test;

/// Where programs may be attached, by the fixed lists of the kernel's sources. No kernel at hand
/// takes such programs from anybody, so the sources alone are held to.
class AttachRulesTest {
  private static final BtfType.Prototype NOTHING = new BtfType.Prototype(0, List.of());

  @Test
  void refusesHooksThatAreDisabledOrDoNotSleep() {
    assertThatThrownBy(() -> AttachRules.checkHook("getprocattr", 7, false))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("attach_btf_id 7 points to disabled hook bpf_lsm_getprocattr");
    assertThatThrownBy(() -> AttachRules.checkHook("task_free", 7, true))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("bpf_lsm_task_free is not sleepable");
    assertThatCode(() -> AttachRules.checkHook("file_open", 7, true)).doesNotThrowAnyException();
    assertThatCode(() -> AttachRules.checkHook("task_free", 7, false)).doesNotThrowAnyException();
  }

  @Test
  void refusesFunctionsThatNobodyMayTrace() {
    assertThatThrownBy(() -> check("migrate_disable", AttachType.TRACE_FENTRY))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("'migrate_disable' is rejected");
  }

  @Test
  void refusesToWaitForTheEndOfWhatDoesNotReturn() {
    assertThatThrownBy(() -> check("do_exit", AttachType.TRACE_FEXIT))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("__noreturn function 'do_exit'");
    assertThatCode(() -> check("do_exit", AttachType.TRACE_FENTRY)).doesNotThrowAnyException();
  }

  @Test
  void knowsWhereHelpersMayBeCalled() {
    assertThat(allows("d_path", ProgramType.TRACING, AttachType.TRACE_RAW_TP, "sys_enter"))
        .isFalse();
    assertThat(allows("d_path", ProgramType.TRACING, AttachType.TRACE_ITER, "task")).isTrue();
    assertThat(allows("d_path", ProgramType.TRACING, AttachType.TRACE_FENTRY, "filp_close"))
        .isTrue();
    assertThat(allows("d_path", ProgramType.LSM, AttachType.LSM_MAC, "file_open")).isTrue();
    assertThat(allows("d_path", ProgramType.LSM, AttachType.LSM_MAC, "task_free")).isFalse();
    assertThat(AttachRules.mayChangeSocket("inet_csk_clone")).isTrue();
    assertThat(AttachRules.mayChangeSocket("socket_bind")).isFalse();
    assertThat(allows("sk_storage_get", ProgramType.SYSCALL, AttachType.TRACE_RAW_TP, ""))
        .isFalse();
    assertThat(allows("map_lookup_elem", ProgramType.XDP, AttachType.XDP, "")).isTrue();
  }

  private static boolean allows(String helper, ProgramType type, AttachType hook, String target) {
    return AttachRules.allows(helper, type, hook, target);
  }

  private static void check(String function, AttachType hook) {
    AttachRules.checkFunction(function, Btf.empty(), NOTHING, hook, false);
  }
}
