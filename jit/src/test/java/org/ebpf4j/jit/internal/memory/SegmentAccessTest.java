package org.ebpf4j.jit.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The shape of the methods is what keeps large programs fast: see [SegmentAccess].
class SegmentAccessTest {
  /// HotSpot's `MaxInlineSize` and `C1InlineStackLimit`.
  private static final int DRAWN_IN_BY_C2 = 35;

  private static final int DRAWN_IN_BY_C1 = 5;

  @Test
  void isDrawnInByC2AndNotByC1() throws IOException {
    List<MethodModel> accesses =
        classFile().stream()
            .filter(method -> !method.methodName().stringValue().startsWith("<"))
            .toList();
    assertThat(accesses).hasSize(17);
    for (MethodModel method : accesses) {
      CodeAttribute code = method.findAttribute(Attributes.code()).orElseThrow();
      int parameters =
          method.methodTypeSymbol().parameterList().stream()
              .mapToInt(SegmentAccessTest::words)
              .sum();
      String name = method.methodName().stringValue();
      assertThat(code.codeLength()).as(name).isLessThanOrEqualTo(DRAWN_IN_BY_C2);
      assertThat(code.maxStack() + code.maxLocals() - parameters)
          .as(name)
          .isGreaterThan(DRAWN_IN_BY_C1);
    }
  }

  private static int words(ClassDesc type) {
    return TypeKind.from(type).slotSize();
  }

  private static List<MethodModel> classFile() throws IOException {
    try (InputStream file = SegmentAccess.class.getResourceAsStream("SegmentAccess.class")) {
      assertThat(file).isNotNull();
      return ClassFile.of().parse(file.readAllBytes()).methods();
    }
  }
}
