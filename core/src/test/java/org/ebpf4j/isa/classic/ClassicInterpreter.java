package org.ebpf4j.isa.classic;

/// Runs classic programs over packets, straight from the description of the machine in the BPF
/// paper and Linux's `Documentation/networking/filter.rst`: the independent side of the comparison.
final class ClassicInterpreter {
  private ClassicInterpreter() {}

  static int run(ClassicProgram program, byte[] packet) {
    int a = 0;
    int x = 0;
    int[] m = new int[16];
    for (int pc = 0; ; pc++) {
      ClassicInstruction i = program.instructions().get(pc);
      int k = i.k();
      int operand = (i.code() & 8) != 0 ? x : k;
      long unsignedA = a & 0xffffffffL;
      long unsignedOperand = operand & 0xffffffffL;
      switch (i.code() & 7) {
        case 0, 1 -> { // ld, ldx
          int value;
          switch (i.code() & 0xe0) {
            case 0x00 -> value = k;
            case 0x60 -> value = m[k];
            case 0x80 -> value = packet.length;
            default -> {
              boolean indexed = (i.code() & 0xe0) == 0x40;
              int at = (indexed ? x : 0) + k; // wraps, as in Linux
              int size =
                  switch (i.code() & 0x18) {
                    case 0x00 -> 4;
                    case 0x08 -> 2;
                    default -> 1;
                  };
              if (at < 0 || at + (long) size > packet.length) {
                return 0;
              }
              value = 0;
              for (int b = 0; b < size; b++) {
                value = value << 8 | packet[at + b] & 0xff;
              }
              if ((i.code() & 0xe0) == 0xa0) {
                value = (value & 0xf) * 4;
              }
            }
          }
          if ((i.code() & 7) == 0) {
            a = value;
          } else {
            x = value;
          }
        }
        case 2 -> m[k] = a;
        case 3 -> m[k] = x;
        case 4 -> {
          switch (i.code() & 0xf0) {
            case 0x00 -> a += operand;
            case 0x10 -> a -= operand;
            case 0x20 -> a *= operand;
            case 0x30 -> {
              if (operand == 0) {
                return 0;
              }
              a = (int) (unsignedA / unsignedOperand);
            }
            case 0x40 -> a |= operand;
            case 0x50 -> a &= operand;
            case 0x60 -> a <<= operand;
            case 0x70 -> a >>>= operand;
            case 0x80 -> a = -a;
            case 0x90 -> {
              if (operand == 0) {
                return 0;
              }
              a = (int) (unsignedA % unsignedOperand);
            }
            default -> a ^= operand;
          }
        }
        case 5 -> {
          boolean taken =
              switch (i.code() & 0xf0) {
                case 0x00 -> true;
                case 0x10 -> a == operand;
                case 0x20 -> unsignedA > unsignedOperand;
                case 0x30 -> unsignedA >= unsignedOperand;
                default -> (a & operand) != 0;
              };
          pc += (i.code() & 0xf0) == 0 ? k : taken ? i.jumpTrue() : i.jumpFalse();
        }
        case 6 -> {
          return i.code() == 0x16 ? a : k;
        }
        default -> {
          if (i.code() == 0x07) {
            x = a;
          } else {
            a = x;
          }
        }
      }
    }
  }
}
