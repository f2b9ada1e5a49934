import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Gives old classes of a jar the form of Java 8, with the stack maps that belong to it: an AOT
/// cache takes no class older than that, and the JVM takes long to verify one.
///
///     java ModernClasses.java JAR…
public final class ModernClasses {
  private static final int JAVA_8 = 52;

  /// Where a class file has its version: the low byte of the major number.
  private static final int MAJOR = 7;

  private static final ClassTransform MODERN =
      (builder, element) -> {
        switch (element) {
          case ClassFileVersion old -> builder.withVersion(JAVA_8, 0);
          case MethodModel method ->
              builder.transformMethod(
                  method, MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
          default -> builder.with(element);
        }
      };

  private ModernClasses() {}

  public static void main(String[] jars) throws IOException {
    for (String name : jars) {
      Path jar = Path.of(name);
      Path next = Path.of(name + ".new");
      try (ZipFile in = new ZipFile(jar.toFile());
          URLClassLoader classes =
              new URLClassLoader(
                  new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
          OutputStream file = Files.newOutputStream(next)) {
        copy(in, classFile(classes), file);
      }
      Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /// Stack maps ask which class extends which.
  private static ClassFile classFile(ClassLoader classes) {
    return ClassFile.of(
        ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
        ClassFile.ClassHierarchyResolverOption.of(
            ClassHierarchyResolver.ofResourceParsing(classes)
                .orElse(ClassHierarchyResolver.defaultResolver())));
  }

  private static void copy(ZipFile in, ClassFile classFile, OutputStream file) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(file)) {
      for (ZipEntry entry : Collections.list(in.entries())) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".class") && bytes[MAJOR] < JAVA_8) {
          bytes = classFile.transformClass(classFile.parse(bytes), MODERN);
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(bytes);
        out.closeEntry();
      }
    }
  }
}
