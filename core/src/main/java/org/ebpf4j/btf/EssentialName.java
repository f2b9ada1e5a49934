package org.ebpf4j.btf;

/// Names without their flavour: `sample___old` and `sample` are one type to CO-RE, of which a
/// program declares several layouts.
public final class EssentialName {
  private static final String SEPARATOR = "___";

  private EssentialName() {}

  /// The name up to its last `___` that stands between other characters than `_`.
  public static String of(String name) {
    if (!name.contains(SEPARATOR)) {
      return name; // as almost all are
    }
    for (int i = name.length() - SEPARATOR.length() - 1; i > 0; i--) {
      if (name.startsWith(SEPARATOR, i)
          && name.charAt(i - 1) != '_'
          && name.charAt(i + SEPARATOR.length()) != '_') {
        return name.substring(0, i);
      }
    }
    return name;
  }
}
