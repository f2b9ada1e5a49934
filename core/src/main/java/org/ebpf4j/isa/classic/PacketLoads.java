package org.ebpf4j.isa.classic;

import static org.ebpf4j.isa.classic.ClassicTranslator.A;
import static org.ebpf4j.isa.classic.ClassicTranslator.CONTEXT;
import static org.ebpf4j.isa.classic.ClassicTranslator.X;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;

/// Loads from a packet behind a `struct __sk_buff`: `convert_bpf_extensions` in Linux's
/// `net/core/filter.c`, told in the fields and helpers that eBPF programs have.
final class PacketLoads implements ContextLoads {
  /// Offsets in `struct __sk_buff`, Linux's `include/uapi/linux/bpf.h`.
  private static final int LENGTH = 0;

  private static final int PACKET_TYPE = 4;
  private static final int MARK = 8;
  private static final int QUEUE_MAPPING = 12;
  private static final int PROTOCOL = 16;
  private static final int VLAN_PRESENT = 20;
  private static final int VLAN_TAG = 24;
  private static final int VLAN_PROTOCOL = 28;
  private static final int INTERFACE_INDEX = 40;
  private static final int HASH = 68;

  /// Numbers of `bpf_get_prandom_u32` and `bpf_get_smp_processor_id`.
  private static final int RANDOM_HELPER = 7;

  private static final int CPU_HELPER = 8;

  @Override
  public List<Instruction> load(int index, ClassicInstruction instruction) {
    MemorySize size = MemorySize.ofOpcode(instruction.code());
    return switch (instruction.code()) {
      case ClassicCode.LOAD_WORD_INDEXED,
          ClassicCode.LOAD_HALF_INDEXED,
          ClassicCode.LOAD_BYTE_INDEXED ->
          List.of(new Instruction.LoadPacket(size, new Operand.Reg(X), instruction.k()));
      default -> {
        Optional<Ancillary> ancillary = Ancillary.at(instruction.k());
        yield ancillary.isPresent()
            ? ancillary(index, ancillary.get())
            : List.of(new Instruction.LoadPacket(size, new Operand.Imm(0), instruction.k()));
      }
    };
  }

  @Override
  public Instruction length(Register to) {
    return field(to, LENGTH);
  }

  @Override
  public void check(int index, ClassicInstruction instruction) {
    // A socket filter may have every instruction that there is.
  }

  private static List<Instruction> ancillary(int index, Ancillary ancillary) {
    return switch (ancillary) {
      case PROTOCOL -> networkOrder(PROTOCOL);
      case VLAN_PROTOCOL -> networkOrder(VLAN_PROTOCOL);
      case PACKET_TYPE -> List.of(field(A, PACKET_TYPE));
      case INTERFACE_INDEX -> List.of(field(A, INTERFACE_INDEX));
      case MARK -> List.of(field(A, MARK));
      case QUEUE -> List.of(field(A, QUEUE_MAPPING));
      case HASH -> List.of(field(A, HASH));
      case VLAN_TAG -> List.of(field(A, VLAN_TAG));
      case VLAN_PRESENT -> List.of(field(A, VLAN_PRESENT));
      case CPU -> List.of(new Instruction.CallHelper(CPU_HELPER));
      case RANDOM -> List.of(new Instruction.CallHelper(RANDOM_HELPER));
      case XOR_X ->
          List.of(new Instruction.Alu(Width.W32, AluOperation.XOR, A, new Operand.Reg(X)));
      case HARDWARE_TYPE -> throw missing(index, "the type of the device");
      case PAYLOAD_OFFSET -> throw missing(index, "the offset of the payload");
      case NETLINK_ATTRIBUTE, NESTED_NETLINK_ATTRIBUTE ->
          throw missing(index, "netlink attributes");
    };
  }

  /// A field with 16 bits in network order.
  private static List<Instruction> networkOrder(int offset) {
    return List.of(
        field(A, offset), new Instruction.SwapBytes(Instruction.SwapBytes.Order.TO_BIG, A, 16));
  }

  private static Instruction field(Register to, int offset) {
    return new Instruction.Load(MemorySize.WORD, false, to, CONTEXT, (short) offset);
  }

  private static ClassicException missing(int index, String what) {
    return ClassicException.at(index, "reads " + what + ", which eBPF's __sk_buff does not tell");
  }
}
