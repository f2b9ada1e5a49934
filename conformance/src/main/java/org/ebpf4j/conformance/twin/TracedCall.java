package org.ebpf4j.conformance.twin;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/// A call of bpf(2) as `tracer` wrote it down.
///
/// @param command the number in `enum bpf_cmd`
/// @param result what it gave, errors as negative numbers
/// @param attributes `union bpf_attr` as passed, with zeros up to the longest that is known
/// @param memory what its pointers point to, by name
record TracedCall(int command, long result, ByteBuffer attributes, Map<String, byte[]> memory) {
  private static final int ATTRIBUTE_BYTES = 256;

  static TracedCall parse(String line) {
    String[] words = line.split("\t", -1);
    Map<String, byte[]> memory = new HashMap<>();
    for (int i = 3; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      memory.put(
          words[i].substring(0, equals), HexFormat.of().parseHex(words[i].substring(equals + 1)));
    }
    byte[] attributes = Arrays.copyOf(HexFormat.of().parseHex(words[2]), ATTRIBUTE_BYTES);
    return new TracedCall(
        Integer.parseInt(words[0]),
        Long.parseLong(words[1]),
        ByteBuffer.wrap(attributes).order(ByteOrder.nativeOrder()),
        memory);
  }

  int get32(int offset) {
    return attributes.getInt(offset);
  }

  /// The name of a map or program, up to its zero.
  String name(int offset) {
    int end = offset;
    while (end < offset + 16 && attributes.get(end) != 0) {
      end++;
    }
    byte[] name = new byte[end - offset];
    attributes.get(offset, name);
    return new String(name, StandardCharsets.UTF_8);
  }

  byte[] memory(String name) {
    return memory.getOrDefault(name, new byte[0]);
  }
}
