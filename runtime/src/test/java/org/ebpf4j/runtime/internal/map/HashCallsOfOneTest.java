package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import org.junit.jupiter.api.Test;

class HashCallsOfOneTest {
  /// HotSpot's `FreqInlineSize`: what is longer is compiled by itself, however often it is called.
  private static final int DRAWN_IN = 325;

  @Test
  void programsDrawLookupsInAndCallUpdates() throws IOException {
    assertThat(length("lookup")).isLessThan(DRAWN_IN);
    assertThat(length("update")).isGreaterThan(DRAWN_IN);
  }

  private static int length(String method) throws IOException {
    try (InputStream in = HashCallsOfOne.class.getResourceAsStream("HashCallsOfOne.class")) {
      return ClassFile.of().parse(in.readAllBytes()).methods().stream()
          .filter(m -> m.methodName().equalsString(method))
          .map(m -> (CodeAttribute) m.code().orElseThrow())
          .mapToInt(CodeAttribute::codeLength)
          .findFirst()
          .orElseThrow();
    }
  }
}
