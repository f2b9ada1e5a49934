package org.ebpf4j.runtime.internal.run;

import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;

/// The timers in map values (`struct bpf_timer`), each known by the address of its field. Results
/// are those of the helpers: 0 or more, or a negated [org.ebpf4j.error.Errno].
///
/// Source: Linux 6.18's `kernel/bpf/helpers.c`.
public interface Timers {

  /// Sets a timer, or work, up, without callback and not armed (`bpf_timer_init`).
  ///
  /// @param kind what sort of field lies at the address: `TIMER` or `WORKQUEUE`
  /// @param clock `CLOCK_REALTIME`, `CLOCK_MONOTONIC` or `CLOCK_BOOTTIME`
  long init(RuntimeMap map, long address, SpecialFields.Kind kind, long clock);

  /// Says what the timer calls: a function of the program under way (`bpf_timer_set_callback`).
  long setCallback(Run run, long address, long function);

  /// Arms the timer, anew if it was armed (`bpf_timer_start`).
  ///
  /// @param flags `BPF_F_TIMER_ABS`, `BPF_F_TIMER_CPU_PIN`
  long start(Run run, long address, long nanos, long flags);

  /// Disarms the timer, forgets its callback and waits for one under way (`bpf_timer_cancel`).
  ///
  /// @return 1 if it was armed
  long cancel(long address);
}
