package org.ebpf4j.isa.classic;

import java.io.Serial;
import java.util.Locale;
import org.ebpf4j.error.EbpfException;

/// A classic program that cannot be read, that Linux would refuse, or that cannot be translated.
public final class ClassicException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final Place place;
  private final int number;
  private final String problem;

  /// @param place what `number` counts
  /// @param number the line from 1, or the instruction from 0
  /// @param problem what is wrong there, and what would be right
  public ClassicException(Place place, int number, String problem) {
    super("classic BPF, " + place.name().toLowerCase(Locale.ROOT) + " " + number + ": " + problem);
    this.place = place;
    this.number = number;
    this.problem = problem;
  }

  static ClassicException at(int instruction, String problem) {
    return new ClassicException(Place.INSTRUCTION, instruction, problem);
  }

  public Place place() {
    return place;
  }

  public int number() {
    return number;
  }

  public String problem() {
    return problem;
  }

  /// What a number of this error counts.
  public enum Place {
    LINE,
    INSTRUCTION
  }
}
