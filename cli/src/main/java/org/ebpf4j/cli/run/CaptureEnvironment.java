package org.ebpf4j.cli.run;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.LiveEnvironment;
import org.ebpf4j.runtime.Network;

/// What programs see of the world while they run over a capture: time is that of the packets,
/// random numbers begin at the same seed, and the one network device is that on which packets are
/// received, as in Linux's test runs. Two runs over the same capture give the same results.
final class CaptureEnvironment implements Environment {
  private static final long SEED = 1;

  /// TAI is 37 seconds ahead of UTC since 2017.
  private static final long TAI_AHEAD = 37_000_000_000L;

  /// `lo` of Linux.
  private static final Network.Device LOOPBACK = new Network.Device(1, 0, 65536, false);

  private static final Network NETWORK =
      new Network(List.of(LOOPBACK), List.of(), List.of(), List.of());

  private final Environment live = new LiveEnvironment();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Consumer<String> printed;
  private long now;

  /// @param printed takes what programs print
  CaptureEnvironment(Consumer<String> printed) {
    this.printed = printed;
  }

  /// Moves the clock to a packet's time. Packets out of order do not turn it back.
  ///
  /// @param nanos since 1970
  void moveTo(long nanos) {
    now = Math.max(now, nanos);
  }

  @Override
  public long monotonicNanos() {
    return now;
  }

  @Override
  public long taiNanos() {
    return now + TAI_AHEAD;
  }

  @Override
  public int random() {
    return random.nextInt();
  }

  @Override
  public long cookieSecret() {
    return SEED;
  }

  @Override
  public long processAndThread() {
    return live.processAndThread();
  }

  @Override
  public long groupAndUser() {
    return live.groupAndUser();
  }

  @Override
  public String threadName() {
    return live.threadName();
  }

  @Override
  public Network network() {
    return NETWORK;
  }

  @Override
  public void print(String line) {
    printed.accept(line);
  }
}
