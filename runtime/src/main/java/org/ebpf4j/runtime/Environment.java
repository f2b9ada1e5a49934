package org.ebpf4j.runtime;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.ebpf4j.ProgramFault;

/// What programs ask about the world: clocks, random numbers, who runs them, and the network
/// around. Methods are called inside runs, from several threads at once.
///
/// `LiveEnvironment` answers as this JVM sees it, `FixedEnvironment` the same in every run, for
/// tests.
public interface Environment {

  /// `CLOCK_MONOTONIC` in nanoseconds (`bpf_ktime_get_ns`).
  long monotonicNanos();

  /// Whether the clocks go on by themselves, so that a thread of the host fires timers. If not,
  /// timers that are due by [#monotonicNanos] fire whenever a run ends, on its thread, and in
  /// [JvmHost#fireTimers]: the same in every run.
  default boolean timePasses() {
    return false;
  }

  /// `CLOCK_BOOTTIME` in nanoseconds (`bpf_ktime_get_boot_ns`).
  default long bootNanos() {
    return monotonicNanos();
  }

  /// `CLOCK_TAI` in nanoseconds (`bpf_ktime_get_tai_ns`).
  long taiNanos();

  /// A pseudo-random number (`bpf_get_prandom_u32`).
  int random();

  /// The process: `tgid` in the upper 32 bits, the thread in the lower ones
  /// (`bpf_get_current_pid_tgid`).
  long processAndThread();

  /// The user: group in the upper 32 bits, user in the lower ones (`bpf_get_current_uid_gid`).
  long groupAndUser();

  /// The thread's name, of which programs see 15 bytes (`bpf_get_current_comm`).
  String threadName();

  /// The threads that iterators visit (`iter/task`), in the order of their numbers.
  default List<Task> tasks() {
    long both = processAndThread();
    return List.of(new Task((int) (both >>> Integer.SIZE), (int) both, threadName()));
  }

  /// The thread with a number, if it is known: what programs find in its `struct task_struct`.
  default Optional<Task> task(int thread) {
    for (Task task : tasks()) {
      if (task.thread() == thread) {
        return Optional.of(task);
      }
    }
    return Optional.empty();
  }

  /// The id of the control group (`bpf_get_current_cgroup_id`).
  default long controlGroup() {
    return 1;
  }

  /// The ids of the control groups that the current one lies in, from the root down to itself
  /// (`bpf_get_current_ancestor_cgroup_id`).
  default long[] controlGroupPath() {
    return controlGroup() == 1 ? new long[] {1} : new long[] {1, controlGroup()};
  }

  /// The ids of the control groups that a socket lies in, from the root down to its own
  /// (`bpf_sk_cgroup_id`).
  ///
  /// @param cookie one of [#network]'s sockets
  default long[] controlGroupPath(long cookie) {
    return controlGroupPath();
  }

  /// The namespace that process numbers are of (`bpf_get_ns_current_pid_tgid`), if that is known.
  default Optional<PidNamespace> pidNamespace() {
    return Optional.empty();
  }

  /// Takes a signal that a program sends to the current process (`bpf_send_signal`) or thread
  /// (`bpf_send_signal_thread`). Nothing is sent unless the environment does.
  ///
  /// @param number 0 to 64
  /// @return whether the process can be signalled; if not the program gets `EPERM`
  default boolean signal(int number, boolean toThread) {
    return false;
  }

  /// The kernel setting about which a program of type `cgroup_sysctl` decides.
  default Optional<Sysctl> sysctl() {
    return Optional.empty();
  }

  /// Takes what a program puts in place of the value that was to be written
  /// (`bpf_sysctl_set_new_value`).
  default void setSysctl(String value) {}

  /// The cookie of the socket that the program's context is about, such as that of a program of
  /// type `sock_ops` (`bpf_sock_map_update`); empty if none is known.
  default OptionalLong contextSocket() {
    return OptionalLong.empty();
  }

