package org.ebpf4j.runtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// An [Environment] that gives the same answers every time: what it was built with, and random
/// numbers that follow from a seed.
public final class FixedEnvironment implements Environment {
  /// Odd, so that every state comes once; the finalizer mixes it (Steele, Lea and Flood,
  /// SplitMix64).
  private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

  private final long monotonic;
  private final long tai;
  private final AtomicLong state;
  private final long processAndThread;
  private final long groupAndUser;
  private final String threadName;
  private final long[] stack;
  private final Network network;
  private final Consumer<String> printed;
  private final long[] controlGroups;
  private final Map<String, long[]> counters;
  private final Delivery delivery;
  private final long cookieSecret;
  private final Optional<PidNamespace> pidNamespace;
  private final Optional<Sysctl> sysctl;
  private final Consumer<String> sysctlSet;
  private final Optional<Signals> signals;
  private final List<Task> tasks;
  private final ConnectionTable connections;
  private final Map<SocketOption, byte[]> socketOptions;
  private final OptionalLong contextSocket;
  private final OptionalLong sampledCounter;

  private FixedEnvironment(Builder builder) {
    this.monotonic = builder.monotonic;
    this.tai = builder.tai;
    this.state = new AtomicLong(builder.seed);
    this.processAndThread = builder.processAndThread;
    this.groupAndUser = builder.groupAndUser;
    this.threadName = builder.threadName;
    this.stack = builder.stack.clone();
    this.network = builder.network;
    this.printed = builder.printed;
    this.controlGroups = builder.controlGroups.clone();
    this.counters = Map.copyOf(builder.counters);
    this.delivery = builder.delivery;
    this.cookieSecret = builder.seed * STEP;
    this.pidNamespace = builder.pidNamespace;
    this.sysctl = builder.sysctl;
    this.sysctlSet = builder.sysctlSet;
    this.signals = builder.signals;
    this.tasks = List.copyOf(builder.tasks);
    this.connections = builder.connections;
    this.socketOptions = new ConcurrentHashMap<>(builder.socketOptions);
    this.contextSocket = builder.contextSocket;
    this.sampledCounter = builder.sampledCounter;
  }

  @Override
  public long monotonicNanos() {
    return monotonic;
  }

  @Override
  public long taiNanos() {
    return tai;
  }

  @Override
  public int random() {
    long mixed = state.addAndGet(STEP);
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return (int) (mixed ^ (mixed >>> 31));
  }

  @Override
  public long processAndThread() {
    return processAndThread;
  }

  @Override
  public ConnectionTable connections() {
    return connections;
  }

  /// Those that it was built with, and the one that runs programs if it is not among them.
  @Override
  public List<Task> tasks() {
    Task current = Environment.super.tasks().getFirst();
    List<Task> all = new ArrayList<>(tasks);
    if (tasks.stream().noneMatch(task -> task.thread() == current.thread())) {
      all.add(current);
    }
    all.sort(Comparator.comparingLong(task -> Integer.toUnsignedLong(task.thread())));
    return all;
  }

  @Override
  public long groupAndUser() {
    return groupAndUser;
  }

  @Override
  public String threadName() {
    return threadName;
  }

