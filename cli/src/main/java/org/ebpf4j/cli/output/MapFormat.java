package org.ebpf4j.cli.output;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfValueCodec;
import org.ebpf4j.spec.MapSpec;

/// Shows the elements of a map, decoded by BTF where the map has types, else as hex digits.
public final class MapFormat {
  private final BtfValueCodec codec;

  public MapFormat(Btf btf) {
    this.codec = new BtfValueCodec(btf);
  }

  /// An element, as JSON.
  ///
  /// @param value of a per-CPU map: an array with one value for each CPU
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

  /// The elements of a map; of an array, those that are not all zero.
  public List<Element> elements(BpfMap map) {
    List<Element> elements = new ArrayList<>();
    boolean array = map.type() == MapType.ARRAY || map.type() == MapType.PERCPU_ARRAY;
    for (BpfMap.Entry entry : map.entries()) {
      if (array && isZero(entry.value())) {
        continue;
      }
      elements.add(element(map, entry));
    }
    return elements;
  }

  /// One element of a map.
  public Element element(BpfMap map, BpfMap.Entry entry) {
    MapSpec spec = map.spec();
    return new Element(
        json(spec.keyType(), entry.key()), value(spec, entry.value(), map.valueBytes()));
  }

  private String value(MapSpec spec, byte[] value, int row) {
    int stride = (spec.valueSize() + 7) & ~7;
    if (row == spec.valueSize() || !isPerCpu(spec)) {
      return json(spec.valueType(), value);
    }
    List<String> perCpu = new ArrayList<>();
    for (int offset = 0; offset < row; offset += stride) {
      perCpu.add(
          json(spec.valueType(), Arrays.copyOfRange(value, offset, offset + spec.valueSize())));
    }
    return "[" + String.join(", ", perCpu) + "]";
  }

  private static boolean isPerCpu(MapSpec spec) {
    return switch (spec.type().orElseThrow()) {
      case PERCPU_ARRAY, PERCPU_HASH, LRU_PERCPU_HASH, PERCPU_CGROUP_STORAGE -> true;
      default -> false;
    };
  }

  private String json(int type, byte[] bytes) {
    if (type != 0) {
      return codec.decode(type, bytes).toJson();
    }
    if (bytes.length == Integer.BYTES) {
      return Integer.toUnsignedString(
          ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt());
    }
    return '"' + HexFormat.of().formatHex(bytes) + '"';
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
