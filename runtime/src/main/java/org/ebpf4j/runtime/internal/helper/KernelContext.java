package org.ebpf4j.runtime.internal.helper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.context.PacketBuffer;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.context.XdpContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.object.ContextStruct;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// The kernel's own struct behind the context of a packet (`bpf_cast_to_kern_ctx`). There is none
/// in this host, so that it is written when a program asks for it, and shows the packet as it is
/// then. A run has one at most, which goes with it.
final class KernelContext extends Region {
  private final ContextStruct struct;

  /// Freed once this object is gone, which a run keeps as long as the program may use the address.
  private final MemorySegment memory;

  private KernelContext(ContextStruct struct) {
    this.struct = struct;
    this.memory = Arena.ofAuto().allocate(struct.size(), Long.BYTES);
  }

  /// Its address.
  ///
  /// @param context the address that the program passed
  /// @throws Fault if that is no context of a packet, or the types do not have the struct
  static long of(Run run, long context) {
    if (!(run.context() instanceof PacketContext packet) || context != packet.address()) {
      throw absent(context, "the kernel's struct behind a context is there for packets alone");
    }
    ContextStruct struct =
        switch (packet) {
          case SkbContext skb -> run.types().packetStruct();
          case XdpContext xdp -> run.types().frameStruct();
          default -> throw absent(context, "a packet of this type of program has no such struct");
        };
    if (struct.size() == 0) {
      throw absent(context, "the types of the kernel have no " + struct.name());
    }
    long to = ofRun(run, struct).memory.address();
    struct.write(to, field -> value(packet, field));
    return to;
  }

  private static KernelContext ofRun(Run run, ContextStruct struct) {
    for (int i = 0; i < run.resources().regionCount(); i++) {
      if (run.resources().region(i) instanceof KernelContext known && known.struct == struct) {
        return known;
      }
    }
    KernelContext made = new KernelContext(struct);
    run.resources().remember(made);
    return made;
  }

  private static long value(PacketContext context, String field) {
    PacketBuffer packet = context.buffer();
    long md = context.address();
    return switch (field) {
      case "data" -> packet.data();
      case "data_end" -> packet.data() + packet.linear();
      case "data_meta" -> packet.meta();
      case "len" -> packet.length();
      case "mark" -> Memory.getInt(md + Skb.MARK);
      case "priority" -> Memory.getInt(md + Skb.PRIORITY);
      case "hash" -> Memory.getInt(md + Skb.HASH);
      case "skb_iif" -> Memory.getInt(md + Skb.INGRESS_IFINDEX);
      case "protocol" -> Memory.getInt(md + Skb.PROTOCOL);
      case "queue_mapping" -> Memory.getInt(md + Skb.QUEUE_MAPPING);
      case "tc_index" -> Memory.getInt(md + Skb.TC_INDEX);
      case "tstamp" -> Memory.getLong(md + Skb.TSTAMP);
      default -> throw new IllegalArgumentException(field);
    };
  }

  private static Fault absent(long address, String reason) {
    return new Fault(ProgramFault.Kind.CALL, address, reason);
  }

  @Override
  public String describe() {
    return struct.name();
  }

  @Override
  public boolean readable(long address, int size) {
    long offset = address - memory.address();
    return offset >= 0 && offset <= struct.size() - size;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
