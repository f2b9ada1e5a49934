package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.error.EbpfException;
import org.junit.jupiter.api.Test;

/// Few types that stand for very many: nothing takes time or memory that the types do not justify.
class BtfBombTest {
  private static final int LEVELS = 60;

  @Test
  void printingEnds() {
    assertThatExceptionOfType(EbpfException.class)
        .isThrownBy(() -> BtfCPrinter.types(doubling(false)))
        .withMessageContaining("hold each other so often");
  }

  @Test
  void decodingEnds() {
    Btf btf = doubling(true);

    assertThatExceptionOfType(BtfValueException.class)
        .isThrownBy(() -> new BtfValueCodec(btf).decode(btf.endId() - 1, new byte[4]))
        .withMessageContaining("more parts than its bytes can mean");
  }

  @Test
  void longChainsOfNeedEnd() {
    List<BtfType> types = new ArrayList<>();
    int links = 5000;
    // struct link_N { link_N+1_t *next; }, typedef struct link_N+1 link_N+1_t[1]; and so on
    for (int i = 0; i < links; i++) {
      int struct = types.size() + 1;
      types.add(
          new BtfType.Composite(
              "link" + i, false, 8, List.of(new BtfType.Member("next", struct + 1, 0, 0))));
      types.add(new BtfType.Pointer(struct + 2));
      types.add(new BtfType.Array(i + 1 < links ? struct + 3 : 0, 0, 1));
    }
    types.set(types.size() - 1, new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32));

    assertThatExceptionOfType(EbpfException.class)
        .isThrownBy(() -> BtfCPrinter.types(Btf.of(types)))
        .withMessageContaining("need each other over more than 1000 steps");
  }

  /// Anonymous composites that each hold the one before twice.
  private static Btf doubling(boolean union) {
    List<BtfType> types = new ArrayList<>();
    types.add(new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32));
    for (int i = 0; i < LEVELS; i++) {
      int below = types.size();
      types.add(
          new BtfType.Composite(
              i == LEVELS - 1 ? "top" : "",
              union,
              4,
              List.of(new BtfType.Member("a", below, 0, 0), new BtfType.Member("b", below, 0, 0))));
    }
    return BtfReader.read("bomb", new BtfWriter(Btf.of(types)).toBytes());
  }
}
