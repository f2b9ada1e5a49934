package org.ebpf4j;

/// A program attached to a hook. Closing it detaches the program: what comes to the hook after
/// `close` has returned does not meet it, though what came before may still be under way. It ends
/// with the program's collection at the latest.
public interface Link extends AutoCloseable {

  BpfProgram program();

  /// Puts another program of the same type in place, with no moment in which none is attached.
  ///
  /// @throws LoadException if the types differ
  /// @throws IllegalStateException if the link or the program is closed
  void replace(BpfProgram program);

  @Override
  void close();
}
