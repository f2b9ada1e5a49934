package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.error.Errno;
import org.jspecify.annotations.Nullable;

/// A context that is the caller's bytes and nothing else: registers of a kprobe, a tracepoint's
/// record, arguments of a raw tracepoint or of a syscall program, a pulse of an infrared remote
/// control, an application's own struct.
public class PlainContext extends LinuxContext {
  private final boolean callersLength;

  /// @param callersLength whether the program sees only as many bytes as the caller gives, and not
  ///   the whole struct with zeros at its end
  public PlainContext(ContextLayout layout, boolean callersLength) {
    super(layout);
    this.callersLength = callersLength;
  }

  /// Whether a run sees only as many bytes as it is given.
  public final boolean isOfCallersLength() {
    return callersLength;
  }

  @Override
  public @Nullable ContextLayout steadyLayout() {
    return callersLength ? null : super.steadyLayout();
  }

  @Override
  public boolean isSteady() {
    return true;
  }

  @Override
  public void accept(String program, RunInput input) {
    if (input.data().length > 0) {
      throw new RunException(program, Errno.EINVAL, "programs of this type take no packet");
    }
    super.accept(program, input);
    if (callersLength) {
      limit(Math.min(input.context().length, layout().size()));
    }
  }
}
