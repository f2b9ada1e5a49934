package org.ebpf4j.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.engine.ApplicationHelper;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.runtime.internal.engine.Lowering;
import org.ebpf4j.runtime.internal.host.BuiltIns;
import org.ebpf4j.runtime.internal.host.CollectionLoader;
import org.ebpf4j.runtime.internal.host.Engines;
import org.ebpf4j.runtime.internal.host.HostTables;
import org.ebpf4j.runtime.internal.host.Instruments;
import org.ebpf4j.runtime.internal.host.JvmHook;
import org.ebpf4j.runtime.internal.host.JvmProgram;
import org.ebpf4j.runtime.internal.host.RuntimeHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// This JVM as a place where programs live: no root, no native library, any system.
///
/// A program is proven safe before it is loaded, as Linux does; what the verifier refuses is not
/// loaded. Programs loaded unverified ([LoadOptions#unverified]) are checked as they run: each
/// access against the regions that the run may touch, each call against the helper's prototype, all
/// instructions against a budget. Nothing that a program does can crash the JVM or read what it was
/// not given.
public final class JvmHost implements Host {
  private final RuntimeHost host;

  private JvmHost(RuntimeHost host) {
    this.host = host;
  }

  /// A host with as many CPUs as the machine, a live environment and the default limits.
  public static JvmHost create() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String name() {
    return "jvm";
  }

  @Override
  public LoadedCollection load(CollectionSpec spec, LoadOptions options) {
    return CollectionLoader.load(host, spec, options);
  }

  @Override
  public BpfMap createMap(MapSpec spec) {
    return host.createMap(spec);
  }

  /// A hook of the application, where programs of one of its own types run.
  ///
  /// @param type a type that this host was built with
  /// @throws IllegalArgumentException if it was not
  public <C extends Record> Hook<C> hook(ProgramTypeDefinition<C> type) {
    host.checkOpen();
    if (!host.knows(type)) {
      throw new IllegalArgumentException(
          "this host was built without program type %s: give it to the builder (programType)"
              .formatted(type.name()));
    }
    return new JvmHook<>(host, type);
  }

  /// Fires the timers that are due, on this thread, each once. Of use where the application moves
  /// the clock ([Environment#timePasses]): after it has moved it, and before the run that comes
  /// next at that time. Otherwise this does nothing, for a thread of the host fires them.
  public void fireTimers() {
    host.checkOpen();
    host.fireTimers();
  }

  /// The JVM bytecode that the compiler makes of a program of this host, for people: below each
  /// instruction, what it became.
  ///
  /// @throws IllegalArgumentException if the program is of another host
  /// @throws IllegalStateException if this host has no compiler
  public String listing(BpfProgram program) {
    if (!(program instanceof JvmProgram own)) {
      throw new IllegalArgumentException("program " + program.name() + " is of another host");
    }
    return own.listing();
  }

  @Override
  public int cpus() {
    return host.cpus();
  }

  @Override
  public void close() {
    host.close();
  }

  /// What a host is made of.
  public static final class Builder {
    private int cpus = Runtime.getRuntime().availableProcessors();
    private Limits limits = Limits.defaults();
    private Environment environment = new LiveEnvironment();
    private Engine engine = Engine.AUTO;
    private MemoryAccess memory = MemoryAccess.SEGMENT;
    private boolean poison;
    private Optional<Btf> kernelTypes = Optional.empty();
    private final List<ProgramTypeDefinition<?>> programTypes = new ArrayList<>();
    private final Set<String> memoryTypes = new HashSet<>();
    private final List<HelperPrototype> ownHelpers = new ArrayList<>();
    private final List<HelperPrototype> ownKernelFunctions = new ArrayList<>();
    private final Map<Integer, Callee> helpers = BuiltIns.helpers();
    private final Map<String, Callee> kernelFunctions = BuiltIns.kernelFunctions();
    private final Map<String, String> kconfig = BuiltIns.kconfig();

    private Builder() {}

    /// How many virtual CPUs: programs that run at the same time, and values in per-CPU maps.
    public Builder cpus(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("a host has at least 1 CPU, not " + count);
      }
      cpus = count;
      return this;
    }

