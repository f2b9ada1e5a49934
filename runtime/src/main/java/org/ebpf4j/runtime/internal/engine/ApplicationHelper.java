package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.runtime.HelperFunction;
import org.ebpf4j.runtime.internal.helper.HelperBody;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// A helper that the application wrote: what it throws ends the run as a fault.
///
/// @param label how messages name it
public record ApplicationHelper(String label, HelperFunction function) implements HelperBody {

  @Override
  public long call(Run run, long a, long b, long c, long d, long e) {
    try {
      return function.call(run, a, b, c, d, e);
    } catch (EbpfException inner) {
      throw inner;
    } catch (Exception thrown) {
      throw new Fault(ProgramFault.Kind.HELPER, "%s threw %s".formatted(label, thrown), thrown);
    }
  }
}
