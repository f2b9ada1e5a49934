package org.ebpf4j.runtime.internal.host;

import java.util.Optional;
import org.ebpf4j.RunException;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.ProgramTypeDefinition;
import org.ebpf4j.runtime.internal.context.Contexts;
import org.ebpf4j.runtime.internal.context.MemoryContext;
import org.ebpf4j.runtime.internal.context.PlainContext;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.spec.ProgramSpec;

/// A program type as the host runs it: Linux's, or an application's own.
sealed interface RuntimeProgramType {

  /// What messages call it.
  String name();

  /// What `R1` points at, if that is a struct.
  Optional<ContextLayout> layout();

  /// A context for one runner.
  ProgramContext newContext(RuntimeHost host, ProgramSpec spec);

  /// Whether callers get 32 bits of `R0`, sign-extended, and not the whole of it.
  boolean narrow();

  /// The least result allowed.
  long lowest();

  /// The greatest result allowed.
  long highest();

  /// Whether its programs may call the helper with this number at a hook.
  boolean allows(int helper, Optional<AttachType> hook);

  /// Bare programs in sections of this name: `R1` holds the address of the run's data, `R2` its
  /// length.
  record OfMemory(String name) implements RuntimeProgramType {
    @Override
    public Optional<ContextLayout> layout() {
      return Optional.empty();
    }

    @Override
    public ProgramContext newContext(RuntimeHost host, ProgramSpec spec) {
      return new MemoryContext(host.limits().packetBytes());
    }

    @Override
    public boolean narrow() {
      return false;
    }

    @Override
    public long lowest() {
      return Long.MIN_VALUE;
    }

    @Override
    public long highest() {
      return Long.MAX_VALUE;
    }

    @Override
    public boolean allows(int helper, Optional<AttachType> hook) {
      return true;
    }
  }

  /// One of Linux's types: results are 32 bits.
  record OfLinux(ProgramType type) implements RuntimeProgramType {
    @Override
    public String name() {
      return type.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public Optional<ContextLayout> layout() {
      return Optional.of(ProgramTypes.of(type).context());
    }

    @Override
    public ProgramContext newContext(RuntimeHost host, ProgramSpec spec) {
      return Contexts.of(type, spec.kind().attach(), host.limits())
          .orElseThrow(() ->
              new RunException(
                  spec.name(),
                  Errno.ENOTSUPP,
                  "the JVM host does not run programs of type %s: %s"
                      .formatted(name(), Contexts.reason(type))));
    }

    @Override
    public boolean narrow() {
      return true;
    }

    @Override
    public long lowest() {
      return Long.MIN_VALUE;
    }

    @Override
    public long highest() {
      return Long.MAX_VALUE;
    }

    /// As the tables have it; helpers of the application are open to all types.
    @Override
    public boolean allows(int helper, Optional<AttachType> hook) {
      return HelperPermissions.of(type).isEmpty()
          || Helpers.byId(helper)
              .map(prototype -> HelperPermissions.allows(type, hook, prototype))
              .orElse(true);
    }
  }

  /// An application's type: results are whole registers.
  record OfApplication(ProgramTypeDefinition<?> definition) implements RuntimeProgramType {
    @Override
    public String name() {
      return definition.name();
    }

    @Override
    public Optional<ContextLayout> layout() {
      return Optional.of(definition.context());
    }

    @Override
    public ProgramContext newContext(RuntimeHost host, ProgramSpec spec) {
      return new PlainContext(definition.context(), false);
    }

    @Override
    public boolean narrow() {
      return false;
    }

    @Override
    public long lowest() {
      return definition.lowest();
    }

    @Override
    public long highest() {
      return definition.highest();
    }

    @Override
    public boolean allows(int helper, Optional<AttachType> hook) {
      return true;
    }
  }
}
