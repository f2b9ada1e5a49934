package org.ebpf4j.runtime.internal.helper;

import java.nio.charset.StandardCharsets;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Int.Encoding;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// The text of a value in memory by its type, as `bpf_snprintf_btf` and `bpf_seq_printf_btf` make
/// it: what `btf_show` of the kernel prints, to the letter. Structs and arrays inside whose members
/// are all 0 are left out. Pointers are shown as they are, where the kernel hashes them.
///
/// Source: `btf_type_show` and what it calls in Linux 6.18's `kernel/bpf/btf.c`.
final class TypedText {
  /// `BTF_F_COMPACT`, `BTF_F_NONAME`, `BTF_F_PTR_RAW`, `BTF_F_ZERO`.
  private static final int COMPACT = 1;

  private static final int NO_NAME = 2;
  private static final int ZERO = 8;
  private static final int ALL_FLAGS = 15;

  /// `sizeof(struct btf_ptr)`.
  static final int POINTER_BYTES = 16;

  /// `BTF_SHOW_NAME_SIZE`, with the NUL at the end.
  private static final int NAME_BYTES = 80;

  private static final int MOST_INDENT = 32;

  private final Run run;
  private final Btf types;
  private final long flags;
  private final StringBuilder text = new StringBuilder();

  /// What is shown now; see `struct btf_show`.
  private int depth;

  /// Where a struct or array is first looked through without output; 0 if it is not.
  private int depthCheck;

  /// The deepest level at which something was shown.
  private int depthToShow;

  private int typeId;
  private @Nullable BtfType type;
  private BtfType.@Nullable Member member;
  private boolean arrayMember;
  private boolean characters;
  private boolean terminated;

  /// Whether some of the value could not be read.
  private boolean unreadable;

  private TypedText(Run run, long flags) {
    this.run = run;
    this.types = run.types().kernel();
    this.flags = flags;
  }

  /// Why a value cannot be shown, or 0.
  ///
  /// @param pointer the type's id, as a `struct btf_ptr` has it
  static long refusal(Run run, int id, long pointerBytes, long flags) {
    if ((flags & ~ALL_FLAGS) != 0 || pointerBytes != POINTER_BYTES || id <= 0) {
      return Errno.EINVAL.negated();
    }
    return run.types().kernel().has(id) ? 0 : Errno.ENOENT.negated();
  }

