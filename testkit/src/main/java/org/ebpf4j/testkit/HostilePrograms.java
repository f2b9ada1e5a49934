package org.ebpf4j.testkit;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.testkit.Code.Label;

/// Programs that no verifier would take, made of calls: any helper that their type may call and any
/// kernel function, in any order, with arguments that are mostly right and now and then anything:
/// numbers, addresses beside what is there, things given back, memory of the host's own records
/// written over. They are for hosts that run programs unproven: each call has to give a result or a
/// fault.
public final class HostilePrograms {
  private static final int RUNS = 8;
  private static final int LONGEST_PACKET = 120;
  private static final int SHORTEST_PACKET = 14;
  private static final int MOST_STATEMENTS = 24;

  private final Chance chance;
  private final ProgramType type;
  private final Code code = new Code();
  private final HostileTypes types = new HostileTypes();

  private HostilePrograms(long seed) {
    chance = new Chance(seed);
    List<ProgramType> able = new ArrayList<>(List.of(ProgramType.values()));
    // These run inside another program alone.
    able.remove(ProgramType.EXT);
    type =
        chance.percent(40)
            ? chance.pick(ProgramType.XDP, ProgramType.SCHED_CLS)
            : chance.pick(able);
  }

  /// The program of a seed and its inputs.
  public static TestProgram generate(long seed) {
    return new HostilePrograms(seed).write(seed);
  }

  private TestProgram write(long seed) {
    List<HostileCallee> all = HostileCallee.of(type);
    List<HostileCallee> theme = new ArrayList<>();
    for (int i = chance.between(1, 3); i > 0; i--) {
      theme.addAll(HostileCallee.theme(all, chance));
    }
    List<Label> functions = List.of(new Label(), new Label(), new Label());
    HostileWriter.Shared shared =
        new HostileWriter.Shared(
            chance, code, types, ProgramTypes.of(type).context(), functions, all, theme);
    code.beginFunction(new Label(), TestProgram.NAME, types.function(TestProgram.NAME), true);
    new HostileWriter(shared, true).write(chance.between(3, MOST_STATEMENTS));
    for (int i = 0; i < functions.size(); i++) {
      String name = "callback" + i;
      code.beginFunction(functions.get(i), name, types.function(name), false);
      new HostileWriter(shared, false).write(chance.below(MOST_STATEMENTS / 3));
    }
    shared.placeStrayLabels();
    ProgramKind kind = ProgramKind.of(type);
    ProgramSpec program = code.toSpec(TestProgram.NAME, "", kind);
    Map<String, MapSpec> maps = HostileMaps.usedBy(program);
    CollectionSpec collection =
        new CollectionSpec(
            "seed " + seed,
            ByteOrder.nativeOrder(),
            "GPL",
            0,
            types.toBtf(),
            maps,
            Map.of(TestProgram.NAME, program));
    Map<String, List<BpfMap.Entry>> contents = new LinkedHashMap<>();
    maps.values().forEach(map -> contents.put(map.name(), HostileMaps.contents(map, chance)));
    List<TestInput> inputs = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      inputs.add(input());
    }
    return new TestProgram(seed, collection, contents, inputs, Set.of());
  }

  private TestInput input() {
    boolean packet = ProgramTypes.of(type).packet() != ProgramTypes.PacketAccess.NONE;
    byte[] bytes =
        packet ? chance.bytes(chance.between(SHORTEST_PACKET, LONGEST_PACKET)) : new byte[0];
    int context = ProgramTypes.of(type).context().size();
    return switch (type) {
      case XDP, SCHED_CLS, SCHED_ACT, SOCKET_FILTER, CGROUP_SKB ->
          new TestInput(bytes, new byte[0]);
      default -> new TestInput(bytes, chance.percent(50) ? new byte[context] : new byte[0]);
    };
  }
}
