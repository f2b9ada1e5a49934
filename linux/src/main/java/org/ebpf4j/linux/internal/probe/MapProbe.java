package org.ebpf4j.linux.internal.probe;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.Host;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.FeatureSupport;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// Finds out which types of maps the kernel has, by making the smallest map of each.
public final class MapProbe {
  private static final int NO_PREALLOCATION = 1;
  private static final int MMAPABLE = 1 << 10;

  /// One type, `int`, for maps that are only made with BTF.
  private static final Btf TYPES =
      Btf.of(List.of(new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32)));

  private MapProbe() {}

  public static FeatureSupport probe(Host host, MapType type) {
    if (type == MapType.STRUCT_OPS) {
      return StructOpsProbe.map();
    }
    MapSpec map = smallest(type);
    CollectionSpec spec =
        new CollectionSpec(
            "probe",
            ByteOrder.nativeOrder(),
            "GPL",
            0,
            map.keyType() == 0 ? Btf.empty() : TYPES,
            Map.of(map.name(), map),
            Map.of());
    try (LoadedCollection _ = host.load(spec)) {
      return new FeatureSupport.Supported();
    } catch (LoadException e) {
      return e.errno() == Errno.EINVAL
          ? new FeatureSupport.Unsupported()
          : new FeatureSupport.Unknown(e.errno(), e.summary());
    }
  }

  private static MapSpec smallest(MapType type) {
    String name = "probe";
    return switch (type) {
      case LPM_TRIE -> MapSpec.of(name, type, 8, 4, 1).withFlags(NO_PREALLOCATION);
      case STACK_TRACE -> MapSpec.of(name, type, 4, 8, 1);
      case QUEUE, STACK, BLOOM_FILTER -> MapSpec.of(name, type, 0, 4, 1);
      // struct bpf_cgroup_storage_key
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> MapSpec.of(name, type, 16, 4, 0);
      case RINGBUF, USER_RINGBUF -> MapSpec.of(name, type, 0, 0, 1);
      case ARENA -> MapSpec.of(name, type, 0, 0, 1).withFlags(MMAPABLE);
      case ARRAY_OF_MAPS, HASH_OF_MAPS ->
          MapSpec.of(name, type, 4, 4, 1).withInner(MapSpec.of("inner", MapType.ARRAY, 4, 4, 1));
      case SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE -> storage(name, type);
      case HASH,
          ARRAY,
          PROG_ARRAY,
          PERF_EVENT_ARRAY,
          PERCPU_HASH,
          PERCPU_ARRAY,
          CGROUP_ARRAY,
          LRU_HASH,
          LRU_PERCPU_HASH,
          DEVMAP,
          DEVMAP_HASH,
          SOCKMAP,
          SOCKHASH,
          CPUMAP,
          XSKMAP,
          REUSEPORT_SOCKARRAY,
          STRUCT_OPS ->
          MapSpec.of(name, type, 4, 4, 1);
    };
  }

  private static MapSpec storage(String name, MapType type) {
    return new MapSpec(
        name,
        type.number(),
        4,
        4,
        0,
        NO_PREALLOCATION,
        0,
        0,
        1,
        1,
        false,
        Optional.empty(),
        new MapSpec.Contents.None());
  }
}
