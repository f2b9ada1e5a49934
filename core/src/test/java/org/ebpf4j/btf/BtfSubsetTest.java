package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/// A chain of structs `a` → `b` → `c`, of which parts are cut out.
class BtfSubsetTest {
  private static final Btf CHAIN =
      Btf.of(
          List.of(
              new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
              new BtfType.Int("unused", 8, BtfType.Int.Encoding.SIGNED, 0, 64),
              struct("a", new BtfType.Member("next", 4, 0, 0)),
              new BtfType.Pointer(5),
              new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 6),
              struct("b", new BtfType.Member("next", 7, 0, 0), new BtfType.Member("f", 9, 64, 0)),
              new BtfType.Pointer(8),
              struct("c", new BtfType.Member("value", 1, 0, 0)),
              new BtfType.Pointer(10),
              new BtfType.Prototype(1, List.of(new BtfType.Parameter("a", 4))),
              new BtfType.Function("f", 10, BtfType.Linkage.GLOBAL),
              new BtfType.DeclarationTag("bpf_kfunc", 11, -1, false)));

  private static BtfType.Composite struct(String name, BtfType.Member... members) {
    return new BtfType.Composite(name, false, members.length * 8, List.of(members));
  }

  private static Btf cut(String name, int reach) {
    BtfSubset subset = new BtfSubset(CHAIN);
    assertThat(subset.keep(name, BtfType.class, reach)).isEqualTo(1);
    return subset.toBtf();
  }

  @Test
  void pointersBeyondTheReachLeadToDeclarations() {
    assertThat(cut("a", 1).ownTypes())
        .containsExactly(
            struct("a", new BtfType.Member("next", 2, 0, 0)),
            new BtfType.Pointer(3),
            new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 4),
            new BtfType.Forward("b", false));
  }

  @Test
  void pointersWithinTheReachAreFollowedAndPrototypesBeyondAreVoid() {
    assertThat(cut("a", 2).ownTypes())
        .containsExactly(
            struct("a", new BtfType.Member("next", 2, 0, 0)),
            new BtfType.Pointer(3),
            new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 4),
            struct("b", new BtfType.Member("next", 5, 0, 0), new BtfType.Member("f", 6, 64, 0)),
            new BtfType.Pointer(7),
            new BtfType.Pointer(0),
            new BtfType.Forward("c", false));
  }

  @Test
  void aFunctionBringsItsPrototypeAndTags() {
    Btf part = cut("f", 1);
    int function = part.find("f", BtfType.Function.class).getFirst();
    assertThat(part.ownTypes())
        .contains(new BtfType.DeclarationTag("bpf_kfunc", function, -1, false));
    assertThat(part.find("unused", BtfType.Int.class)).isEmpty();
  }

  @Test
  void theFurthestReachCounts() {
    Btf part = new BtfSubset(CHAIN).keep(3, 1).keep(3, 3).keep(3, 2).toBtf();
    assertThat(part.find("c", BtfType.Composite.class)).hasSize(1);
    assertThat(part.find("c", BtfType.Forward.class)).isEmpty();
  }

  @Test
  void whatIsCutReadsTheSameWhenStored() {
    Btf part = cut("a", 3);
    assertThat(BtfReader.read("part", new BtfWriter(part).toBytes()).ownTypes())
        .isEqualTo(part.ownTypes());
  }

  @Test
  void aReachIsAtLeastOne() {
    assertThatThrownBy(() -> new BtfSubset(CHAIN).keep(3, 0)).hasMessageContaining("reach");
  }
}
