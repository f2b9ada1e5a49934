package org.ebpf4j.verifier;

/// The last word of a security hook's context: what programs before this one, or the hook itself,
/// decided. The proof takes it to be a result that the hook may have; who starts a run has to see
/// to that.
///
/// @param offset of its 8 bytes in the context
/// @param min the least that it may be, signed
/// @param max the greatest
public record HookResult(int offset, long min, long max) {
  public boolean contains(long value) {
    return min <= value && value <= max;
  }
}
