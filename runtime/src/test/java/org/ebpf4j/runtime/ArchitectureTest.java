package org.ebpf4j.runtime;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.module.ModuleDescriptor;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.util.List;
import java.util.Set;
import org.ebpf4j.Host;
import org.ebpf4j.isa.Instruction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The arrows between packages, which `module-info` cannot draw: down only, so that there are no
/// cycles.
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrls(List.of(home(Instruction.class), home(Host.class), home(JvmHost.class)));

  /// From the lowest up; each uses those before it at most.
  private static final List<String> CORE =
      List.of(
          "org.ebpf4j.error",
          "org.ebpf4j.abi",
          "org.ebpf4j.elf",
          "org.ebpf4j.isa",
          "org.ebpf4j.isa.classic",
          "org.ebpf4j.btf",
          "org.ebpf4j.spec",
          "org.ebpf4j.relocation",
          "org.ebpf4j.value",
          "org.ebpf4j");

  private static final List<String> RUNTIME =
      List.of(
          "org.ebpf4j.runtime.internal.replay",
          "org.ebpf4j.runtime.internal.memory",
          "org.ebpf4j.runtime.internal.map",
          "org.ebpf4j.runtime.internal.object",
          "org.ebpf4j.runtime.internal.run",
          "org.ebpf4j.runtime.internal.context",
          "org.ebpf4j.runtime.internal.helper",
          "org.ebpf4j.runtime.internal.engine",
          "org.ebpf4j.runtime.internal.host");

  /// Where a module's classes are: a folder, or its jar once that is packaged.
  private static URL home(Class<?> type) {
    URL home = type.getProtectionDomain().getCodeSource().getLocation();
    try {
      return home.getPath().endsWith(".jar") ? URI.create("jar:" + home + "!/").toURL() : home;
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void packagesOfCoreAndApiUseThoseBelow() {
    assertDownwards(CORE);
  }

  @Test
  void packagesInsideTheRuntimeUseThoseBelow() {
    assertDownwards(RUNTIME);
  }

  private static void assertDownwards(List<String> lowestFirst) {
    for (int i = 0; i < lowestFirst.size() - 1; i++) {
      String[] above = lowestFirst.subList(i + 1, lowestFirst.size()).toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(lowestFirst.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above)
          .check(CLASSES);
    }
  }

  /// The lists above would say nothing of a package that they leave out.
  @Test
  void everyPackageHasItsPlace() {
    assertThat(CLASSES)
        .extracting(JavaClass::getPackageName)
        .allMatch(name ->
            CORE.contains(name) || RUNTIME.contains(name) || name.equals("org.ebpf4j.runtime"));
  }

  /// The exported package of the runtime is above and below: its interfaces and records are what
  /// the inside works with, and [JvmHost] puts the inside together.
  @Test
  void theInsideOfTheRuntimeDoesNotKnowWhatAssemblesIt() {
    noClasses()
        .that()
        .resideInAPackage("org.ebpf4j.runtime.internal..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(JvmHost.class)
        .check(CLASSES);
  }

  @Test
  void coreApiAndRuntimeNeedTheBaseModuleOnly() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            describe(
                "are of java.base or ebpf4j, or annotations",
                type ->
                    type.getPackageName().startsWith("org.ebpf4j")
                        || type.getPackageName().startsWith("org.jspecify")
                        || ofBaseModule(type)))
        .check(CLASSES);
  }

  private static boolean ofBaseModule(JavaClass type) {
    String packageName =
        type.isArray() ? type.getBaseComponentType().getPackageName() : type.getPackageName();
    return packageName.isEmpty()
        || packageName.startsWith("org.ebpf4j")
        || Object.class.getModule().getPackages().contains(packageName);
  }

  @ParameterizedTest
  @ValueSource(strings = {"org.ebpf4j.core", "org.ebpf4j.api", "org.ebpf4j.runtime"})
  void nothingInternalIsExportedButToTheCompiler(String module) {
    ModuleDescriptor descriptor =
        ModuleLayer.boot().findModule(module).map(Module::getDescriptor).orElseThrow();
    assertThat(descriptor.exports())
        .filteredOn(exports -> !exports.targets().equals(Set.of("org.ebpf4j.jit")))
        .extracting(ModuleDescriptor.Exports::source)
        .noneMatch(name -> name.contains(".internal"));
  }
}
