package org.ebpf4j.spec;

import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfValueCodec;
import org.ebpf4j.btf.BtfWriter;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfReader;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.relocation.CoreRelocator;
import org.junit.jupiter.api.Test;

/// Breaks real objects in all ways: whatever comes out is a spec that can be used, or an error that
/// says where the fault is.
///
/// `-Debpf4j.fuzz.rounds=N` sets how many objects are broken (5000), `-Debpf4j.fuzz.seed=N` with
/// which seed to start.
class ObjectFuzzTest {
  private static final int ROUNDS = Integer.getInteger("ebpf4j.fuzz.rounds", 5_000);
  private static final long SEED = Long.getLong("ebpf4j.fuzz.seed", 1);

  private static final List<String> OBJECTS =
      List.of(
          "clang-19/simple",
          "clang-14/maps",
          "clang-19/globals",
          "clang-19/subprograms",
          "clang-16/externs",
          "clang-19/legacy",
          "clang-19/older",
          "clang-19/exceptions",
          "clang-19/types",
          "clang-19/enum64",
          "clang-19/program",
          "clang-19/target",
          "big-endian/maps",
          "big-endian/program",
          "linked/subprograms",
          "debug/maps");

  private static final long[] EXTREMES = {
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    9,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xff00,
    0xffff,
    0x10000,
    0x7fff_ffff,
    0x8000_0000L,
    0xffff_fff8L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -8
  };

  @Test
  void everyCutGivesAnError() {
    for (String name : OBJECTS) {
      byte[] object = TestObjects.bytes(name);
      for (int length = 0; length < object.length; length++) {
        check(name + " cut at " + length, Arrays.copyOf(object, length));
      }
    }
  }

  @Test
  void everyBrokenObjectGivesASpecOrAnError() {
    List<byte[]> objects = OBJECTS.stream().map(TestObjects::bytes).toList();
    List<int[]> places = objects.stream().map(ObjectFuzzTest::interestingPlaces).toList();
    for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
      Random random = new Random(seed);
      int which = random.nextInt(objects.size());
      byte[] broken = objects.get(which).clone();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        change(broken, places.get(which), random);
      }
      check(OBJECTS.get(which) + " seed " + seed, broken);
    }
  }

  @Test
  void everyBrokenBtfGivesTypesOrAnError() {
    List<byte[]> blobs =
        OBJECTS.stream().map(name -> new BtfWriter(TestObjects.btf(name)).toBytes()).toList();
    for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
      Random random = new Random(seed);
      int which = random.nextInt(blobs.size());
      byte[] broken = blobs.get(which).clone();
      int[] everywhere = {0, broken.length};
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        change(broken, everywhere, random);
      }
      try {
        useTypes(BtfReader.read("fuzz", broken));
      } catch (EbpfException e) {
        // Refused, as it should be.
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        fail(OBJECTS.get(which) + " BTF, seed " + seed, e);
      }
    }
  }

  private static void change(byte[] bytes, int[] places, Random random) {
    int range = random.nextInt(places.length / 2);
    int from = places[2 * range];
    int size = places[2 * range + 1];
    if (size <= 0) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = from + random.nextInt(size);
    long extreme =
        random.nextBoolean()
            ? EXTREMES[random.nextInt(EXTREMES.length)]
            : random.nextInt(bytes.length);
    switch (random.nextInt(6)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> buffer.putShort(Math.min(at & ~1, bytes.length - 2), (short) extreme);
      case 3, 4 -> buffer.putInt(Math.min(at & ~3, bytes.length - 4), (int) extreme);
      default -> buffer.putLong(Math.min(at & ~7, bytes.length - 8), extreme);
    }
  }

  /// Start and size of what the reader looks at most: headers, tables, BTF; and of the whole file.
  private static int[] interestingPlaces(byte[] object) {
    ElfFile elf = ElfReader.read("object", object);
    ByteBuffer header = ByteBuffer.wrap(object).order(elf.order());
    List<Integer> places = new ArrayList<>(List.of(0, 64, 0, object.length));
    int table = (int) header.getLong(40);
    places.addAll(List.of(table, object.length - table));
    for (ElfSection section : elf.sections()) {
      boolean code = section.executable();
      boolean metadata =
          section.type() == ElfSection.SYMTAB
              || section.type() == ElfSection.REL
              || section.name().startsWith(".BTF");
      if ((code || metadata) && section.data().size() > 0) {
        places.add((int) header.getLong(table + section.index() * 64 + 24));
        places.add(section.data().size());
      }
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void check(String what, byte[] broken) {
    try {
      CollectionSpec spec = CollectionReader.read("fuzz", broken);
      useTypes(spec.btf());
      CoreRelocator relocator = new CoreRelocator(spec.btf(), spec.btf());
      for (ProgramSpec program : spec.programs().values()) {
        relocator.relocate(program);
      }
    } catch (ObjectFileException e) {
      if (e.problem().isEmpty()) {
        fail(what + ": an error without words");
      }
    } catch (EbpfException e) {
      // Refused by a later step.
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      fail(what + ": " + HexFormat.of().formatHex(broken, 0, Math.min(64, broken.length)), e);
    }
  }

  private static void useTypes(Btf btf) {
    BtfLayout layout = new BtfLayout(btf);
    BtfValueCodec codec = new BtfValueCodec(btf);
    for (int id = 0; id < btf.endId(); id++) {
      layout.alignmentOf(id);
      int size = layout.sizeOf(id).orElse(-1);
      if (size >= 0 && size < 4096 && !(btf.type(id) instanceof BtfType.DataSection)) {
        codec.encode(id, codec.decode(id, new byte[size]));
      }
    }
    BtfCPrinter.header(btf);
  }
}