  /// The counter whose overflow runs a program of type `perf_event` (`bpf_perf_prog_read_value`).
  default OptionalLong sampledCounter() {
    return OptionalLong.empty();
  }

  /// The path that an address of a `struct path` stands for (`bpf_d_path`), as the caller gave it
  /// to the program; empty if it stands for none.
  default Optional<String> path(long address) {
    return Optional.empty();
  }

  /// Takes what a program says of a program file about to be executed (`bpf_bprm_opts_set`):
  /// whether that counts as one with more rights than its user.
  default void setSecureExecution(boolean secure) {}

  /// Takes an acknowledgement that a congestion control sends (`bpf_tcp_send_ack`).
  ///
  /// @param next the number of the byte that is expected next
  default void acknowledge(int next) {}

  /// Takes a key that a decoder of a remote control's pulses has made out (`bpf_rc_keydown`).
  ///
  /// @param protocol `RC_PROTO_…` of `linux/lirc.h`
  /// @param toggle the bit by which the next press of a key differs from one that is held
  default void keyDown(int protocol, long scanCode, boolean toggle) {}

  /// Takes a remote control's word that the last key is still held (`bpf_rc_repeat`).
  default void keyRepeat() {}

  /// Takes a movement of a remote control's pointer (`bpf_rc_pointer_rel`), in its own units.
  default void movePointer(int right, int down) {}

  /// Binds the socket that the program's context is about (`bpf_bind`).
  ///
  /// @param port 0 for any
  /// @return whether there is such an address, and it is free; if not the program gets
  ///   `EADDRNOTAVAIL`
  default boolean bind(IpAddress address, int port) {
    return false;
  }

  /// An option of the socket that the program's context is about (`bpf_getsockopt`); empty if the
  /// socket has none such.
  default Optional<byte[]> socketOption(SocketOption option) {
    return Optional.empty();
  }

  /// Sets an option of the socket that the program's context is about (`bpf_setsockopt`).
  ///
  /// @return whether the socket has such an option
  default boolean setSocketOption(SocketOption option, byte[] value) {
    return false;
  }

  /// What SYN cookies are made with (`bpf_tcp_raw_gen_syncookie_ipv4` and its like): whoever knows
  /// it can forge them.
  default long cookieSecret() {
    return ProcessSecret.VALUE;
  }

  /// The number of the network namespace (`bpf_get_netns_cookie`).
  default long networkNamespace() {
    return 1;
  }

  /// What the attachment that runs the program was made with (`bpf_get_attach_cookie`).
  default long attachCookie() {
    return 0;
  }

  /// The counter of a perf event in a map (`bpf_perf_event_read`); empty if there is none.
  ///
  /// @param map the map's name
  /// @param index the event's place in it
  default OptionalLong counter(String map, int index) {
    return OptionalLong.empty();
  }

  /// Takes a copy of a packet that a program sends to a network device (`bpf_clone_redirect`).
  ///
  /// @param device the device's number, one of [#network]'s
  /// @param ingress whether it is to arrive there instead of leaving
  default void deliver(int device, boolean ingress, byte[] packet) {}

  /// The NUMA node of a virtual CPU (`bpf_get_numa_node_id`).
  default int numaNode(int cpu) {
    return 0;
  }

  /// The stack that led here, innermost address first (`bpf_get_stackid`, `bpf_get_stack`); empty
  /// if it is not known.
  ///
  /// @param user the application's stack, not the kernel's
  default long[] stack(boolean user) {
    return new long[0];
  }

  /// Connections that the network keeps track of (`bpf_skb_ct_lookup`), which programs change.
  default ConnectionTable connections() {
    return ConnectionTable.OF_THIS_JVM;
  }

  /// Interfaces, routes, neighbours and sockets.
  default Network network() {
    return Network.NONE;
  }

  /// Takes a line that a program prints (`bpf_trace_printk`), without the newline at its end.
  default void print(String line) {}

  /// Takes the fault of a program that nobody called: a timer's callback. It ended there; the timer
  /// is not armed any more.
  default void faulted(ProgramFault fault) {}
}
