package org.ebpf4j.runtime.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.junit.jupiter.api.Test;

/// A runner may be closed by another thread while its user asks it for the packet: what was its
/// memory is not touched then.
class ClosedContextTest {

  private static ProgramContext closed(ProgramType type) {
    ProgramContext context = Contexts.of(type, Optional.empty(), Limits.defaults()).orElseThrow();
    context.accept("test", RunInput.packet(new byte[64]));
    context.begin();
    context.close();
    return context;
  }

  @Test
  void roomForAPacketIsNotPrepared() {
    ProgramContext skb = closed(ProgramType.SCHED_CLS);
    assertThatThrownBy(() -> skb.packetBuffer("test", 64))
        .isInstanceOf(IllegalStateException.class);
    ProgramContext xdp = closed(ProgramType.XDP);
    assertThat(xdp.packetBuffer("test", 64).scope().isAlive()).isFalse();
  }

  @Test
  void offsetsOfFlowKeysAreNotPutRight() {
    ProgramContext dissector = closed(ProgramType.FLOW_DISSECTOR);
    assertThatThrownBy(dissector::packet).isInstanceOf(IllegalStateException.class);
  }
}
