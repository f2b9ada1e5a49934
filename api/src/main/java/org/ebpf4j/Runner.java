package org.ebpf4j;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.error.EbpfException;

/// Runs one program again and again from one thread, with no allocation on the way. It belongs to
/// the first thread that uses it; any thread may close it. It ends with the program's collection at
/// the latest, and so does the memory that it gave.
///
/// A packet run: fill [#packetBuffer(int)], call [#run()], look at [#packet()]. A program whose
/// context is a plain struct: fill [#context()], call [#run()].
public interface Runner extends AutoCloseable {

  /// The memory to write the next packet of `length` bytes to. It is the runner's own, with
  /// headroom before it; what the last run left there is gone. So is what it left in a context of
  /// `struct __sk_buff`, such as a mark or a VLAN tag: what a packet is to have there is written to
  /// [#context()] after this call.
  ///
  /// @throws RunException if the program type takes no packet, or the host's limit is below
  ///   `length`
  MemorySegment packetBuffer(int length);

  /// The packet as the last run left it; it may begin elsewhere and have another length.
  MemorySegment packet();

  /// The context in the layout of Linux's uapi headers (`struct xdp_md`, `struct __sk_buff`, an
  /// application's own). Before a run, what is written here is what the program sees, fields that
  /// the host fills aside; after it, what the program left.
  MemorySegment context();

  /// One run; gives `R0`.
  ///
  /// @throws ProgramFault if the program did what it may not
  /// @throws IllegalStateException if the runner or the program's collection is closed, or the
  ///   runner belongs to another thread
  long run();

  /// Where the last run sent the packet, if it asked for a redirect. Linux does not tell that of
  /// its test runs.
  Redirect redirect();

  @Override
  void close() throws EbpfException;
}
