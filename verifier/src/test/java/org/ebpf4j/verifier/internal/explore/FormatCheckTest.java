package org.ebpf4j.verifier.internal.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Formats of `bpf_snprintf` that Linux 6.18 takes, and those that it refuses: each row was asked
/// of a running kernel.
class FormatCheckTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hello|0|true",
        "%d %s|2|true",
        "%d %s|1|false",
        "%d|3|true",
        "100%%|0|true",
        "%pI4 %pi6|2|true",
        "%pI5|1|false",
        "%pB:%ps:%pS:%px:%pK|5|true",
        "%pks %pus|2|true",
        "%pk|1|false",
        "%pZ|1|false",
        "%pxyz|1|true",
        "%sx|1|false",
        "%s,|1|true",
        "%cabc|1|true",
        "%*d|1|false",
        "%08llx %-5d %+d|3|true",
        "%llld|1|false",
        "%f|1|false",
        "%|0|false",
        "%|1|false",
        "%05d|1|true",
        "%5-d|1|false",
        "é|0|true",
        "%s¡|1|true",
        "%é|1|false",
      })
  void judgesAsLinuxDid(String format, int values, boolean valid) {
    byte[] text = (format + "\0").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(FormatCheck.isValid(text, 0, values)).isEqualTo(valid);
  }
}
