package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StringHelpersTest {
  private final List<String> printed = new ArrayList<>();
  private final TestRun run = new TestRun(FixedEnvironment.builder().printed(printed::add).build());

  @AfterEach
  void close() {
    run.close();
  }

  @Test
  void printsNumbersAsLinuxDoes() {
    assertThat(print("%d %u %x", -1, -1, 0xabc)).isEqualTo(17);
    assertThat(printed).containsExactly("-1 4294967295 abc");
    printed.clear();
    assertThat(print("%lld|%5d|%-5dx\n", Long.MIN_VALUE, 42, 42)).isEqualTo(34);
    assertThat(printed).containsExactly("-9223372036854775808|   42|42   x");
    printed.clear();
    print("%05d%% %c %lX", -42, 'z', 0xbeefL);
    assertThat(printed).containsExactly("-0042% z BEEF");
  }

  @Test
  void printsStringsAndAddresses() {
    long text = run.string("eth0");
    long ip = run.bytes(192, 0, 2, 7);
    print("%s %pks %pI4", text, text, ip);
    print("%pi4 [%s]", ip, 16, 0);
    assertThat(printed).containsExactly("eth0 eth0 192.0.2.7", "192.000.002.007 []");
  }

  @Test
  void refusesFormatsThatLinuxRefuses() {
    for (String format : List.of("%d %d %d %d", "%f", "%", "%sx", "%hd", "%pz", "\u0001")) {
      assertThat(print(format, 1, 2, 3)).as(format).isEqualTo(Errno.EINVAL.negated());
    }
    assertThat(run.call("trace_printk", run.string("abc"), 3)).isEqualTo(Errno.EINVAL.negated());
    assertThat(printed).isEmpty();
  }

  @Test
  void snprintfCutsAndTellsTheWholeLength() {
    long arguments = run.allocate(16);
    Memory.putLong(arguments, 123);
    Memory.putLong(arguments + 8, -5);
    long to = run.allocate(8);
    long format = run.string("%d and %lld");
    assertThat(run.call("snprintf", to, 8, format, arguments, 16)).isEqualTo(11);
    assertThat(run.text(to)).isEqualTo("123 and");
    assertThat(run.call("snprintf", 0, 0, format, arguments, 16)).isEqualTo(11);
    assertThat(run.call("snprintf", to, 8, format, arguments, 15))
        .isEqualTo(Errno.EINVAL.negated());
    assertThat(run.call("snprintf", to, 8, format, arguments, 8)).isEqualTo(Errno.EINVAL.negated());
  }

  @ParameterizedTest
  @CsvSource({
    "'  -12x', 0, 5, -12",
    "0x1F, 0, 4, 31",
    "0x1F, 16, 4, 31",
    "017, 0, 3, 15",
    "08, 10, 2, 8",
    "9223372036854775807, 10, 19, 9223372036854775807",
    "-9223372036854775808, 10, 20, -9223372036854775808",
    "9223372036854775808, 10, -34, 0",
    "18446744073709551616, 10, -34, 0",
    "x, 10, -22, 0",
    "1, 7, -22, 0",
    "-, 10, -22, 0"
  })
  void readsSignedNumbers(String text, int base, int result, long value) {
    long to = run.allocate(8);
    assertThat(run.call("strtol", run.string(text), text.length(), base, to)).isEqualTo(result);
    assertThat(Memory.getLong(to)).isEqualTo(value);
  }

  @Test
  void readsUnsignedNumbers() {
    long to = run.allocate(8);
    assertThat(run.call("strtoul", run.string("18446744073709551615"), 20, 10, to)).isEqualTo(20);
    assertThat(Memory.getLong(to)).isEqualTo(-1);
    assertThat(run.call("strtoul", run.string("-1"), 2, 10, to)).isEqualTo(Errno.EINVAL.negated());
    assertThat(Memory.getLong(to)).isZero();
  }

  @Test
  void comparesStrings() {
    assertThat(run.call("strncmp", run.string("abc"), 4, run.string("abc"))).isZero();
    assertThat(run.call("strncmp", run.string("abd"), 2, run.string("abc"))).isZero();
    assertThat(run.call("strncmp", run.string("abd"), 4, run.string("abc"))).isPositive();
    assertThat(run.call("strncmp", run.string("ab"), 3, run.string("abc"))).isNegative();
  }

  /// Without a proof, a string may lose its end between the check of the arguments and the call.
  @Test
  void whatWasNotProvenReadsNoStringBeyondItsMemory() {
    long unending = run.bytes('a', 'b');
    long other = run.string("abc");
    assertThatThrownBy(() -> run.unproven("strncmp", other, 4, unending)).isInstanceOf(Fault.class);
    assertThatThrownBy(() -> run.unproven("snprintf", 0, 0, unending, 0, 0))
        .isInstanceOf(Fault.class);
    assertThat(run.unproven("strncmp", other, 2, unending)).isZero();
    assertThat(run.unproven("strncmp", other, 4, run.string("abd"))).isNegative();
    long to = run.allocate(8);
    assertThat(run.unproven("snprintf", to, 8, other, 0, 0)).isEqualTo(4);
    assertThat(run.text(to)).isEqualTo("abc");
  }

  private long print(String format, long... arguments) {
    long a = arguments.length > 0 ? arguments[0] : 0;
    long b = arguments.length > 1 ? arguments[1] : 0;
    long c = arguments.length > 2 ? arguments[2] : 0;
    return run.call("trace_printk", run.string(format), format.length() + 1, a, b, c);
  }
}