  /// The text of a value, one byte to a character; `null` if some of it could not be read.
  static byte @Nullable [] of(Run run, int id, long address, long flags) {
    TypedText shown = new TypedText(run, flags);
    shown.show(id, id, address, 0);
    return shown.unreadable ? null : shown.text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// @param named the id as it stands where the value is declared
  /// @param id the same, or what a typedef or qualifier of it stands for
  private void show(int named, int id, long address, int bit) {
    BtfType shown = types.resolved(id);
    switch (shown) {
      case BtfType.Int number -> number(number, named, address, bit);
      case BtfType.Pointer pointer -> {
        start(shown, named);
        long value = load(address, Long.BYTES);
        value("0x%016x".formatted(value), value == 0);
        end();
      }
      case BtfType.Enumeration enumeration -> {
        start(shown, named);
        enumeration(enumeration, address);
        end();
      }
      case BtfType.Composite struct -> composite(struct, named, address);
      case BtfType.Array array -> array(array, named, address, bit);
      default -> append("<unsupported kind:%u>".replace("%u", Integer.toString(kind(shown))));
    }
  }

  private static int kind(BtfType type) {
    return switch (type) {
      case BtfType.Forward forward -> 7;
      case BtfType.Function function -> 12;
      case BtfType.Prototype prototype -> 13;
      case BtfType.Variable variable -> 14;
      case BtfType.DataSection section -> 15;
      case BtfType.FloatType number -> 16;
      case BtfType.DeclarationTag tag -> 17;
      default -> 0;
    };
  }

  // ---- numbers

  private void number(BtfType.Int number, int named, long address, int bit) {
    start(number, named);
    if (bit != 0 || number.bitOffset() != 0 || number.bits() != number.size() * Byte.SIZE) {
      bits(
          address + (bit + number.bitOffset()) / Byte.SIZE,
          (bit + number.bitOffset()) % Byte.SIZE,
          number.bits());
    } else if (number.size() > Long.BYTES) {
      wide(load(address, Long.BYTES), load(address + Long.BYTES, Long.BYTES));
    } else {
      long value = load(address, number.size());
      if (number.size() == 1 && characters) {
        if (character(value)) {
          end();
          return;
        }
      }
      plain(number, value);
    }
    end();
  }

  /// A character of a string, after whose NUL nothing is shown; `false` for one that is shown as a
  /// number.
  private boolean character(long value) {
    if (terminated) {
      return true;
    }
    if (value == 0) {
      terminated = true;
      return true;
    }
    if ((value >= ' ' && value < 0x7f) || value >= 0xa0) {
      value("'" + (char) value + "'", false);
      return true;
    }
    return false;
  }

  private void plain(BtfType.Int number, long value) {
    int unused = Long.SIZE - number.size() * Byte.SIZE;
    boolean signed = number.encoding() == Encoding.SIGNED;
    long shown = signed ? value << unused >> unused : value;
    value(signed ? Long.toString(shown) : Long.toUnsignedString(shown), shown == 0);
  }

  private void bits(long address, int first, int count) {
    int bytes = (first + count + Byte.SIZE - 1) / Byte.SIZE;
    long low = load(address, Math.min(bytes, Long.BYTES)) >>> first;
    if (bytes > Long.BYTES && first > 0) {
      low |= load(address + Long.BYTES, 1) << (Long.SIZE - first);
    }
    wide(count < Long.SIZE ? low & ((1L << count) - 1) : low, 0);
  }

  private void wide(long low, long high) {
    if (high == 0) {
      value("0x" + Long.toHexString(low), low == 0);
    } else {
      value("0x%x%016x".formatted(high, low), false);
    }
  }

  /// The enumerator's name, shown for 0 too; the number where there is none.
  private void enumeration(BtfType.Enumeration enumeration, long address) {
    long raw = load(address, enumeration.wide() ? Long.BYTES : Integer.BYTES);
    long value = enumeration.wide() ? raw : (int) raw;
    for (BtfType.Enumerator enumerator : enumeration.enumerators()) {
      if (enumeration.wide()
          ? enumerator.value() == value
          : (int) enumerator.value() == (int) value) {
        value(enumerator.name(), false);
        return;
      }
    }
    value(
        enumeration.signed()
            ? Long.toString(value)
            : Long.toUnsignedString(enumeration.wide() ? value : value & 0xffff_ffffL),
        value == 0);
  }

  // ---- structs and arrays

  private void composite(BtfType.Composite struct, int named, long address) {
    BtfType.Member own = member;
    if (beginsCheck()) {
      members(struct, named, address);
      member = own;
      if (!endsCheck()) {
        return;
      }
    }
    members(struct, named, address);
  }

  private void array(BtfType.Array array, int named, long address, int bit) {
    BtfType.Member own = member;
    if (beginsCheck()) {
      elements(array, named, address, bit);
      member = own;
      if (!endsCheck()) {
        return;
      }
    }
    elements(array, named, address, bit);
  }

  /// Whether what is inside is to be looked through first.
  private boolean beginsCheck() {
    if (depth == 0 || has(ZERO)) {
      return false;
    }
    if (depthCheck == 0) {
      depthCheck = depth + 1;
      depthToShow = 0;
    }
    return true;
  }

  /// Whether something inside is to be shown, and this is the outermost that was looked through.
  private boolean endsCheck() {
    if (depthCheck != depth + 1) {
      return false;
    }
    depthCheck = 0;
    return depthToShow > depth;
  }

  private void members(BtfType.Composite struct, int named, long address) {
    open(struct, named);
    for (BtfType.Member each : struct.members()) {
      member = each;
      long at = address + each.bitOffset() / Byte.SIZE;
      int bit = each.bitOffset() % Byte.SIZE;
      if (each.bitFieldBits() != 0) {
        start(types.type(each.type()), each.type());
        bits(at, bit, each.bitFieldBits());
        end();
      } else {
        show(each.type(), each.type(), at, bit);
      }
      member = null;
    }
    close("}");
  }

  private void elements(BtfType.Array array, int named, long address, int bit) {
    BtfType element = types.resolved(array.element());
    characters = element instanceof BtfType.Int number && number.size() == 1;
    terminated = false;
    open(array, named);
    // As in the kernel, pointers have no size here: all elements show the first.
    long size =
        switch (element) {
          case BtfType.Int number -> number.size();
          case BtfType.Composite struct -> struct.size();
          case BtfType.Enumeration enumeration -> enumeration.size();
          case BtfType.FloatType number -> number.size();
          default -> 0;
        };
    for (int i = 0; i < array.count() && !terminated; i++) {
      arrayMember = true;
      member = null;
      show(array.element(), array.element(), address + i * size, bit);
      arrayMember = false;
      member = null;
    }
    characters = false;
    terminated = false;
    close("]");
  }

  // ---- output

  private void start(BtfType shown, int id) {
    type = shown;
    typeId = id;
  }

  private void end() {
    type = null;
    typeId = 0;
  }

  private void open(BtfType shown, int id) {
    start(shown, id);
    append(indent() + name() + newline());
    depth++;
  }

  private void close(String parenthesis) {
    depth--;
    append(indent() + parenthesis + delimiter() + newline());
    end();
  }

  private void value(String shown, boolean zero) {
    if (zero && !has(ZERO) && depth > 0) {
      return;
    }
    append(indent() + name() + shown + delimiter() + newline());
    depthToShow = Math.max(depthToShow, depth);
  }

  private void append(String shown) {
    if (depthCheck == 0) {
      text.append(shown);
    }
  }

  private String indent() {
    return has(COMPACT) ? "" : " ".repeat(Math.min(depth, MOST_INDENT));
  }

  private String newline() {
    return has(COMPACT) ? "" : "\n";
  }

  private String delimiter() {
    if (depth == 0) {
      return "";
    }
    return has(COMPACT) && type instanceof BtfType.Composite struct && struct.union() ? "|" : ",";
  }

  /// What stands before a value: `.member = (type)` and the parenthesis that opens a struct.
  private String name() {
    if (arrayMember) {
      return "";
    }
    TypeName name = TypeName.of(types, member == null ? typeId : member.type());
    if (has(NO_NAME)) {
      return name.parenthesis();
    }
    String before = member == null || member.name().isEmpty() ? "" : "." + member.name() + " = ";
    String all = before + "(" + name.declaration() + ")" + name.parenthesis();
    return all.length() < NAME_BYTES ? all : all.substring(0, NAME_BYTES - 1);
  }

  private long load(long address, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int next = run.byteAt(address + i);
      unreadable |= next < 0;
      value = (value << Byte.SIZE) | (next & 0xff);
    }
    return value;
  }
}
