package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `src/build/EarlyClasses.java`, which gives the command's classes the form that starts soonest,
/// must not change what they do.
class EarlyClassesTest {
  /// One component of each sort.
  record Components(
      boolean flag,
      byte small,
      char letter,
      short number,
      int integer,
      long large,
      float single,
      double precise,
      String text,
      int[] array) {}

  sealed interface Shape {
    record Circle(int radius) implements Shape {}

    record Square(int side) implements Shape {}

    record Other() implements Shape {}

    static int size(Shape shape) {
      return switch (shape) {
        case Circle(int radius) when radius > 10 -> 1;
        case Circle c -> 2;
        case Square s -> 3;
        case Other o -> 4;
      };
    }
  }

  private static final int[] ARRAY = {1};

  private static final Object[] VALUES = {
    true, (byte) -1, 'x', (short) 7, 8, 1L << 40, -0.0f, Double.NaN, "text", ARRAY
  };

  /// In each place another value than above, which `==` and `equals` tell apart in their own ways.
  private static final Object[] OTHERS = {
    false, (byte) 1, 'y', (short) -7, 9, 1L << 41, 0.0f, 1.0, null, new int[] {1}
  };

  @TempDir private static Path folder;

  private static Path jar = Path.of("");

  @BeforeAll
  static void putInThatForm() throws Exception {
    jar = jar();
  }

  @Test
  void recordsAreEqualAsTheyWere() throws Exception {
    try (URLClassLoader early = early()) {
      Constructor<?> make =
          early.loadClass(Components.class.getName()).getDeclaredConstructors()[0];
      make.setAccessible(true);
      Object first = make.newInstance(VALUES);
      assertThat(first).isEqualTo(first).isEqualTo(make.newInstance(VALUES));
      assertThat(first).isNotEqualTo(null).isNotEqualTo("text");
      for (int i = 0; i < VALUES.length; i++) {
        Object[] values = VALUES.clone();
        values[i] = OTHERS[i];
        assertThat(make.newInstance(values))
            .as("component %d differs", i)
            .isNotEqualTo(first)
            .isEqualTo(make.newInstance(values));
      }
    }
  }

  @Test
  void hashCodesAreThoseOfRecords() throws Exception {
    try (URLClassLoader early = early()) {
      Constructor<?> make =
          early.loadClass(Components.class.getName()).getDeclaredConstructors()[0];
      make.setAccessible(true);
      Constructor<?> asCompiled = Components.class.getDeclaredConstructors()[0];
      for (Object[] values : List.of(VALUES, OTHERS)) {
        assertThat(make.newInstance(values)).hasSameHashCodeAs(asCompiled.newInstance(values));
      }
    }
  }

  @Test
  void switchesOverTypesChooseAsTheyDid() throws Exception {
    try (URLClassLoader early = early()) {
      Method size =
          early
              .loadClass(Shape.class.getName())
              .getDeclaredMethod("size", early.loadClass(Shape.class.getName()));
      size.setAccessible(true);
      assertThat(size.invoke(null, make(early, Shape.Circle.class, 11))).isEqualTo(1);
      assertThat(size.invoke(null, make(early, Shape.Circle.class, 10))).isEqualTo(2);
      assertThat(size.invoke(null, make(early, Shape.Square.class, 11))).isEqualTo(3);
      assertThat(size.invoke(null, make(early, Shape.Other.class))).isEqualTo(4);
    }
  }

  @Test
  void nothingIsLeftToBeMadeAtTheStart() throws Exception {
    try (URLClassLoader early = early()) {
      for (Class<?> type : List.of(Components.class, Shape.class, Shape.Circle.class)) {
        try (InputStream in = early.getResourceAsStream(file(type))) {
          assertThat(dynamicCalls(in.readAllBytes()))
              .as("dynamic calls of %s", type)
              .allMatch("toString"::equals);
        }
      }
    }
  }

  private static List<String> dynamicCalls(byte[] type) {
    return ClassFile.of().parse(type).methods().stream()
        .flatMap(method -> method.code().stream())
        .flatMap(code -> code.elementStream())
        .filter(InvokeDynamicInstruction.class::isInstance)
        .map(call -> ((InvokeDynamicInstruction) call).name().stringValue())
        .toList();
  }

  private static Object make(ClassLoader early, Class<?> type, Object... values)
      throws ReflectiveOperationException {
    Constructor<?> make = early.loadClass(type.getName()).getDeclaredConstructors()[0];
    make.setAccessible(true);
    return make.newInstance(values);
  }

  /// Has nothing of this test's own classes but those of the jar.
  private static URLClassLoader early() throws IOException {
    return new URLClassLoader(
        new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
  }

  /// A jar of this test's classes, put in that form.
  private static Path jar() throws Exception {
    Path jar = folder.resolve("classes.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (Class<?> type :
          List.of(
              Components.class,
              Shape.class,
              Shape.Circle.class,
              Shape.Square.class,
              Shape.Other.class)) {
        out.putNextEntry(new ZipEntry(file(type)));
        try (InputStream in = type.getClassLoader().getResourceAsStream(file(type))) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Path.of("src", "build", "EarlyClasses.java").toString(),
                jar.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
    return jar;
  }

  private static String file(Class<?> type) {
    return type.getName().replace('.', '/') + ".class";
  }
}
