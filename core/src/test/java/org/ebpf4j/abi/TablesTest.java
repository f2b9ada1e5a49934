package org.ebpf4j.abi;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.abi.Argument.Flag;
import org.ebpf4j.abi.Argument.Kind;
import org.ebpf4j.abi.ContextLayout.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TablesTest {

  @Test
  void helpersHaveEveryNumberFrom1To211() {
    assertThat(Helpers.all()).hasSize(211);
    int next = 1;
    for (HelperPrototype helper : Helpers.all()) {
      assertThat(helper.id()).isEqualTo(next++);
      assertThat(Helpers.byName(helper.name())).contains(helper);
    }
    assertThat(Helpers.byId(0)).isEmpty();
    assertThat(Helpers.byId(212)).isEmpty();
  }

  @Test
  void prototypesSayWhatHelpersTake() {
    HelperPrototype lookup = Helpers.byId(1).orElseThrow();
    assertThat(lookup.name()).isEqualTo("map_lookup_elem");
    assertThat(lookup.result()).isEqualTo(HelperPrototype.Result.MAP_VALUE_OR_NULL);
    assertThat(lookup.arguments())
        .extracting(Argument::kind)
        .containsExactly(Kind.MAP, Kind.MAP_KEY);

    Argument strtolResult = Helpers.byName("strtol").orElseThrow().arguments().get(3);
    assertThat(strtolResult.size()).isEqualTo(8);
    assertThat(strtolResult.has(Flag.UNINITIALIZED)).isTrue();
    assertThat(Helpers.byName("get_current_task_btf").orElseThrow().resultType())
        .isEqualTo("task_struct");
    assertThat(Helpers.byName("trace_printk").orElseThrow().gplOnly()).isTrue();
  }

  @Test
  void programTypesDifferInTheHelpersTheyMayCall() {
    int redirectMap = Helpers.byName("redirect_map").orElseThrow().id();
    assertThat(HelperPermissions.of(ProgramType.XDP).orElseThrow()).contains(1, redirectMap);
    assertThat(HelperPermissions.of(ProgramType.KPROBE).orElseThrow())
        .contains(1)
        .doesNotContain(redirectMap);
    assertThat(HelperPermissions.of(ProgramType.STRUCT_OPS)).isEmpty();
  }

  @Test
  void kernelFunctionsAreDescribed() {
    assertThat(KernelFunctions.byName("bpf_iter_num_new").orElseThrow().arguments()).hasSize(3);
    assertThat(KernelFunctions.byName("bpf_nothing")).isEmpty();
  }

  @Test
  void aSizeFollowsEveryMemoryArgumentWithoutSize() {
    for (HelperPrototype helper : Helpers.all()) {
      for (int i = 0; i < helper.arguments().size(); i++) {
        Argument argument = helper.arguments().get(i);
        if (argument.kind() == Kind.MEMORY && argument.size() == 0) {
          assertThat(helper.arguments().get(i + 1).kind())
              .as(helper.name())
              .isIn(Kind.SIZE, Kind.SIZE_OR_ZERO);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ProgramType.class)
  void contextsLieInTheirStructs(ProgramType type) {
    ContextLayout context = ProgramTypes.of(type).context();
    int end = 0;
    for (Field field : context.fields()) {
      assertThat(field.offset()).as(field.name()).isGreaterThanOrEqualTo(end);
      end = field.offset() + field.size();
      assertThat(end).as(field.name()).isLessThanOrEqualTo(context.size());
    }
  }

  @Test
  void typesOfOneStructDifferInWhatTheyMayTouch() {
    ContextLayout filter = ProgramTypes.of(ProgramType.SOCKET_FILTER).context();
    ContextLayout classifier = ProgramTypes.of(ProgramType.SCHED_CLS).context();
    assertThat(filter.struct()).isEqualTo(classifier.struct());
    assertThat(filter.field("data")).isEmpty();
    assertThat(classifier.field("data").orElseThrow().kind()).isEqualTo(ContextLayout.Kind.PACKET);
    assertThat(filter.field("mark").orElseThrow().access().writes()).isFalse();
    assertThat(classifier.field("mark").orElseThrow().access().writes()).isTrue();
  }
}
