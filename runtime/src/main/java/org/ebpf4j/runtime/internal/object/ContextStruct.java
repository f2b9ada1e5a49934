package org.ebpf4j.runtime.internal.object;

import java.util.Map;
import java.util.function.ToLongFunction;
import org.ebpf4j.btf.Btf;

/// What programs find behind the kernel's own context of a packet, laid out as the types have it
/// that the program was relocated to. The fields are those that this host knows; all others are 0.
///
/// Sources: `struct sk_buff` in Linux 6.18's `include/linux/skbuff.h`, `struct xdp_buff` in
/// `include/net/xdp.h`.
public final class ContextStruct {
  private static final Map<String, Integer> PACKET =
      Map.of(
          "len", 4,
          "mark", 4,
          "priority", 4,
          "hash", 4,
          "skb_iif", 4,
          "protocol", 2,
          "queue_mapping", 2,
          "tc_index", 2,
          "tstamp", 8,
          "data", 8);

  private static final Map<String, Integer> FRAME =
      Map.of("data", 8, "data_end", 8, "data_meta", 8);

  private final String name;
  private final Map<String, Integer> sizes;
  private final StructFields fields;

  private ContextStruct(Btf types, String name, Map<String, Integer> sizes) {
    this.name = "struct " + name;
    this.sizes = sizes;
    this.fields = new StructFields(types, name, sizes);
  }

  /// `struct sk_buff`.
  ///
  /// @param types those that the program was relocated to
  static ContextStruct ofPackets(Btf types) {
    return new ContextStruct(types, "sk_buff", PACKET);
  }

  /// `struct xdp_buff`.
  ///
  /// @param types those that the program was relocated to
  static ContextStruct ofFrames(Btf types) {
    return new ContextStruct(types, "xdp_buff", FRAME);
  }

  /// What messages call it.
  public String name() {
    return name;
  }

  /// Bytes of the struct; 0 if the types do not have it.
  public int size() {
    return fields.size();
  }

  /// Writes the struct.
  ///
  /// @param values a field's value by its name
  public void write(long to, ToLongFunction<String> values) {
    fields.write(
        to,
        field ->
            StructFields.bytes(values.applyAsLong(field), sizes.getOrDefault(field, Long.BYTES)));
  }
}
