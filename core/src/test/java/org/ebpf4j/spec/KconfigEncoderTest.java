package org.ebpf4j.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Int.Encoding;
import org.ebpf4j.spec.MapSpec.KconfigVariable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KconfigEncoderTest {
  private static final int U32 = 1;
  private static final int BOOL = 3;
  private static final int CHAR = 4;

  private static final Btf TYPES =
      Btf.of(
          List.of(
              new BtfType.Int("unsigned int", 4, Encoding.UNSIGNED, 0, 32),
              new BtfType.Int("signed char", 1, Encoding.SIGNED, 0, 8),
              new BtfType.Int("_Bool", 1, Encoding.BOOL, 0, 8),
              new BtfType.Int("char", 1, Encoding.CHAR, 0, 8),
              new BtfType.Array(CHAR, U32, 8),
              new BtfType.Enumeration("libbpf_tristate", 4, false, false, List.of())));

  @ParameterizedTest
  @CsvSource({
    "1, 4, 250, fa000000",
    "1, 4, 0xffffffff, ffffffff",
    "2, 1, -1, ff",
    "3, 1, y, 01",
    "3, 1, n, 00",
    "4, 1, m, 6d",
    "6, 4, m, 02000000",
    "5, 8, '\"abc\"', 6162630000000000",
    "5, 8, '\"longer than 8\"', 6c6f6e6765722000"
  })
  void putsAnOptionIntoItsType(int type, int size, String text, String bytes) {
    assertThat(encode(new KconfigVariable("CONFIG_X", type, 0, size, false), text))
        .asHexString()
        .isEqualToIgnoringCase(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4, 0x100000000, 'its value 0x100000000 does not fit 32 bits'",
    "2, 1, 128, 'its value 128 does not fit 8 bits'",
    "1, 4, y, 'its value y needs bool, char or enum libbpf_tristate'",
    "3, 1, m, 'it is a module (m), which bool cannot say'",
    "1, 4, ten, 'its value ten is no number of 64 bits'",
    "1, 4, '\"text\"', 'its value \"text\" needs an array of char'",
    "5, 8, 250, 'its value 250 needs an integer'"
  })
  void refusesWhatDoesNotFit(int type, int size, String text, String reason) {
    assertThatExceptionOfType(KconfigException.class)
        .isThrownBy(() -> encode(new KconfigVariable("CONFIG_X", type, 0, size, false), text))
        .withMessage("extern CONFIG_X: " + reason)
        .matches(e -> !e.isMissing());
  }

  @Test
  void leavesWeakOptionsZeroAndMissesStrongOnes() {
    KconfigEncoder none = new KconfigEncoder(TYPES, name -> Optional.empty(), "it is not set");
    List<KconfigVariable> weak = List.of(new KconfigVariable("CONFIG_X", U32, 4, 4, true));
    List<KconfigVariable> strong = List.of(new KconfigVariable("CONFIG_X", U32, 4, 4, false));

    assertThat(none.encode(weak, 8)).containsOnly(0);
    assertThatExceptionOfType(KconfigException.class)
        .isThrownBy(() -> none.encode(strong, 8))
        .withMessage("extern CONFIG_X: it is not set")
        .matches(KconfigException::isMissing);
  }

  @Test
  void putsEachOptionInItsPlace() {
    Map<String, String> values = Map.of("CONFIG_A", "1", "CONFIG_B", "y");
    byte[] bytes =
        new KconfigEncoder(TYPES, name -> Optional.ofNullable(values.get(name)), "it is not set")
            .encode(
                List.of(
                    new KconfigVariable("CONFIG_B", BOOL, 4, 1, false),
                    new KconfigVariable("CONFIG_A", U32, 0, 4, false)),
                8);

    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("0100000001000000");
  }

  private static byte[] encode(KconfigVariable variable, String text) {
    return new KconfigEncoder(TYPES, name -> Optional.of(text), "it is not set")
        .encode(List.of(variable), variable.size());
  }
}
