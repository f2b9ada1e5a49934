package org.ebpf4j.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;

/// A program in the kernel.
public interface LinuxProgram extends BpfProgram {

  /// The kernel's own engine: its compiler, where that is on.
  @Override
  default Execution execution() {
    return new Execution("linux", "");
  }

  /// Sends a packet through an XDP program so many times as if it came from a device: what the
  /// program lets pass is received, what it redirects is sent (`BPF_F_TEST_XDP_LIVE_FRAMES`, Linux
  /// 5.18).
  ///
  /// @throws org.ebpf4j.RunException if it is no XDP program, or the kernel refuses
  void runLive(byte[] packet, int count);

  /// The id that the kernel gave it; it stays the same while the program lives.
  int id();

  /// What the kernel tells of it.
  ProgramInfo info();

  /// Gives it a name in a BPF file system, which keeps it alive.
  ///
  /// @throws KernelException if that is refused; the message says what to do
  void pin(Path path);

  /// The instructions as the verifier left them; empty where the kernel hides them.
  Bytecode translated();

  /// The functions that the translated instructions are of; empty for a program without types.
  List<ProgramFunction> functions();

  /// The source lines of the translated instructions; empty for a program without types.
  List<SourceLine> lines();

  /// Names of the kernel functions, helpers too, that the translated instructions call, by the
  /// calls' immediates. Empty where the kernel hides addresses (`kernel.kptr_restrict`).
  Map<Integer, String> callees();

  /// The machine code of all its functions; empty if it is interpreted, or hidden.
  byte[] nativeCode();
}
