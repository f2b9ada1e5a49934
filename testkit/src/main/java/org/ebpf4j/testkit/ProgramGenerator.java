package org.ebpf4j.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;

/// Generates eBPF programs that nearly all verifiers' rules apply to: arithmetic at the edges,
/// packets parsed behind checks, stack, maps, loops, calls, references and locks. The same seed and
/// settings give the same program everywhere.
///
/// The generator keeps a model of what registers hold, and so writes programs that are safe. Now
/// and then ([Settings#wrongPerMille]) it does the wrong thing on purpose; these are near misses,
/// and it is for a verifier to find out which.
///
/// What a program computes shows in its result, however it ends: many leave early, and each
/// function adds up on its stack what it loaded and computed on the way.
///
/// ```java
/// TestProgram program = ProgramGenerator.generate(42, Settings.DEFAULT);
/// Verdict verdict = Verifier.verify(program.program(), program.collection(), options);
/// ```
public final class ProgramGenerator {
  private static final int RUNS = 6;
  private static final int LONGEST_PACKET = 120;

  /// Linux's test runs take nothing shorter than an Ethernet header.
  private static final int SHORTEST_PACKET = 14;

  private ProgramGenerator() {}

  /// A program and its inputs.
  public static TestProgram generate(long seed, Settings settings) {
    Chance chance = new Chance(seed);
    ProgramType type = chance.pick(settings.types());
    ProgramWriter writer = new ProgramWriter(type, chance, settings);
    writer.write();
    ProgramSpec program = writer.code.toSpec(TestProgram.NAME, section(type), ProgramKind.of(type));
    Map<String, MapSpec> maps = TestMaps.usedBy(program);
    CollectionSpec collection =
        new CollectionSpec(
            "seed " + seed,
            ByteOrder.nativeOrder(),
            "GPL",
            0,
            writer.types.toBtf(),
            maps,
            Map.of(TestProgram.NAME, program));
    Map<String, List<BpfMap.Entry>> contents = new LinkedHashMap<>();
    maps.values().forEach(map -> contents.put(map.name(), contents(map, chance)));
    List<TestInput> inputs = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      inputs.add(input(type, chance));
    }
    return new TestProgram(seed, collection, contents, inputs, writer.forms());
  }

  static String section(ProgramType type) {
    return switch (type) {
      case XDP -> "xdp";
      case SCHED_CLS -> "tc";
      case SOCKET_FILTER -> "socket";
      case RAW_TRACEPOINT -> "raw_tp/sys_enter";
      default -> throw new IllegalArgumentException("no programs of type " + type + " are made");
    };
  }

  private static List<BpfMap.Entry> contents(MapSpec map, Chance chance) {
    List<BpfMap.Entry> entries = new ArrayList<>();
    switch (map.type().orElseThrow()) {
      case ARRAY -> {
        for (int i = 0; i < map.maxEntries(); i++) {
          byte[] value = chance.bytes(map.valueSize());
          if (map == TestMaps.LOCKED) {
            ByteBuffer.wrap(value).putInt(0, 0);
          }
          entries.add(new BpfMap.Entry(key(map, i), value));
        }
      }
      case HASH -> {
        for (int i = 0; i < 8; i++) {
          if (chance.percent(50)) {
            entries.add(new BpfMap.Entry(key(map, i), chance.bytes(map.valueSize())));
          }
        }
      }
      default -> {
        // Starts empty, or with zeros.
      }
    }
    return entries;
  }

  private static byte[] key(MapSpec map, int value) {
    return ByteBuffer.allocate(map.keySize())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0, value)
        .array();
  }

  private static TestInput input(ProgramType type, Chance chance) {
    return switch (type) {
      case RAW_TRACEPOINT -> new TestInput(new byte[0], chance.bytes(8 * ContextFields.ARGUMENTS));
      case XDP -> new TestInput(packet(chance), new byte[0]);
      default -> new TestInput(packet(chance), skb(chance));
    };
  }

  private static byte[] packet(Chance chance) {
    return chance.bytes(chance.between(SHORTEST_PACKET, LONGEST_PACKET));
  }

  /// `struct __sk_buff` with the fields that a caller may give: `mark`, `priority` and `cb`.
  private static byte[] skb(Chance chance) {
    ByteBuffer context =
        ByteBuffer.allocate(ContextFields.SKB_BYTES).order(ByteOrder.nativeOrder());
    context.putInt(8, (int) chance.edge()).putInt(32, (int) chance.edge());
    for (int i = 0; i < 5; i++) {
      context.putInt(48 + 4 * i, (int) chance.edge());
    }
    return context.array();
  }
}
