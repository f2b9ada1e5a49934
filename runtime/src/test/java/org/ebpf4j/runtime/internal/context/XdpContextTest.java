package org.ebpf4j.runtime.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class XdpContextTest {
  private static final int DATA = 0;
  private static final int DATA_END = 4;
  private static final int DATA_META = 8;

  private final XdpContext context = new XdpContext(ProgramTypes.of(ProgramType.XDP), 1 << 18);

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void fieldsOf32BitsHoldWholeAddresses() {
    start(new byte[60]);
    long data = load(DATA);
    assertThat(load(DATA_END) - data).isEqualTo(60);
    assertThat(load(DATA_META)).isEqualTo(data);
    assertThat(context.find(data, 8, true)).isNotNull();
    assertThat(context.find(data + 53, 8, false)).isNull();
    assertThat(context.find(data - 1, 1, false)).isNull();
  }

  /// As a struct of a later Linux would be.
  @Test
  void aContextMayBeLongerByZeros() {
    context.accept("test", RunInput.packet(new byte[60]).withContext(new byte[100]));
    byte[] other = new byte[100];
    other[99] = 1;
    RunInput unknown = RunInput.packet(new byte[60]).withContext(other);
    assertThatThrownBy(() -> context.accept("test", unknown))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("E2BIG");
  }

  @Test
  void theContextTakesOnlyWholeAlignedLoads() {
    start(new byte[60]);
    assertThat(context.find(context.address() + DATA, 4, true)).isNull();
    assertThat(context.find(context.address() + DATA, 8, false)).isNull();
    assertThat(context.find(context.address() + 2, 4, false)).isNull();
    assertThat(context.find(context.address() + 24, 4, false)).isNull();
  }

  @Test
  void headMetadataAndTailMoveWithinLinuxsBounds() {
    byte[] packet = new byte[60];
    packet[0] = 7;
    start(packet);
    assertThat(context.adjustMeta(-8)).isZero();
    assertThat(load(DATA) - load(DATA_META)).isEqualTo(8);
    assertThat(context.adjustMeta(-2)).isEqualTo(Errno.EACCES.negated());
    assertThat(context.adjustMeta(12)).isEqualTo(Errno.EINVAL.negated());
    assertThat(context.adjustHead(-208)).isZero();
    assertThat(context.adjustHead(-1)).isEqualTo(Errno.EINVAL.negated());
    assertThat(context.packet().byteSize()).isEqualTo(268);
    assertThat(context.packet().get(ValueLayout.JAVA_BYTE, 208)).isEqualTo((byte) 7);
    assertThat(context.adjustHead(208 + 47)).isEqualTo(Errno.EINVAL.negated());
    assertThat(context.adjustTail(-254)).isZero();
    assertThat(context.adjustTail(-1)).isEqualTo(Errno.EINVAL.negated());
  }

  @Test
  void theTailGrowsToTheEndOfThePage() {
    start(new byte[60]);
    assertThat(context.adjustTail(3520 - 60 + 1)).isEqualTo(Errno.EINVAL.negated());
    assertThat(context.adjustTail(3520 - 60)).isZero();
    assertThat(load(DATA_END) - load(DATA)).isEqualTo(3520);
  }

  @Test
  void whatAPageDoesNotHoldIsNotDirectlyVisible() {
    start(new byte[5000]);
    assertThat(load(DATA_END) - load(DATA)).isEqualTo(3520);
    assertThat(context.buffer().length()).isEqualTo(5000);
    assertThat(context.packet().byteSize()).isEqualTo(5000);
  }

  @Test
  void callersMayGiveMetadata() {
    byte[] data = new byte[68];
    data[0] = 1;
    data[8] = 2;
    ByteBuffer md = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
    md.putInt(DATA, 8).putInt(DATA_END, 68);
    context.accept("p", RunInput.packet(data).withContext(md.array()));
    context.begin();
    assertThat(load(DATA) - load(DATA_META)).isEqualTo(8);
    assertThat(load(DATA_END) - load(DATA)).isEqualTo(60);
    assertThat(context.packet().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
    md.putInt(DATA, 6);
    assertThatThrownBy(() -> context.accept("p", RunInput.packet(data).withContext(md.array())))
        .isInstanceOfSatisfying(
            RunException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }

  @Test
  void packetsShorterThanAnEthernetHeaderAreRefused() {
    assertThatThrownBy(() -> start(new byte[13]))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("at least 14 bytes, not 13");
  }

  private void start(byte[] packet) {
    context.accept("p", RunInput.packet(packet));
    context.begin();
  }

  private long load(int field) {
    Region region = context.find(context.address() + field, 4, false);
    assertThat(region).isNotNull();
    return region.load(context.address() + field, 4);
  }
}
