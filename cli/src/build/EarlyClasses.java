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
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
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
/// - `equals` and `hashCode` of records become methods that go through the components. javac leaves
///   them to `ObjectMethods`, which makes several hidden classes for each.
public final class EarlyClasses {
  private static final int JAVA_8 = 52;

  private static final ClassDesc SWITCHES = ClassDesc.of("java.lang.runtime.SwitchBootstraps");

  private static final ClassDesc RECORDS = ClassDesc.of("java.lang.runtime.ObjectMethods");

  private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");

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

  /// One class; the methods that stand for dynamic calls come at its end.
  private static final class Early implements ClassTransform {
    private final ClassDesc owner;
    private final boolean isInterface;
    private final List<InvokeDynamicInstruction> calls = new ArrayList<>();

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
      if (element instanceof InvokeDynamicInstruction call
          && (isTypeSwitch(call) || isRecordMethod(call))) {
        builder.invokestatic(owner, name(calls.size()), call.typeSymbol(), isInterface);
        calls.add(call);
      } else {
        builder.with(element);
      }
    }

    private static boolean isTypeSwitch(InvokeDynamicInstruction call) {
      return call.bootstrapMethod().owner().equals(SWITCHES)
          && call.bootstrapMethod().methodName().equals("typeSwitch")
          && call.bootstrapArgs().stream().allMatch(ClassDesc.class::isInstance);
    }

    private static boolean isRecordMethod(InvokeDynamicInstruction call) {
      return call.bootstrapMethod().owner().equals(RECORDS)
          && (isEquals(call) || call.name().equalsString("hashCode"));
    }

    private static boolean isEquals(InvokeDynamicInstruction call) {
      return call.name().equalsString("equals");
    }

    private static String name(int index) {
      return "early$" + index;
    }

    @Override
    public void atEnd(ClassBuilder builder) {
      for (int i = 0; i < calls.size(); i++) {
        InvokeDynamicInstruction call = calls.get(i);
        builder.withMethodBody(
            name(i),
            call.typeSymbol(),
            ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC,
            code -> {
              if (isTypeSwitch(call)) {
                typeSwitch(code, call.bootstrapArgs());
              } else if (isEquals(call)) {
                equal(code, owner, components(call));
              } else {
                hash(code, owner, components(call));
              }
            });
      }
    }

    /// The fields of a record: what its methods are told after its class and their names.
    private static List<DirectMethodHandleDesc> components(InvokeDynamicInstruction call) {
      return call.bootstrapArgs().stream()
          .skip(2)
          .map(DirectMethodHandleDesc.class::cast)
          .toList();
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

    private static void equal(
        CodeBuilder code, ClassDesc owner, List<DirectMethodHandleDesc> components) {
      int mine = 0;
      int other = 1;
      Label differ = code.newLabel();
      code.aload(mine)
          .aload(other)
          .ifThen(Opcode.IF_ACMPEQ, block -> block.loadConstant(1).ireturn());
      code.aload(other).instanceOf(owner).ifeq(differ);
      code.aload(other).checkcast(owner).astore(other);
      for (DirectMethodHandleDesc component : components) {
        ClassDesc type = component.invocationType().returnType();
        code.aload(mine).getfield(owner, component.methodName(), type);
        code.aload(other).getfield(owner, component.methodName(), type);
        switch (TypeKind.from(type)) {
          case LONG -> code.lcmp().ifne(differ);
          case FLOAT -> compare(code, ConstantDescs.CD_Float, type).ifne(differ);
          case DOUBLE -> compare(code, ConstantDescs.CD_Double, type).ifne(differ);
          case REFERENCE ->
              code.invokestatic(
                      OBJECTS,
                      "equals",
                      MethodTypeDesc.of(
                          ConstantDescs.CD_boolean,
                          ConstantDescs.CD_Object,
                          ConstantDescs.CD_Object))
                  .ifeq(differ);
          default -> code.if_icmpne(differ);
        }
      }
      code.loadConstant(1).ireturn();
      code.labelBinding(differ).loadConstant(0).ireturn();
    }

    private static CodeBuilder compare(CodeBuilder code, ClassDesc box, ClassDesc type) {
      return code.invokestatic(
          box, "compare", MethodTypeDesc.of(ConstantDescs.CD_int, type, type));
    }

    private static void hash(
        CodeBuilder code, ClassDesc owner, List<DirectMethodHandleDesc> components) {
      code.loadConstant(0);
      for (DirectMethodHandleDesc component : components) {
        ClassDesc type = component.invocationType().returnType();
        code.loadConstant(31).imul();
        code.aload(0).getfield(owner, component.methodName(), type);
        if (type.isPrimitive()) {
          code.invokestatic(
              box(type), "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int, type));
        } else {
          code.invokestatic(
              OBJECTS,
              "hashCode",
              MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_Object));
        }
        code.iadd();
      }
      code.ireturn();
    }

    private static ClassDesc box(ClassDesc primitive) {
      return switch (primitive.descriptorString()) {
        case "Z" -> ConstantDescs.CD_Boolean;
        case "B" -> ConstantDescs.CD_Byte;
        case "C" -> ConstantDescs.CD_Character;
        case "S" -> ConstantDescs.CD_Short;
        case "I" -> ConstantDescs.CD_Integer;
        case "J" -> ConstantDescs.CD_Long;
        case "F" -> ConstantDescs.CD_Float;
        default -> ConstantDescs.CD_Double;
      };
    }
  }
}
