package org.ebpf4j.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The types that ship with ebpf4j.
class LinuxTypesTest {
  private static final Btf TYPES = LinuxTypes.shipped();

  @ParameterizedTest
  @ValueSource(strings = {"task_struct", "sk_buff", "nf_hook_state", "bpf_iter__task", "iphdr"})
  void hasTheStructsThatProgramsFollow(String name) {
    assertThat(TYPES.find(name, BtfType.Composite.class)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bpf_lsm_file_open", "bpf_task_acquire", "bpf_fentry_test1", "vfs_read"})
  void hasTheFunctionsThatAreTracedAndCalled(String name) {
    assertThat(TYPES.find(name, BtfType.Function.class)).isNotEmpty();
  }

  @Test
  void hasTheArgumentsOfTracepoints() {
    int id = TYPES.find("btf_trace_sched_switch", BtfType.Typedef.class).getFirst();
    assertThat(TYPES.resolved(id)).isInstanceOf(BtfType.Pointer.class);
  }

  @Test
  void isSmall() {
    assertThat(TYPES.ownTypes()).hasSizeBetween(10_000, 30_000);
  }
}
