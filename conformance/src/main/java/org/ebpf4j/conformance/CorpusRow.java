package org.ebpf4j.conformance;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A program of the verifier corpus, and what a live kernel said about it: a line of
/// `verdicts-6.12.jsonl`, whose fields `corpus/README.md` describes.
///
/// @param object the object file's name
/// @param section the section in it
/// @param program the program's name
/// @param programType as libbpf names it
/// @param flags load flags
/// @param auxiliary whether it is no test but something that other programs use
/// @param targetTypes the object whose BTF it is relocated against, where that is not the kernel
/// @param expected what the source expects: `accept` or `reject`
/// @param kernel what the kernel did
/// @param kernelMessage the log's line that says why, for refusals
/// @param errno the name of its error number, for refusals; "" where none was kept
/// @param messages what the log is to contain
/// @param logLevel the level at which it does
/// @param returnValue what a test run returns
/// @param instructions slots after relocation, with subprograms
/// @param processed how many the kernel's verifier walked through
public record CorpusRow(
    String object,
    String section,
    String program,
    String programType,
    int flags,
    boolean auxiliary,
    Optional<String> targetTypes,
    Optional<String> expected,
    Kernel kernel,
    Optional<String> kernelMessage,
    String errno,
    List<String> messages,
    int logLevel,
    OptionalLong returnValue,
    int instructions,
    int processed) {

  public CorpusRow {
    messages = List.copyOf(messages);
  }

  /// What the kernel did with a program.
  public enum Kernel {
    ACCEPT,
    REJECT,
    /// No verdict: the kernel does not load programs of this type at all.
    EPERM,
    /// No verdict: the kernel lacks something the program needs.
    POISONED
  }

  @Override
  public String toString() {
    return object + " " + program;
  }
}
