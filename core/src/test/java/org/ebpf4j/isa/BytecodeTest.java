package org.ebpf4j.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One instruction as either byte order stores it: RFC 9669, section 3.1.
class BytecodeTest {
  @ParameterizedTest
  @CsvSource({"LITTLE_ENDIAN,7ba1feff04030201", "BIG_ENDIAN,7b1afffe01020304"})
  void fieldsAreWhereTheByteOrderHasThem(String order, String hex) {
    ByteOrder stored = order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    byte[] bytes = HexFormat.of().parseHex(hex);
    Bytecode code = Bytecode.read(ByteBuffer.wrap(bytes), stored);
    long slot = code.slot(0);
    assertThat(Bytecode.opcode(slot)).isEqualTo(0x7b);
    assertThat(Bytecode.dst(slot)).isEqualTo(1);
    assertThat(Bytecode.src(slot)).isEqualTo(10);
    assertThat(Bytecode.offset(slot)).isEqualTo((short) -2);
    assertThat(Bytecode.immediate(slot)).isEqualTo(0x01020304);
    assertThat(code.toBytes(stored)).isEqualTo(bytes);
  }
}
