package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EssentialNameTest {
  @ParameterizedTest
  @CsvSource({
    "sample, sample",
    "sample___old, sample",
    "sample___a___b, sample___a",
    "___sample, ___sample",
    "sample___, sample___",
    "sample____x, sample____x",
  })
  void takesFlavoursOffNames(String name, String essential) {
    assertThat(EssentialName.of(name)).isEqualTo(essential);
  }

  @Test
  void typesAreFoundByNameAndByFlavour() {
    Btf base = Btf.of(List.of(integer("sample"), integer("other"), integer("sample___old")));
    Btf split = Btf.split(base, List.of(integer("sample___new"), integer("sample")));

    assertThat(split.find("sample", BtfType.Int.class)).containsExactly(1, 5);
    assertThat(split.find("sample___old", BtfType.Int.class)).containsExactly(3);
    assertThat(split.find("sample", BtfType.Composite.class)).isEmpty();
    assertThat(split.findFlavours("sample")).containsExactly(1, 3, 4, 5);
    assertThat(split.findFlavours("sample___any")).containsExactly(1, 3, 4, 5);
    assertThat(base.findFlavours("sample")).containsExactly(1, 3);
    assertThat(base.findFlavours("absent")).isEmpty();
  }

  private static BtfType integer(String name) {
    return new BtfType.Int(name, 4, BtfType.Int.Encoding.SIGNED, 0, 32);
  }
}
