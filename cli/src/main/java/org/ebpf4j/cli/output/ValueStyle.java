package org.ebpf4j.cli.output;

import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfValue;

/// How keys, values and events are written.
public enum ValueStyle {
  JSON {
    @Override
    String of(Btf btf, int type, BtfValue value) {
      return value.toJson();
    }

    @Override
    String ofBytes(byte[] bytes) {
      return '"' + HexFormat.of().formatHex(bytes) + '"';
    }

    @Override
    String ofCpus(List<String> values, List<Boolean> zero) {
      return "[" + String.join(", ", values) + "]";
    }
  },

  /// For people: see [ValueText]. Of the values of each CPU, those that are 0 are left out.
  TEXT {
    @Override
    String of(Btf btf, int type, BtfValue value) {
      return ValueText.of(btf, type, value);
    }

    @Override
    String ofBytes(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }

    @Override
    String ofCpus(List<String> values, List<Boolean> zero) {
      StringBuilder text = new StringBuilder();
      for (int cpu = 0; cpu < values.size(); cpu++) {
        if (!zero.get(cpu)) {
          text.append(text.isEmpty() ? "" : ", ");
          text.append("cpu ").append(cpu).append(": ").append(values.get(cpu));
        }
      }
      return text.isEmpty() ? "0" : text.toString();
    }
  };

  /// A value of a BTF type.
  abstract String of(Btf btf, int type, BtfValue value);

  /// Bytes whose type nobody knows.
  abstract String ofBytes(byte[] bytes);

  /// The values of each CPU, in order.
  ///
  /// @param zero of each value, whether all its bytes are 0
  abstract String ofCpus(List<String> values, List<Boolean> zero);
}
