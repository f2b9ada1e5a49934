package org.ebpf4j.isa;

import org.ebpf4j.isa.Assembler.Statement;
import org.ebpf4j.isa.Assembler.Target;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.SwapBytes.Order;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;

/// Parses one instruction, by recursive descent.
final class StatementParser {
  private final LineScanner in;
  private final int slot;

  StatementParser(LineScanner in, int slot) {
    this.in = in;
    this.slot = slot;
  }

  Statement parse() {
    if (in.accept("exit")) {
      return complete(new Instruction.Exit());
    }
    if (in.accept("goto")) {
      return jump(offset -> new Instruction.Goto(offset, false));
    }
    if (in.accept("gotol")) {
      return jump(new WideGoto());
    }
    if (in.accept("may_goto")) {
      return jump(offset -> new Instruction.MayGoto((short) offset));
    }
    if (in.accept("call")) {
      return call();
    }
    if (in.accept("if")) {
      return conditional();
    }
    if (in.accept("lock")) {
      return complete(lock());
    }
    if (in.accept("store_release")) {
      return complete(storeRelease());
    }
    if (in.accept("ld_pseudo")) {
      return complete(pseudo());
    }
    if (in.accept("*")) {
      return complete(store());
    }
    return complete(assignment());
  }

  private static Statement complete(Instruction instruction) {
    return new Statement.Complete(instruction);
  }

  private Statement jump(Target target) {
    if (in.atNumber()) {
      int start = in.position();
      int offset = (int) in.number(Integer.MIN_VALUE, Integer.MAX_VALUE, 0);
      if (!target.reaches(offset)) {
        in.reset(start);
        throw in.fail(offset + " slots are too far for 16 bits; use gotol");
      }
      in.annotation();
      return complete(target.at(offset));
    }
    return toLabel(target);
  }

  private Statement toLabel(Target target) {
    int position = in.position();
    String label = in.word();
    if (label.isEmpty()) {
      throw in.expected("a label or a distance in slots");
    }
    return new Statement.ToLabel(slot, label, target, in, position);
  }

  private Statement call() {
    if (!in.atNumber()) {
      return toLabel(new LocalCall());
    }
    int number = immediate();
    int start = in.position();
    String annotation = in.annotation();
    if (annotation.isEmpty()) {
      return complete(new Instruction.CallHelper(number));
    }
    if (!annotation.startsWith("kernel:")) {
      return complete(new Instruction.CallLocal(number));
    }
    String module = annotation.substring("kernel:".length());
    try {
      int value = Integer.decode(module);
      if (value >= 0 && value <= 0xffff) {
        return complete(new Instruction.CallKernel(number, (short) value));
      }
    } catch (NumberFormatException notANumber) {
      in.reset(start);
      throw in.fail("expected <kernel:MODULE> with a number");
    }
    in.reset(start);
    throw in.fail("a module is a number from 0 to 0xffff");
  }

  private Statement conditional() {
    Named dst = register();
    JumpCondition condition = condition();
    Operand src = operand(dst.width());
    in.expect("goto");
    return jump(offset ->
        new Instruction.Jump(dst.width(), condition, dst.register(), src, (short) offset));
  }

  private JumpCondition condition() {
    JumpCondition found = null;
    for (JumpCondition condition : JumpCondition.values()) {
      int start = in.position();
      if (in.accept(condition.symbol())
          && (found == null || found.symbol().length() < condition.symbol().length())) {
        found = condition;
      }
      in.reset(start);
    }
    if (found == null) {
      throw in.expected("a comparison such as == or s<=");
    }
    in.accept(found.symbol());
    return found;
  }

  private Instruction lock() {
    in.expect("*");
    Memory memory = typedMemory();
    AtomicOperation operation;
    if (in.accept("+=")) {
      operation = AtomicOperation.ADD;
    } else if (in.accept("|=")) {
      operation = AtomicOperation.OR;
    } else if (in.accept("&=")) {
      operation = AtomicOperation.AND;
    } else if (in.accept("^=")) {
      operation = AtomicOperation.XOR;
    } else {
      throw in.expected("+=, |=, &= or ^=");
    }
    return atomic(operation, memory, register().register());
  }

  private Instruction atomic(AtomicOperation operation, Memory memory, Register src) {
    if (memory.size().bytes() < 4 || memory.signed()) {
      throw in.fail("an atomic operation works on u32 or u64");
    }
    return new Instruction.Atomic(operation, memory.size(), memory.base(), memory.offset(), src);
  }

  private Instruction storeRelease() {
    in.expect("(");
    Memory memory = unsignedMemory();
    in.expect(",");
    Register src = register().register();
    in.expect(")");
    return new Instruction.StoreRelease(memory.size(), memory.base(), memory.offset(), src);
  }

