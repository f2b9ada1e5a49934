package org.ebpf4j.cli.output;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfValueCodec;
import org.ebpf4j.spec.MapSpec;

/// Shows the elements of a map, decoded by BTF where the map has types, else as hex digits.
public final class MapFormat {
  private final Btf btf;
  private final BtfValueCodec codec;
  private final ValueStyle style;

  public MapFormat(Btf btf, ValueStyle style) {
    this.btf = btf;
    this.codec = new BtfValueCodec(btf);
    this.style = style;
  }

  /// An element, written.
  ///
  /// @param value of a per-CPU map: one for each CPU
  public record Element(String key, String value) {}

  /// Whether the map has elements to show: rings, bloom filters and the like have none, and what
  /// belongs to sockets, tasks and inodes is known by its owner alone.
  public static boolean hasElements(BpfMap map) {
    return switch (map.type()) {
      case RINGBUF,
          USER_RINGBUF,
          PERF_EVENT_ARRAY,
          QUEUE,
          STACK,
          BLOOM_FILTER,
          ARENA,
          STACK_TRACE,
          SK_STORAGE,
          TASK_STORAGE,
          INODE_STORAGE,
          CGRP_STORAGE ->
          false;
      default -> map.spec().keySize() > 0;
    };
  }

  /// Whether a map holds something of the kernel's, which may not be there, or not be shown.
  public static boolean holdsKernelObjects(MapType type) {
    return switch (type) {
      case PERF_EVENT_ARRAY,
          CGROUP_ARRAY,
          DEVMAP,
          DEVMAP_HASH,
          CPUMAP,
          XSKMAP,
          SOCKMAP,
          SOCKHASH,
          REUSEPORT_SOCKARRAY ->
          true;
      default -> false;
    };
  }

  /// The elements of a map; of an array, those that are not all zero, and of maps that hold
  /// something of the kernel's, those that it shows.
  public List<Element> elements(BpfMap map) {
    List<Element> elements = new ArrayList<>();
    boolean array = map.type() == MapType.ARRAY || map.type() == MapType.PERCPU_ARRAY;
    for (BpfMap.Entry entry : holdsKernelObjects(map.type()) ? shown(map) : map.entries()) {
      if (array && isZero(entry.value())) {
        continue;
      }
      elements.add(element(map, entry));
    }
    return elements;
  }

  private static List<BpfMap.Entry> shown(BpfMap map) {
    List<BpfMap.Entry> entries = new ArrayList<>();
    for (Optional<byte[]> key = map.firstKey(); key.isPresent(); key = map.nextKey(key.get())) {
      shown(map, key.get()).ifPresent(entries::add);
    }
    return entries;
  }

  private static Optional<BpfMap.Entry> shown(BpfMap map, byte[] key) {
    try {
      return map.lookup(key).map(value -> new BpfMap.Entry(key, value));
    } catch (MapException e) {
      return switch (e.errno()) {
        // Linux: an XSKMAP has no lookup, and one of sockets none for values of 4 bytes.
        case EOPNOTSUPP, ENOSPC, ENOENT -> Optional.empty();
        default -> throw e;
      };
    }
  }

  /// One element of a map.
  public Element element(BpfMap map, BpfMap.Entry entry) {
    MapSpec spec = map.spec();
    return new Element(
        text(spec.keyType(), entry.key()), value(spec, entry.value(), map.valueBytes()));
  }

  private String value(MapSpec spec, byte[] value, int row) {
    int stride = (spec.valueSize() + 7) & ~7;
    if (row == spec.valueSize() || !spec.type().orElseThrow().isPerCpu()) {
      return text(spec.valueType(), value);
    }
    List<String> values = new ArrayList<>();
    List<Boolean> zero = new ArrayList<>();
    for (int offset = 0; offset < row; offset += stride) {
      byte[] one = Arrays.copyOfRange(value, offset, offset + spec.valueSize());
      values.add(text(spec.valueType(), one));
      zero.add(isZero(one));
    }
    return style.ofCpus(values, zero);
  }

  private String text(int type, byte[] bytes) {
    if (type != 0) {
      return style.of(btf, type, codec.decode(type, bytes));
    }
    if (bytes.length == Integer.BYTES) {
      return Integer.toUnsignedString(
          ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt());
    }
    return style.ofBytes(bytes);
  }

  private static boolean isZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
