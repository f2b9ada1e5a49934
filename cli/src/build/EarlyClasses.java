import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.reflect.AccessFlag;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Gives the classes of a jar the form in which the JVM starts them soonest: what an AOT cache cannot
/// hold, each start would have to make again.
///
///     java EarlyClasses.java JAR…
///
/// - Classes older than Java 8 get that version and its stack maps: a cache takes none that is older,
///   and the JVM takes long to verify one.
/// - Switches over types become methods that ask `instanceof` one type after the other. javac leaves
///   them to `SwitchBootstraps`, which makes a hidden class for each when it is first reached.
public final class EarlyClasses {
  private static final int JAVA_8 = 52;

  private static final ClassDesc SWITCHES = ClassDesc.of("java.lang.runtime.SwitchBootstraps");

  private EarlyClasses() {}

  public static void main(String[] jars) throws IOException {
    for (String name : jars) {
      Path jar = Path.of(name);
      Path next = Path.of(name + ".new");
      try (ZipFile in = new ZipFile(jar.toFile());
          URLClassLoader classes =
              new URLClassLoader(urls(jars), ClassLoader.getPlatformClassLoader());
          OutputStream file = Files.newOutputStream(next)) {
        copy(in, classFile(classes), file);
      }
      Files.move(next, jar, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static URL[] urls(String[] jars) throws IOException {
    URL[] urls = new URL[jars.length];
    for (int i = 0; i < jars.length; i++) {
      urls[i] = Path.of(jars[i]).toUri().toURL();
    }
    return urls;
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
        if (entry.getName().endsWith(".class") && !entry.getName().endsWith("module-info.class")) {
          ClassModel model = classFile.parse(bytes);
          bytes = classFile.transformClass(model, new Early(model));
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(bytes);
        out.closeEntry();
      }
    }
  }

  /// One class; the methods of its switches come at its end.
  private static final class Early implements ClassTransform {
    private final ClassDesc owner;
    private final boolean isInterface;
    private final List<InvokeDynamicInstruction> switches = new ArrayList<>();

    Early(ClassModel model) {
      this.owner = model.thisClass().asSymbol();
      this.isInterface = model.flags().has(AccessFlag.INTERFACE);
    }

    @Override
    public void accept(ClassBuilder builder, ClassElement element) {
      switch (element) {
        case ClassFileVersion version when version.majorVersion() < JAVA_8 ->
            builder.withVersion(JAVA_8, 0);
        case MethodModel method ->
            builder.transformMethod(method, MethodTransform.transformingCode(this::code));
        default -> builder.with(element);
      }
    }

    private void code(CodeBuilder builder, CodeElement element) {
      if (element instanceof InvokeDynamicInstruction call && isTypeSwitch(call)) {
        builder.invokestatic(owner, name(switches.size()), call.typeSymbol(), isInterface);
        switches.add(call);
      } else {
        builder.with(element);
      }
    }

    private static boolean isTypeSwitch(InvokeDynamicInstruction call) {
      return call.bootstrapMethod().owner().equals(SWITCHES)
          && call.bootstrapMethod().methodName().equals("typeSwitch")
          && call.bootstrapArgs().stream().allMatch(ClassDesc.class::isInstance);
    }

    private static String name(int index) {
      return "typeSwitch$" + index;
    }

    @Override
    public void atEnd(ClassBuilder builder) {
      for (int i = 0; i < switches.size(); i++) {
        InvokeDynamicInstruction call = switches.get(i);
        builder.withMethodBody(
            name(i),
            call.typeSymbol(),
            ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC,
            code -> typeSwitch(code, call.bootstrapArgs()));
      }
    }

    /// The number of the first type, from the given one on, that the value has; -1 for null.
    private static void typeSwitch(CodeBuilder code, List<ConstantDesc> types) {
      int value = 0;
      int from = 1;
      code.aload(value).ifThen(Opcode.IFNULL, block -> block.loadConstant(-1).ireturn());
      for (int i = 0; i < types.size(); i++) {
        ClassDesc type = (ClassDesc) types.get(i);
        int number = i;
        Label next = code.newLabel();
        code.iload(from).loadConstant(number).if_icmpgt(next);
        code.aload(value).instanceOf(type).ifeq(next);
        code.loadConstant(number).ireturn();
        code.labelBinding(next);
      }
      code.loadConstant(types.size()).ireturn();
    }
  }
}
