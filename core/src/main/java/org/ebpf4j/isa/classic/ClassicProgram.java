package org.ebpf4j.isa.classic;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.InstructionCodec;

/// A classic program that passes the checks of Linux's `bpf_check_classic`: known codes, jumps in
/// range, no division by 0, scratch memory read only after it was written, a return at the end.
public record ClassicProgram(List<ClassicInstruction> instructions) {
  /// Instructions that a program can have at most (`BPF_MAXINSNS`).
  public static final int MAX_INSTRUCTIONS = 4096;

  /// @throws ClassicException if Linux would refuse the program
  public ClassicProgram {
    instructions = List.copyOf(instructions);
    ClassicChecker.check(instructions);
  }

  /// Reads what `tcpdump -ddd` prints: a line with the number of instructions, then a line of four
  /// decimal numbers for each: code, both jumps, constant.
  ///
  /// @throws ClassicException if the text is something else, or the program is refused
  public static ClassicProgram parse(String text) {
    List<String> lines = text.strip().lines().toList();
    if (lines.isEmpty()) {
      throw line(1, "expected the number of instructions, as tcpdump -ddd prints it");
    }
    int count = (int) number(1, lines.getFirst().strip(), MAX_INSTRUCTIONS);
    if (count != lines.size() - 1) {
      throw line(1, "promises %d instructions, and %d follow".formatted(count, lines.size() - 1));
    }
    List<ClassicInstruction> instructions = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] fields = lines.get(i).strip().split("\\s+", -1);
      if (fields.length != 4) {
        throw line(i + 1, "expected four numbers: code, jump if true, jump if false, constant");
      }
      instructions.add(
          new ClassicInstruction(
              (int) number(i + 1, fields[0], 0xffff),
              (int) number(i + 1, fields[1], 0xff),
              (int) number(i + 1, fields[2], 0xff),
              (int) number(i + 1, fields[3], 0xffff_ffffL)));
    }
    return new ClassicProgram(instructions);
  }

  /// Reads an array of `struct sock_filter`, 8 bytes each.
  ///
  /// @throws ClassicException if it ends within an instruction, or the program is refused
  public static ClassicProgram read(ByteBuffer bytes, ByteOrder order) {
    ByteBuffer in = bytes.slice().order(order);
    List<ClassicInstruction> instructions = new ArrayList<>();
    while (in.remaining() >= ClassicInstruction.BYTES) {
      instructions.add(
          new ClassicInstruction(
              Short.toUnsignedInt(in.getShort()),
              Byte.toUnsignedInt(in.get()),
              Byte.toUnsignedInt(in.get()),
              in.getInt()));
    }
    if (in.hasRemaining()) {
      throw ClassicException.at(
          instructions.size(), "is cut off after " + in.remaining() + " of 8 bytes");
    }
    return new ClassicProgram(instructions);
  }

  /// The same program for a socket filter: its context is a `struct __sk_buff`, and it returns how
  /// many bytes of the packet to keep.
  ///
  /// @throws ClassicException if it reads what a `__sk_buff` does not tell: the device's type, the
  ///   payload's offset, or netlink attributes
  public Bytecode toSocketFilter() {
    return translate(new PacketLoads());
  }

  /// The same program for a system call filter: its context is a `struct seccomp_data` of 64 bytes.
  ///
  /// @throws ClassicException if it has instructions that seccomp does not allow
  public Bytecode toSeccompFilter() {
    return translate(new SeccompLoads());
  }

  private Bytecode translate(ContextLoads loads) {
    return InstructionCodec.encode(new ClassicTranslator(instructions, loads).translate());
  }

  private static long number(int line, String text, long max) {
    try {
      long value = Long.parseLong(text);
      if (value >= 0 && value <= max) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      throw line(line, "\"" + text + "\" is no decimal number");
    }
    throw line(line, text + " is out of range, 0 to " + max + " fit here");
  }

  private static ClassicException line(int line, String problem) {
    return new ClassicException(ClassicException.Place.LINE, line, problem);
  }
}