    public Builder limits(Limits newLimits) {
      limits = newLimits;
      return this;
    }

    /// The clock, random numbers, routes, sockets and all else that programs ask about.
    public Builder environment(Environment newEnvironment) {
      environment = newEnvironment;
      return this;
    }

    /// What executes programs; [Engine#AUTO] if nothing is said. Without the module `jit` that is
    /// the interpreter.
    public Builder engine(Engine newEngine) {
      engine = newEngine;
      return this;
    }

    /// How compiled code accesses memory; [MemoryAccess#SEGMENT] if nothing is said.
    public Builder memoryAccess(MemoryAccess access) {
      memory = access;
      return this;
    }

    /// What CO-RE relocates against. Without it, the object's own types.
    public Builder kernelTypes(Btf types) {
      kernelTypes = Optional.of(types);
      return this;
    }

    /// A program type of the application.
    ///
    /// @throws IllegalArgumentException if there is one of this name already
    public Builder programType(ProgramTypeDefinition<?> type) {
      if (programTypes.stream().anyMatch(other -> other.name().equals(type.name()))) {
        throw new IllegalArgumentException("program type " + type.name() + " is there already");
      }
      programTypes.add(type);
      return this;
    }

    /// A section of bare programs: `R1` holds the address of a run's data, `R2` its length, as in
    /// uBPF and the bpf_conformance suite.
    public Builder memoryProgramType(String section) {
      memoryTypes.add(section);
      return this;
    }

    /// A helper of the application, called by the number in the prototype.
    ///
    /// It takes numbers, maps, the context, and addresses of memory, keys, values and constant
    /// strings, and gives a number. To which memory it writes, its prototype must say.
    ///
    /// @throws IllegalArgumentException if the number is taken, or it takes or gives anything else
    public Builder helper(HelperPrototype prototype, HelperFunction function) {
      String label = "%s#%d".formatted(prototype.name(), prototype.id());
      Callee callee = ApplicationHelper.callee(label, prototype, function);
      if (prototype.id() == Lowering.TAIL_CALL_HELPER
          || helpers.putIfAbsent(prototype.id(), callee) != null) {
        throw new IllegalArgumentException(
            "helper number %d is taken: use one from 65536 on".formatted(prototype.id()));
      }
      ownHelpers.add(prototype);
      return this;
    }

    /// A kernel function of the application, called by the name in the prototype (`extern …
    /// __ksym`). It takes and gives what a [#helper] does.
    ///
    /// @throws IllegalArgumentException if the name is taken, or it takes or gives anything else
    public Builder kernelFunction(HelperPrototype prototype, HelperFunction function) {
      Callee callee = ApplicationHelper.callee(prototype.name(), prototype, function);
      if (kernelFunctions.putIfAbsent(prototype.name(), callee) != null) {
        throw new IllegalArgumentException("kernel function " + prototype.name() + " is taken");
      }
      ownKernelFunctions.add(prototype);
      return this;
    }

    /// The value of a `.kconfig` variable, as a kernel's configuration writes it: `CONFIG_HZ` is
    /// `250`, `CONFIG_BPF` is `y`, and strings stand in double quotes.
    public Builder kconfig(String name, String value) {
      kconfig.put(name, value);
      return this;
    }

    /// Fills freed memory with a pattern and keeps it, so that tests see who still uses it.
    public Builder poisonFreedMemory(boolean newPoison) {
      poison = newPoison;
      return this;
    }

    /// @throws IllegalArgumentException if the engine or the access to memory is not to be had
    public JvmHost build() {
      HostTables tables =
          new HostTables(
              new HashMap<>(helpers),
              new HashMap<>(kernelFunctions),
              ownHelpers,
              ownKernelFunctions,
              programTypes,
              memoryTypes,
              kconfig,
              kernelTypes);
      return new JvmHost(
          new RuntimeHost(
              cpus,
              limits,
              environment,
              tables,
              new Engines(engine, memory),
              new Instruments(poison, Optional.empty())));
    }
  }
}
