package org.ebpf4j.conformance.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.Reference;

/// Which maps may be passed to which helper.
final class MapHelpers {
  private static final int STACK_BYTES = 64;
  private static final int NO_PREALLOCATION = 1;
  private static final int CONTEXT = 6;

  private MapHelpers() {}

  /// Rows by helper: the types of maps that it takes. Helpers whose other arguments take more than
  /// numbers, memory and the context are left out, and so are maps that cannot be made out of
  /// nothing.
  static Map<String, String> of(List<ProgramType> types, Judge judge) {
    Map<String, String> rows = new TreeMap<>();
    for (HelperPrototype helper : Helpers.all()) {
      Optional<ProgramType> caller = caller(types, helper);
      if (caller.isEmpty() || !takesMap(helper)) {
        continue;
      }
      List<MapType> taken = new ArrayList<>();
      for (MapType type : MapType.values()) {
        Optional<MapSpec> map = map(type);
        if (map.isPresent() && takes(helper, caller.get(), map.get(), judge)) {
          taken.add(type);
        }
      }
      if (!taken.isEmpty()) {
        rows.put(helper.name(), taken.stream().map(Enum::name).collect(Collectors.joining(" ")));
      }
    }
    return rows;
  }

  private static Optional<ProgramType> caller(List<ProgramType> types, HelperPrototype helper) {
    return types.stream()
        .filter(
            type -> HelperPermissions.of(type).filter(all -> all.contains(helper.id())).isPresent())
        .findFirst();
  }

  private static boolean takesMap(HelperPrototype helper) {
    Set<Argument.Kind> known =
        Set.of(
            Argument.Kind.ANYTHING,
            Argument.Kind.CONTEXT,
            Argument.Kind.MAP,
            Argument.Kind.MAP_KEY,
            Argument.Kind.MAP_VALUE,
            Argument.Kind.MEMORY,
            Argument.Kind.SIZE,
            Argument.Kind.SIZE_OR_ZERO);
    return helper.arguments().stream().map(Argument::kind).allMatch(known::contains)
        && helper.arguments().stream().anyMatch(a -> a.kind() == Argument.Kind.MAP);
  }

  private static boolean takes(
      HelperPrototype helper, ProgramType caller, MapSpec map, Judge judge) {
    List<Long> body = new ArrayList<>();
    List<Reference> references = new ArrayList<>();
    body.add(Bytecode.slot(0xbf, CONTEXT, 1, (short) 0, 0));
    for (int offset = 8; offset <= STACK_BYTES; offset += 8) {
      body.add(Bytecode.slot(0x7a, 10, 0, (short) -offset, 0));
    }
    int register = 1;
    for (Argument argument : helper.arguments()) {
      switch (argument.kind()) {
        case MAP -> {
          references.add(new Reference.MapHandle(body.size(), map.name()));
          body.add(Bytecode.slot(0x18, register, 1, (short) 0, 0));
          body.add(0L);
        }
        case CONTEXT -> body.add(Bytecode.slot(0xbf, register, CONTEXT, (short) 0, 0));
        case MAP_KEY, MAP_VALUE, MEMORY -> {
          body.add(Bytecode.slot(0xbf, register, 10, (short) 0, 0));
          body.add(Bytecode.slot(0x07, register, 0, (short) 0, -STACK_BYTES));
        }
        case SIZE, SIZE_OR_ZERO -> body.add(Bytecode.slot(0xb7, register, 0, (short) 0, 8));
        default -> body.add(Bytecode.slot(0xb7, register, 0, (short) 0, 0));
      }
      register++;
    }
    body.add(Bytecode.slot(0x85, 0, 0, (short) 0, helper.id()));
    return judge
        .refusal(
            TinyProgram.of(
                Caller.of(caller),
                List.of(map),
                references,
                body.stream().mapToLong(Long::longValue).toArray()))
        .isEmpty();
  }

  /// The smallest map of a type.
  private static Optional<MapSpec> map(MapType type) {
    return switch (type) {
      case LPM_TRIE -> Optional.of(MapSpec.of("m", type, 8, 8, 1).withFlags(NO_PREALLOCATION));
      case QUEUE, STACK, BLOOM_FILTER -> Optional.of(MapSpec.of("m", type, 0, 8, 1));
      case RINGBUF, USER_RINGBUF -> Optional.of(MapSpec.of("m", type, 0, 0, 4096));
      case STACK_TRACE, HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH ->
          Optional.of(MapSpec.of("m", type, 4, 8, 1));
      case PROG_ARRAY,
          PERF_EVENT_ARRAY,
          CGROUP_ARRAY,
          DEVMAP,
          DEVMAP_HASH,
          SOCKMAP,
          SOCKHASH,
          CPUMAP,
          XSKMAP,
          REUSEPORT_SOCKARRAY ->
          Optional.of(MapSpec.of("m", type, 4, 4, 1));
      case ARRAY_OF_MAPS, HASH_OF_MAPS ->
          Optional.of(
              MapSpec.of("m", type, 4, 4, 1).withInner(MapSpec.of("i", MapType.ARRAY, 4, 8, 1)));
      // They need types, a struct of the kernel, or an address.
      case CGROUP_STORAGE,
          PERCPU_CGROUP_STORAGE,
          SK_STORAGE,
          INODE_STORAGE,
          TASK_STORAGE,
          CGRP_STORAGE,
          STRUCT_OPS,
          ARENA ->
          Optional.empty();
    };
  }
}
