package org.ebpf4j.conformance.twin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;

/// What a loader told the kernel, by name of map or program, in a form that can be compared: file
/// descriptors and addresses are masked, or replaced by what they stand for.
///
/// Attributes are shown by their offset in `union bpf_attr`, as 32-bit words that are not 0.
public final class BpfTrace {
  private static final int MAP_CREATE = 0;
  private static final int PROG_LOAD = 5;
  private static final int BTF_LOAD = 18;
  private static final int MAP_NAME = 28;
  private static final int PROGRAM_NAME = 48;

  /// Words of `BPF_MAP_CREATE` that hold descriptors: of an inner map, and of BTF.
  private static final Set<Integer> MAP_DESCRIPTORS = Set.of(20, 48);

  /// Words of `BPF_PROG_LOAD` that hold descriptors (BTF, attach target) or halves of addresses
  /// (instructions, license, log, functions, lines, descriptors).
  private static final Set<Integer> PROGRAM_MASKED =
      Set.of(8, 12, 16, 20, 32, 36, 72, 80, 84, 96, 100, 112, 120, 124);

  private static final int LOAD_IMMEDIATE_64 = 0x18;
  private static final int MAP_DESCRIPTOR = 1;
  private static final int MAP_VALUE = 2;

  private final Map<String, Map<String, String>> maps = new TreeMap<>();
  private final Map<String, Map<String, String>> programs = new TreeMap<>();
  private final Map<Long, String> mapNames = new HashMap<>();
  private final Map<Long, byte[]> types = new HashMap<>();

  private BpfTrace() {}

  /// Reads a file that the tracer wrote. Of each name, the first call counts: later ones repeat it,
  /// with a log or for another program.
  public static BpfTrace read(Path file) {
    BpfTrace trace = new BpfTrace();
    try (var lines = Files.lines(file)) {
      lines.map(TracedCall::parse).forEach(trace::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return trace;
  }

  private void add(TracedCall call) {
    switch (call.command()) {
      case MAP_CREATE -> {
        mapNames.put(call.result(), call.name(MAP_NAME));
        maps.putIfAbsent(call.name(MAP_NAME), words(call, MAP_DESCRIPTORS));
      }
      case BTF_LOAD -> types.put(call.result(), call.memory("types"));
      case PROG_LOAD -> programs.putIfAbsent(call.name(PROGRAM_NAME), program(call));
      default -> {
        // Nothing that says what is loaded.
      }
    }
  }

  /// Creations by name of the map.
  public Map<String, Map<String, String>> maps() {
    return maps;
  }

  /// Loads by name of the program.
  public Map<String, Map<String, String>> programs() {
    return programs;
  }

  private static Map<String, String> words(TracedCall call, Set<Integer> masked) {
    Map<String, String> words = new LinkedHashMap<>();
    for (int offset = 0; offset < call.attributes().capacity(); offset += Integer.BYTES) {
      int word = call.get32(offset);
      if (word != 0) {
        words.put(
            "attribute at %3d".formatted(offset),
            masked.contains(offset) ? "set" : "0x%08x".formatted(word));
      }
    }
    return words;
  }

  private Map<String, String> program(TracedCall call) {
    Map<String, String> shown = words(call, PROGRAM_MASKED);
    shown.put("instructions", instructions(call));
    shown.put("license", new String(call.memory("license"), StandardCharsets.UTF_8));
    byte[] btf = types.get((long) call.get32(72));
    if (btf != null) {
      Btf known = BtfReader.read("traced", btf);
      shown.put("types", known.ownTypes().toString());
      shown.put("functions", HexFormat.of().formatHex(call.memory("functions")));
      shown.put("lines", lines(call.memory("lines"), btf));
    }
    return shown;
  }

  /// Instructions a line, with names for descriptors of maps.
  private String instructions(TracedCall call) {
    StringBuilder text = new StringBuilder();
    ByteBuffer slots = ByteBuffer.wrap(call.memory("instructions")).order(ByteOrder.nativeOrder());
    while (slots.hasRemaining()) {
      long slot = slots.getLong();
      int source = (int) (slot >>> 12) & 15;
      if ((slot & 0xff) == LOAD_IMMEDIATE_64 && (source == MAP_DESCRIPTOR || source == MAP_VALUE)) {
        text.append(
            "%08x map %s%n".formatted((int) slot, mapNames.getOrDefault(slot >>> 32, "unknown")));
      } else {
        text.append("%016x%n".formatted(slot));
      }
    }
    return text.toString();
  }

  /// Records of source lines, with the strings that they refer to.
  private static String lines(byte[] records, byte[] btf) {
    ByteBuffer header = ByteBuffer.wrap(btf).order(ByteOrder.nativeOrder());
    int strings = header.getInt(4) + header.getInt(16);
    StringBuilder text = new StringBuilder();
    ByteBuffer words = ByteBuffer.wrap(records).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      text.append(
          "%d %s '%s' %x%n"
              .formatted(
                  words.getInt(),
                  string(btf, strings + words.getInt()),
                  string(btf, strings + words.getInt()),
                  words.getInt()));
    }
    return text.toString();
  }

  private static String string(byte[] bytes, int start) {
    int end = start;
    while (bytes[end] != 0) {
      end++;
    }
    return new String(bytes, start, end - start, StandardCharsets.UTF_8);
  }

  /// What differs between two calls, word by word; of long texts the first line that does.
  public static List<String> differences(Map<String, String> ours, Map<String, String> theirs) {
    Map<String, String> all = new TreeMap<>(theirs);
    all.putAll(ours);
    return all.keySet().stream()
        .filter(key -> !ours.getOrDefault(key, "0").equals(theirs.getOrDefault(key, "0")))
        .map(key ->
            "%s: %s"
                .formatted(
                    key,
                    firstDifference(ours.getOrDefault(key, "0"), theirs.getOrDefault(key, "0"))))
        .toList();
  }

  private static String firstDifference(String ours, String theirs) {
    int at = 0;
    while (at < Math.min(ours.length(), theirs.length()) && ours.charAt(at) == theirs.charAt(at)) {
      at++;
    }
    int from = Math.max(0, at - 40);
    return "here …%s…, libbpf …%s…"
        .formatted(
            ours.substring(from, Math.min(ours.length(), at + 60)),
            theirs.substring(from, Math.min(theirs.length(), at + 60)));
  }
}