  @Override
  public long[] stack(boolean user) {
    return stack.clone();
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  public void print(String line) {
    printed.accept(line);
  }

  @Override
  public long controlGroup() {
    return controlGroups[controlGroups.length - 1];
  }

  @Override
  public long[] controlGroupPath() {
    return controlGroups.clone();
  }

  @Override
  public OptionalLong counter(String map, int index) {
    long[] known = counters.getOrDefault(map, new long[0]);
    return index >= 0 && index < known.length
        ? OptionalLong.of(known[index])
        : OptionalLong.empty();
  }

  @Override
  public void deliver(int device, boolean ingress, byte[] packet) {
    delivery.deliver(device, ingress, packet);
  }

  @Override
  public long cookieSecret() {
    return cookieSecret;
  }

  @Override
  public Optional<PidNamespace> pidNamespace() {
    return pidNamespace;
  }

  @Override
  public Optional<Sysctl> sysctl() {
    return sysctl;
  }

  @Override
  public void setSysctl(String value) {
    sysctlSet.accept(value);
  }

  @Override
  public boolean signal(int number, boolean toThread) {
    signals.ifPresent(sink -> sink.signal(number, toThread));
    return signals.isPresent();
  }

  @Override
  public OptionalLong contextSocket() {
    return contextSocket;
  }

  @Override
  public OptionalLong sampledCounter() {
    return sampledCounter;
  }

  @Override
  public Optional<byte[]> socketOption(SocketOption option) {
    return Optional.ofNullable(socketOptions.get(option)).map(byte[]::clone);
  }

  @Override
  public boolean setSocketOption(SocketOption option, byte[] value) {
    return socketOptions.computeIfPresent(option, (known, old) -> value.clone()) != null;
  }

  /// What gets signals; see [Environment#signal].
  @FunctionalInterface
  public interface Signals {
    void signal(int number, boolean toThread);
  }

  /// What gets copies of packets; see [Environment#deliver].
  @FunctionalInterface
  public interface Delivery {
    void deliver(int device, boolean ingress, byte[] packet);
  }

  /// An environment that a test decides: clocks that stand still, random numbers from a seed.
  public static Builder builder() {
    return new Builder();
  }

  /// Decides what the environment answers; what is not said is 0, `test`, or nothing.
  public static final class Builder {
    private long monotonic;
    private long tai;
    private long seed;
    private long processAndThread;
    private long groupAndUser;
    private String threadName = "test";
    private long[] stack = {};
    private Network network = Network.NONE;
    private Consumer<String> printed = line -> {};
    private long[] controlGroups = {1};
    private final Map<String, long[]> counters = new HashMap<>();
    private Delivery delivery = (device, ingress, packet) -> {};
    private Optional<PidNamespace> pidNamespace = Optional.empty();
    private Optional<Sysctl> sysctl = Optional.empty();
    private Consumer<String> sysctlSet = value -> {};
    private Optional<Signals> signals = Optional.empty();
    private List<Task> tasks = List.of();
    private ConnectionTable connections = new ConnectionTable();
    private final Map<SocketOption, byte[]> socketOptions = new HashMap<>();
    private OptionalLong contextSocket = OptionalLong.empty();
    private OptionalLong sampledCounter = OptionalLong.empty();

    Builder() {}

    /// What the monotonic and boot clocks show.
    public Builder monotonicNanos(long nanos) {
      monotonic = nanos;
      return this;
    }

    /// What the clock of atomic time shows.
    public Builder taiNanos(long nanos) {
      tai = nanos;
      return this;
    }

    /// Where the random numbers begin.
    public Builder seed(long newSeed) {
      seed = newSeed;
      return this;
    }

    /// Who runs programs: process (`tgid`) and thread (`pid`).
    public Builder process(int process, int thread) {
      processAndThread = (long) process << 32 | Integer.toUnsignedLong(thread);
      return this;
    }

    /// Whom that process belongs to.
    public Builder user(int user, int group) {
      groupAndUser = (long) group << 32 | Integer.toUnsignedLong(user);
      return this;
    }

    /// What that thread is called.
    public Builder threadName(String name) {
      threadName = name;
      return this;
    }

    /// The connections that programs find and add; an empty table of its own if nothing is said.
    public Builder connections(ConnectionTable table) {
      connections = table;
      return this;
    }

    /// The threads that iterators visit, beside the one that runs programs.
    public Builder tasks(Task... all) {
      tasks = List.of(all);
      return this;
    }

    /// The stack that led to every run, innermost address first.
    public Builder stack(long... addresses) {
      stack = addresses.clone();
      return this;
    }

    /// The network around.
    public Builder network(Network newNetwork) {
      network = newNetwork;
      return this;
    }

    /// What gets the lines that programs print; called inside runs.
    public Builder printed(Consumer<String> sink) {
      printed = sink;
      return this;
    }

    /// The control groups that programs run in, from the root down; one at least.
    public Builder controlGroups(long... ids) {
      if (ids.length == 0) {
        throw new IllegalArgumentException("the root is a control group too");
      }
      controlGroups = ids.clone();
      return this;
    }

    /// The counters of the perf events in a map, by index.
    public Builder counters(String map, long... values) {
      counters.put(map, values.clone());
      return this;
    }

    /// What gets the packets that programs send copies of; called inside runs.
    public Builder delivered(Delivery sink) {
      delivery = sink;
      return this;
    }

    /// The namespace that the process number is of.
    public Builder pidNamespace(PidNamespace namespace) {
      pidNamespace = Optional.of(namespace);
      return this;
    }

    /// The kernel setting that programs decide about.
    ///
    /// @param set what gets the values that programs put in place of the one to be written
    public Builder sysctl(Sysctl setting, Consumer<String> set) {
      sysctl = Optional.of(setting);
      sysctlSet = set;
      return this;
    }

    /// What gets the signals that programs send; called inside runs. Without, none can be sent.
    public Builder signals(Signals sink) {
      signals = Optional.of(sink);
      return this;
    }

    /// The socket that contexts are about.
    public Builder contextSocket(long cookie) {
      contextSocket = OptionalLong.of(cookie);
      return this;
    }

    /// The counter whose overflow runs programs.
    public Builder sampledCounter(long value) {
      sampledCounter = OptionalLong.of(value);
      return this;
    }

    /// An option that the sockets of contexts have, and what it is at first.
    public Builder socketOption(SocketOption option, byte[] value) {
      socketOptions.put(option, value.clone());
      return this;
    }

    public FixedEnvironment build() {
      return new FixedEnvironment(this);
    }
  }
}
