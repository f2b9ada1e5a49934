package org.ebpf4j.elf;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// An object file, BTF blob or section of one that breaks its format.
public final class ObjectFileException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String file;
  private final String section;
  private final long offset;
  private final String problem;

  /// @param file the file's name
  /// @param section the section at fault, "" when it is the file as a whole
  /// @param offset bytes from the start of the section, or of the file where `section` is ""; -1
  ///   when no place is at fault
  /// @param problem what is wrong, and what to do about it
  public ObjectFileException(String file, String section, long offset, String problem) {
    super(message(file, section, offset, problem));
    this.file = file;
    this.section = section;
    this.offset = offset;
    this.problem = problem;
  }

  private static String message(String file, String section, long offset, String problem) {
    StringBuilder message = new StringBuilder(file);
    if (!section.isEmpty()) {
      message.append(": section ").append(section);
    }
    if (offset >= 0) {
      message.append(" at offset 0x").append(Long.toHexString(offset));
    }
    return message.append(": ").append(problem).toString();
  }

  public String file() {
    return file;
  }

  public String section() {
    return section;
  }

  public long offset() {
    return offset;
  }

  public String problem() {
    return problem;
  }
}