  private Instruction pseudo() {
    Register dst = register().register();
    in.expect(",");
    LoadImmediate64.Source[] sources = LoadImmediate64.Source.values();
    LoadImmediate64.Source source = sources[(int) in.number(0, sources.length - 1, 0)];
    in.expect(",");
    int low = immediate();
    int high = 0;
    if (in.accept(",")) {
      if (!source.takesHigh()) {
        throw in.fail("source 0x%x takes one number".formatted(source.number()));
      }
      high = immediate();
    }
    return new LoadImmediate64(dst, source, low, high);
  }

  private Instruction store() {
    Memory memory = unsignedMemory();
    in.expect("=");
    // Stores take registers by either name: w1 is what newer compilers print for the narrow ones.
    Operand src = in.atNumber() ? new Imm(immediate()) : new Reg(register().register());
    return new Instruction.Store(memory.size(), memory.base(), memory.offset(), src);
  }

  private Instruction assignment() {
    int start = in.position();
    Named dst = registerOr("an instruction");
    if (in.accept("=")) {
      return value(dst, start);
    }
    for (AluOperation operation : AluOperation.values()) {
      if (operation != AluOperation.MOV && in.accept(operation.symbol())) {
        return new Instruction.Alu(dst.width(), operation, dst.register(), operand(dst.width()));
      }
    }
    throw in.expected("= or an operation such as +=");
  }

  /// What stands to the right of an equals sign.
  private Instruction value(Named dst, int start) {
    if (in.atNumber()) {
      return constant(dst);
    }
    if (in.accept("-")) {
      same(dst);
      return new Instruction.Negate(dst.width(), dst.register());
    }
    if (in.accept("(")) {
      return signExtended(dst);
    }
    if (in.accept("*")) {
      return load(dst, start);
    }
    int position = in.position();
    String word = in.word();
    for (Order order : Order.values()) {
      String name = order == Order.TO_BIG ? "be" : order == Order.TO_LITTLE ? "le" : "bswap";
      for (int bits : new int[] {16, 32, 64}) {
        if (word.equals(name + bits)) {
          same(dst);
          return new Instruction.SwapBytes(order, dst.register(), bits);
        }
      }
    }
    return switch (word) {
      case "addr_space_cast" -> cast(dst);
      case "load_acquire" -> loadAcquire(dst);
      case "atomic_fetch_add" -> fetch(AtomicOperation.FETCH_ADD, dst);
      case "atomic_fetch_or" -> fetch(AtomicOperation.FETCH_OR, dst);
      case "atomic_fetch_and" -> fetch(AtomicOperation.FETCH_AND, dst);
      case "atomic_fetch_xor" -> fetch(AtomicOperation.FETCH_XOR, dst);
      case "xchg_64" -> exchange(MemorySize.DOUBLE, dst);
      case "xchg32_32" -> exchange(MemorySize.WORD, dst);
      case "cmpxchg_64" -> compareExchange(MemorySize.DOUBLE, dst);
      case "cmpxchg32_32" -> compareExchange(MemorySize.WORD, dst);
      default -> {
        in.reset(position);
        Operand src = operand(dst.width());
        yield new Instruction.Alu(dst.width(), AluOperation.MOV, dst.register(), src);
      }
    };
  }

  private Instruction constant(Named dst) {
    int start = in.position();
    long value = in.number(Long.MIN_VALUE, Long.MAX_VALUE, 64);
    if (in.accept("ll")) {
      return LoadImmediate64.of(dst.register(), value);
    }
    in.reset(start);
    return new Instruction.Alu(dst.width(), AluOperation.MOV, dst.register(), new Imm(immediate()));
  }

  private Instruction signExtended(Named dst) {
    int start = in.position();
    String type = in.word();
    int bits =
        switch (type) {
          case "s8" -> 8;
          case "s16" -> 16;
          case "s32" -> 32;
          default -> 0;
        };
    if (bits == 0 || (bits == 32 && dst.width() == Width.W32)) {
      in.reset(start);
      throw in.expected(dst.width() == Width.W32 ? "s8 or s16" : "s8, s16 or s32");
    }
    in.expect(")");
    return new Instruction.MoveSignExtended(
        dst.width(), dst.register(), register(dst.width()), bits);
  }

  private Instruction load(Named dst, int start) {
    in.expect("(");
    Typed type = type();
    if (!in.accept("skb")) {
      Memory memory = address(type);
      return new Instruction.Load(
          memory.size(), memory.signed(), dst.register(), memory.base(), memory.offset());
    }
    if (dst.register() != Register.R0 || type.signed() || type.size() == MemorySize.DOUBLE) {
      in.reset(start);
      throw in.fail("a packet load gives u8, u16 or u32 in r0");
    }
    in.expect("[");
    Operand index = new Imm(0);
    int offset = 0;
    if (in.atNumber()) {
      offset = immediate();
    } else {
      index = new Reg(register(Width.W64));
      offset = in.atNumber() ? immediate() : 0;
    }
    in.expect("]");
    return new Instruction.LoadPacket(type.size(), index, offset);
  }

