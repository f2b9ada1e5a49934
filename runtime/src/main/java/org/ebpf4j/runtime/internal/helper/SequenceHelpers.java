package org.ebpf4j.runtime.internal.helper;

import java.nio.charset.StandardCharsets;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.IteratorContext;
import org.ebpf4j.runtime.internal.context.SequenceText;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// What iterators write, text of values by their types, and those types. Sources:
/// `kernel/bpf/btf.c`, `kernel/trace/bpf_trace.c` of Linux 6.18.
enum SequenceHelpers implements HelperBody {
  SEQ_PRINTF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SequenceText text = text(run, a);
      if (text == null || !FormattedText.takes(d, e)) {
        return Errno.EINVAL.negated();
      }
      return new FormattedText(run, b, c, FormattedText.arguments(d, e)).append(text);
    }
  },

  /// The id of a kernel type; those of modules are not known.
  BTF_FIND_BY_NAME_KIND {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (d != 0 || b <= 1 || Memory.getByte(a + b - 1) != 0) {
        return Errno.EINVAL.negated();
      }
      String name = new String(Memory.bytes(a, (int) b - 1), StandardCharsets.US_ASCII);
      Btf types = run.types().kernel();
      for (int id : types.find(name.substring(0, end(name)), BtfType.class)) {
        if (kind(types.type(id)) == (int) c) {
          return id;
        }
      }
      return Errno.ENOENT.negated();
    }
  },

  SEQ_WRITE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SequenceText text = text(run, a);
      if (text == null) {
        return Errno.EINVAL.negated();
      }
      return text.append(Memory.bytes(b, (int) c)) ? 0 : Errno.EOVERFLOW.negated();
    }
  },

  /// What does not fit shows when the text is read, not here.
  SEQ_PRINTF_BTF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SequenceText text = text(run, a);
      int type = typeId(b, c);
      long refusal = text == null ? Errno.EINVAL.negated() : TypedText.refusal(run, type, c, d);
      if (text == null || refusal != 0) {
        return refusal;
      }
      long value = Memory.getLong(b);
      byte[] shown = TypedText.of(run, type, value, d);
      if (shown == null) {
        return unreadable(value);
      }
      text.append(shown);
      return 0;
    }
  },

  /// The text, cut to fit, with a NUL; the length that it would have.
  SNPRINTF_BTF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int type = typeId(c, d);
      long refusal = TypedText.refusal(run, type, d, e);
      if (refusal != 0) {
        return refusal;
      }
      long value = Memory.getLong(c);
      byte[] shown = TypedText.of(run, type, value, e);
      if (shown == null) {
        return unreadable(value);
      }
      if (b > 0) {
        int stored = (int) Math.min(shown.length, b - 1);
        Memory.copy(shown, 0, a, stored);
        Memory.putByte(a + stored, (byte) 0);
      }
      return shown.length;
    }
  };

  /// Where `struct btf_ptr` has the type's id; the value's address is its first member.
  private static final int TYPE_ID = 8;

  private static int end(String name) {
    int nul = name.indexOf(0);
    return nul < 0 ? name.length() : nul;
  }

  /// `BTF_KIND_…` of types that have names.
  private static int kind(BtfType type) {
    return switch (type) {
      case BtfType.Int number -> 1;
      case BtfType.Composite struct -> struct.union() ? 5 : 4;
      case BtfType.Enumeration enumeration -> enumeration.wide() ? 19 : 6;
      case BtfType.Forward forward -> 7;
      case BtfType.Typedef typedef -> 8;
      case BtfType.Function function -> 12;
      case BtfType.Variable variable -> 14;
      case BtfType.DataSection section -> 15;
      case BtfType.FloatType number -> 16;
      default -> 0;
    };
  }

  /// The type's id in a `struct btf_ptr`, or 0 if that has another size: read once, for others may
  /// change it.
  private static int typeId(long pointer, long size) {
    return size == TypedText.POINTER_BYTES ? Memory.getInt(pointer + TYPE_ID) : 0;
  }

  /// What x86-64 says of memory that cannot be read: addresses of applications are out of range.
  /// Source: `copy_from_kernel_nofault_allowed` in `arch/x86/mm/maccess.c`.
  private static long unreadable(long address) {
    return address >= 0 ? Errno.ERANGE.negated() : Errno.EFAULT.negated();
  }

  /// What the `struct seq_file` stands for that the program passes; `null` if it is none.
  private static @Nullable SequenceText text(Run run, long file) {
    return file == Handles.SEQUENCE && run.context() instanceof IteratorContext iterator
        ? iterator.text()
        : null;
  }
}
