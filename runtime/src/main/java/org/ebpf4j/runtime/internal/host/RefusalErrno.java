package org.ebpf4j.runtime.internal.host;

import java.util.List;
import org.ebpf4j.error.Errno;

/// The error number that Linux gives with the verifier's words: `E2BIG` for programs too large,
/// `EACCES` where a program does what it may not, and `EINVAL` where its code or calls make no
/// sense. Source: the returns of Linux 6.18's `kernel/bpf/verifier.c`.
final class RefusalErrno {
  private static final List<String> TOO_BIG =
      List.of("BPF program is too large", "is too complex", "call stack of");

  private static final List<String> INVALID =
      List.of(
          "unreachable insn",
          "jump out of range",
          "jump into the middle",
          "last insn is not an exit",
          "infinite loop detected",
          "back-edge",
          "invalid func unknown",
          "program of this type cannot use helper",
          "cannot call GPL-restricted",
          "unknown opcode",
          "uses reserved fields",
          "div by zero",
          "invalid shift",
          "No program starts at",
          "Unreleased reference",
          "cannot pass map_type",
          "is not pointing to valid bpf_map",
          "math between",
          "At program exit the register",
          "At callback return the register",
          "would lead to reference leak",
          "cannot be used inside",
          "while holding a lock",
          "bpf_spin_unlock",
          "cannot use bpf_spin_lock",
          "cannot use bpf_timer",
          "same insn cannot be used with different pointers",
          "invalid variable-offset",
          "pointer offset",
          "makes map_value pointer be out of bounds",
          "must be referenced",
          "must have zero offset",
          "expects refcounted",
          "expected an initialized",
          "doesn't support non-zero flags",
          "LD_ABS is only allowed",
          "the program has no instructions");

  private RefusalErrno() {}

  static Errno of(String message) {
    if (TOO_BIG.stream().anyMatch(message::contains)) {
      return Errno.E2BIG;
    }
    return INVALID.stream().anyMatch(message::contains) ? Errno.EINVAL : Errno.EACCES;
  }
}
