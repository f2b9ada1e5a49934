package org.ebpf4j.runtime;

/// A helper or kernel function that an application gives its programs.
///
/// It runs inside the program's run, on the caller's thread: it must not block, and must not keep
/// `call` or memory that it got from it.
@FunctionalInterface
public interface HelperFunction {

  /// @return what the program finds in `R0`
  /// @throws Exception ends the run with a fault whose cause it is
  long call(HelperCall call, long a, long b, long c, long d, long e) throws Exception;
}
