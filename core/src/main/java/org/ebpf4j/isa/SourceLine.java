package org.ebpf4j.isa;

/// Where in the source a run of instructions comes from: it holds from `slot` to the next one's.
///
/// @param slot the first slot, from the program's start
/// @param file the path that the compiler was given
/// @param line the line, from 1
/// @param column the column, from 1; 0 when unknown
/// @param text the line itself, or "" if the object does not keep it
public record SourceLine(int slot, String file, int line, int column, String text) {

  /// `file:line`.
  public String location() {
    return file + ":" + line;
  }
}
