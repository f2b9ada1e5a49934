package org.ebpf4j.verifier.internal.state;

/// What more is known of a pointer: bits, so that one comparison tells whether two pointers are of
/// the same type. Source: `enum bpf_type_flag` in Linux's `include/linux/bpf.h`.
public final class Flags {
  /// May be 0; to be compared with 0 before it is used.
  public static final int MAYBE_NULL = 1;

  /// Not to be written through.
  public static final int READ_ONLY = 1 << 1;

  /// A record of a ring buffer.
  public static final int RING = 1 << 2;

  /// In user space.
  public static final int USER = 1 << 3;

  /// An object per CPU.
  public static final int PER_CPU = 1 << 4;

  /// May be stale: loads through it may fail.
  public static final int UNTRUSTED = 1 << 5;

  /// Valid while the program runs.
  public static final int TRUSTED = 1 << 6;

  /// Valid in this RCU section.
  public static final int RCU = 1 << 7;

  /// Allocated by the program.
  public static final int ALLOCATED = 1 << 8;

  /// In a list or tree that owns it.
  public static final int NON_OWNING = 1 << 9;

  private Flags() {}

  /// A pointer's type in the kernel's words.
  public static String name(Kind kind, int flags) {
    StringBuilder name = new StringBuilder();
    prefix(name, flags, READ_ONLY, "rdonly_");
    prefix(name, flags, RING, "ringbuf_");
    prefix(name, flags, USER, "user_");
    prefix(name, flags, PER_CPU, "percpu_");
    prefix(name, flags, UNTRUSTED, "untrusted_");
    prefix(name, flags, TRUSTED, "trusted_");
    prefix(name, flags, RCU, "rcu_");
    name.append(kind.word());
    if ((flags & MAYBE_NULL) != 0) {
      name.append(kind == Kind.BTF_OBJECT ? "or_null_" : "_or_null");
    }
    return name.toString();
  }

  private static void prefix(StringBuilder name, int flags, int flag, String word) {
    if ((flags & flag) != 0) {
      name.append(word);
    }
  }
}
