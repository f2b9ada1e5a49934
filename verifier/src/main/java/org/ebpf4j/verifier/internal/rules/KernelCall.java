package org.ebpf4j.verifier.internal.rules;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.ProgramType;

/// A kernel function that programs may call: a row of the table `kernel-calls.tsv`.
///
/// @param name its name in the kernel
/// @param flags what more there is to it
/// @param callers which programs may call it
/// @param result what it returns
/// @param arguments what it takes
public record KernelCall(
    String name, Set<Flag> flags, Callers callers, Slot result, List<Slot> arguments) {
  private static final String FILE = "kernel-calls.tsv";
  private static final Map<String, KernelCall> BY_NAME = load();

  /// What more there is to a function. Source: `KF_…` in Linux's `include/linux/btf.h`.
  public enum Flag {
    /// What it returns must be given back.
    ACQUIRE,
    /// It takes a reference back.
    RELEASE,
    /// What it returns may be 0.
    NULL,
    /// Pointers given to it are trusted.
    TRUSTED,
    /// Pointers given to it are trusted or protected by RCU.
    RCU,
    /// What it makes is valid in an RCU section.
    RCU_PROTECTED,
    SLEEPABLE,
    ITER_NEW,
    ITER_NEXT,
    ITER_DESTROY
  }

  /// Sorts of arguments and results.
  public enum Kind {
    VOID,
    NUMBER,
    /// A number known before the program runs.
    CONSTANT,
    /// A number of bytes known before the program runs, of the buffer before it.
    CONSTANT_SIZE,
    /// Anything initialised.
    ANY,
    CONTEXT,
    /// A kernel object of the struct named.
    OBJECT,
    /// Memory of the size named.
    MEMORY,
    /// Memory of the size that is given next.
    BUFFER,
    MAP,
    DYNPTR,
    /// A dynptr that is made, over what is named.
    DYNPTR_NEW,
    /// An iterator on the stack, of the type named and the slots given.
    ITERATOR,
    /// Part of a dynptr.
    SLICE,
    WRITABLE_SLICE,
    /// The kernel's own context.
    KERNEL_CONTEXT,
    /// An object of the type whose number is given.
    CAST
  }

  /// An argument or a result.
  ///
  /// @param detail what the kind says more, "" for nothing
  /// @param count a second detail that is a number
  /// @param maybeNull whether 0 will do
  public record Slot(Kind kind, String detail, int count, boolean maybeNull) {}

  /// Groups of program types that functions are registered for.
  public enum Callers {
    COMMON,
    GENERIC,
    CPUMASK,
    SKB,
    XDP;

    boolean include(ProgramType type) {
      boolean tracing =
          switch (type) {
            case TRACING, TRACEPOINT, PERF_EVENT, LSM -> true;
            default -> false;
          };
      return switch (this) {
        case COMMON -> true;
        case CPUMASK -> tracing || type == ProgramType.STRUCT_OPS || type == ProgramType.SYSCALL;
        case GENERIC ->
            tracing
                || switch (type) {
                  case SCHED_CLS,
                      XDP,
                      STRUCT_OPS,
                      SYSCALL,
                      CGROUP_SKB,
                      CGROUP_SOCK,
                      CGROUP_DEVICE,
                      CGROUP_SOCK_ADDR,
                      CGROUP_SOCKOPT,
                      CGROUP_SYSCTL,
                      SOCK_OPS ->
                      true;
                  default -> false;
                };
        case SKB ->
            switch (type) {
              case SCHED_CLS,
                  SCHED_ACT,
                  SK_SKB,
                  SOCKET_FILTER,
                  CGROUP_SKB,
                  LWT_IN,
                  LWT_OUT,
                  LWT_XMIT,
                  LWT_SEG6LOCAL,
                  NETFILTER,
                  TRACING ->
                  true;
              default -> false;
            };
        case XDP -> type == ProgramType.XDP;
      };
    }
  }

  public boolean has(Flag flag) {
    return flags.contains(flag);
  }

  /// Whether programs of this type may call it.
  public boolean allows(ProgramType type) {
    return callers.include(type);
  }

  /// The function of this name, if the verifier knows it.
  public static Optional<KernelCall> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  private static Map<String, KernelCall> load() {
    Map<String, KernelCall> rows = new HashMap<>();
    for (String line : text().split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        KernelCall row = row(line.split("\t", -1));
        rows.put(row.name(), row);
      }
    }
    return rows;
  }

  private static KernelCall row(String[] cells) {
    Set<Flag> flags = EnumSet.noneOf(Flag.class);
    if (!cells[1].equals("-")) {
      for (String flag : cells[1].split(",", -1)) {
        flags.add(Flag.valueOf(flag));
      }
    }
    List<Slot> arguments = new ArrayList<>();
    for (int i = 4; i < cells.length; i++) {
      arguments.add(slot(cells[i]));
    }
    return new KernelCall(
        cells[0], flags, Callers.valueOf(cells[2]), slot(cells[3]), List.copyOf(arguments));
  }

  private static Slot slot(String text) {
    boolean maybeNull = text.endsWith("?");
    String[] parts = (maybeNull ? text.substring(0, text.length() - 1) : text).split(":", -1);
    String detail = parts.length > 1 ? parts[1] : "";
    String number = parts.length > 2 ? parts[2] : detail;
    boolean digits = !number.isEmpty() && number.chars().allMatch(Character::isDigit);
    return new Slot(
        Kind.valueOf(parts[0]), detail, digits ? Integer.parseInt(number) : 0, maybeNull);
  }

  private static String text() {
    try (InputStream stream = KernelCall.class.getResourceAsStream(FILE)) {
      if (stream == null) {
        throw new IllegalStateException("table " + FILE + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("table " + FILE + " cannot be read", e);
    }
  }
}