  private Instruction cast(Named dst) {
    in.expect("(");
    Register src = register(Width.W64);
    in.expect(",");
    int to = (int) in.number(0, 1, 0);
    in.expect(",");
    int start = in.position();
    int from = (int) in.number(0, 1, 0);
    if (to == from) {
      in.reset(start);
      throw in.fail("a cast goes from one address space to the other");
    }
    in.expect(")");
    return new Instruction.CastAddressSpace(dst.register(), src, to, from);
  }

  private Instruction loadAcquire(Named dst) {
    in.expect("(");
    Memory memory = unsignedMemory();
    in.expect(")");
    return new Instruction.LoadAcquire(
        memory.size(), dst.register(), memory.base(), memory.offset());
  }

  private Instruction fetch(AtomicOperation operation, Named dst) {
    in.expect("(");
    Memory memory = typedMemory();
    in.expect(",");
    same(dst);
    in.expect(")");
    return atomic(operation, memory, dst.register());
  }

  private Instruction exchange(MemorySize size, Named dst) {
    in.expect("(");
    Memory memory = displaced(new Typed(size, false));
    in.expect(",");
    same(dst);
    in.expect(")");
    return atomic(AtomicOperation.XCHG, memory, dst.register());
  }

  private Instruction compareExchange(MemorySize size, Named dst) {
    if (dst.register() != Register.R0) {
      throw in.fail("a compare and exchange gives its result in r0 or w0");
    }
    in.expect("(");
    Memory memory = displaced(new Typed(size, false));
    in.expect(",");
    same(dst);
    in.expect(",");
    Register src = register(dst.width());
    in.expect(")");
    return atomic(AtomicOperation.CMPXCHG, memory, src);
  }

  /// Reads the destination once more, for operations that work in place.
  private void same(Named dst) {
    int start = in.position();
    if (!register().equals(dst)) {
      in.reset(start);
      throw in.expected("the register of the result once more");
    }
  }

  private Memory unsignedMemory() {
    Memory memory = typedMemory();
    if (memory.signed()) {
      throw in.fail("only a load has a signed type");
    }
    return memory;
  }

  /// `(u32 *)(r1 + 0x8)`.
  private Memory typedMemory() {
    in.expect("(");
    return address(type());
  }

  private Typed type() {
    int start = in.position();
    String name = in.word();
    for (MemorySize size : MemorySize.values()) {
      boolean signed = size != MemorySize.DOUBLE && name.equals("s" + size.bytes() * 8);
      if (signed || name.equals(size.mnemonic())) {
        in.expect("*");
        in.expect(")");
        return new Typed(size, signed);
      }
    }
    in.reset(start);
    throw in.expected("u8, u16, u32, u64, s8, s16 or s32");
  }

  private Memory address(Typed type) {
    in.expect("(");
    Memory memory = displaced(type);
    in.expect(")");
    return memory;
  }

  private Memory displaced(Typed type) {
    Register base = register(Width.W64);
    short offset = in.atNumber() ? (short) in.number(Short.MIN_VALUE, Short.MAX_VALUE, 0) : 0;
    return new Memory(type.size(), type.signed(), base, offset);
  }

  private Operand operand(Width width) {
    if (in.atNumber()) {
      return new Imm(immediate());
    }
    int start = in.position();
    Named named = registerOr("a register or a number");
    if (named.width() != width) {
      in.reset(start);
      throw in.fail("both operands have the same width: r with r, w with w");
    }
    return new Reg(named.register());
  }

  private int immediate() {
    return (int) in.number(Integer.MIN_VALUE, Integer.MAX_VALUE, 32);
  }

  private Register register(Width width) {
    int start = in.position();
    Named named = register();
    if (named.width() != width) {
      in.reset(start);
      throw in.expected(width == Width.W64 ? "a register r0 to r10" : "a register w0 to w10");
    }
    return named.register();
  }

  private Named register() {
    return registerOr("a register");
  }

  private Named registerOr(String expected) {
    int start = in.position();
    String name = in.word();
    for (Register register : Register.values()) {
      if (name.equals("r" + register.number())) {
        return new Named(Width.W64, register);
      }
      if (name.equals("w" + register.number())) {
        return new Named(Width.W32, register);
      }
    }
    in.reset(start);
    throw in.expected(expected);
  }

  private record Named(Width width, Register register) {}

  private record Typed(MemorySize size, boolean signed) {}

  private record Memory(MemorySize size, boolean signed, Register base, short offset) {}

  private record WideGoto() implements Target {
    @Override
    public Instruction at(int offset) {
      return new Instruction.Goto(offset, true);
    }

    @Override
    public boolean reaches(int offset) {
      return true;
    }
  }

  private record LocalCall() implements Target {
    @Override
    public Instruction at(int offset) {
      return new Instruction.CallLocal(offset);
    }

    @Override
    public boolean reaches(int offset) {
      return true;
    }
  }
}
