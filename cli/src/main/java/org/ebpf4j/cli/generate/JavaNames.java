package org.ebpf4j.cli.generate;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import javax.lang.model.SourceVersion;

/// Names of C as names of Java: `flow_key` becomes the class `FlowKey` or the member `flowKey`. No
/// two of one scope get the same.
final class JavaNames {
  /// Names that records and classes have already, or that the generated source uses itself.
  private static final Set<String> TAKEN =
      Set.of(
          "hashCode",
          "toString",
          "getClass",
          "notify",
          "notifyAll",
          "wait",
          "clone",
          "finalize",
          "equals",
          "close",
          "collection",
          "load",
          "CODEC");

  private final Set<String> used = new HashSet<>(TAKEN);

  /// A scope in which these are taken as well.
  JavaNames(Set<String> taken) {
    used.addAll(taken);
  }

  /// A name for a class.
  String type(String name) {
    String words = words(name);
    return unused(words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1), "Struct");
  }

  /// A name for a method or component.
  String member(String name) {
    String words = words(name);
    String member = words.substring(0, 1).toLowerCase(Locale.ROOT) + words.substring(1);
    return unused(SourceVersion.isKeyword(member) ? member + "_" : member, "_");
  }

  /// A name for a constant: as in C, unless that is taken or no name in Java.
  String constant(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9_]", "_");
    return unused(SourceVersion.isName(plain) ? plain : plain + "_", "_");
  }

  private String unused(String wanted, String suffix) {
    String name = wanted;
    for (int i = 2; !used.add(name); i++) {
      name = i == 2 ? wanted + suffix : wanted + suffix + (i - 1);
    }
    return name;
  }

  /// The words of a name, each with a capital letter but for what was there; never empty.
  static String words(String name) {
    StringBuilder words = new StringBuilder();
    boolean start = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 128 || !Character.isLetterOrDigit(c)) {
        start = !words.isEmpty();
      } else {
        words.append(start ? Character.toUpperCase(c) : c);
        start = false;
      }
    }
    boolean broken = words.isEmpty() || Character.isDigit(words.charAt(0));
    return broken ? "part" + words : words.toString();
  }
}
