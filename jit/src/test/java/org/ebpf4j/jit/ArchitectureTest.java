package org.ebpf4j.jit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The arrows between the compiler's packages: down only.
class ArchitectureTest {
  private static final JavaClasses CLASSES = new ClassFileImporter().importUrls(List.of(home()));

  /// From the lowest up; each uses those before it at most.
  private static final List<String> PACKAGES =
      List.of(
          "org.ebpf4j.jit.internal.memory",
          "org.ebpf4j.jit.internal.flow",
          "org.ebpf4j.jit.internal.emit",
          "org.ebpf4j.jit");

  /// Where the module's classes are: a folder, or its jar once that is packaged.
  private static URL home() {
    URL home = BytecodeCompiler.class.getProtectionDomain().getCodeSource().getLocation();
    try {
      return home.getPath().endsWith(".jar") ? URI.create("jar:" + home + "!/").toURL() : home;
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void packagesUseThoseBelow() {
    for (int i = 0; i < PACKAGES.size() - 1; i++) {
      noClasses()
          .that()
          .resideInAPackage(PACKAGES.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PACKAGES.subList(i + 1, PACKAGES.size()).toArray(String[]::new))
          .check(CLASSES);
    }
  }

  /// How memory is accessed has nothing to do with what was proven of it.
  @Test
  void accessesKnowNoFacts() {
    noClasses()
        .that()
        .resideInAPackage("org.ebpf4j.jit.internal.memory")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.ebpf4j.verifier..")
        .check(CLASSES);
  }
}
