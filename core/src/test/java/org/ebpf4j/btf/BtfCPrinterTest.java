package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.spec.TestObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BtfCPrinterTest {
  @TempDir private Path folder;

  @Test
  void printsDeclarationsThatAreHardToRead() {
    Btf btf = TestObjects.btf("clang-19/types");
    int node = btf.find("node", BtfType.Composite.class).getFirst();

    assertThat(BtfCPrinter.type(btf, node).lines().map(String::strip))
        .contains(
            "struct node *next;",
            "struct node __attribute__((btf_type_tag(\"rcu\"))) *tagged;",
            "const volatile char *restrict text;",
            "callback_t on_event;",
            "int (*handlers[3])(void);",
            "void (*(*nested)(int))(long);",
            "int (*to_array)[5];",
            "char *(*strings[2])[7];",
            "short anonymous_short[2];",
            "} named_inner[2];",
            "const struct undefined *opaque;",
            "char name[0];",
            "} *entries;",
            "__u32 flexible[0];");
  }

  @Test
  void printsBitFieldsPaddingAndPackedStructs() {
    Btf btf = TestObjects.btf("clang-19/types");

    assertThat(print(btf, "bits"))
        .isEqualTo(
            """
            struct bits {
            \tunsigned int one: 1;
            \tunsigned int two: 2;
            \tchar: 3;
            \tint wide: 20;
            \t__u64 huge: 40;
            \t_Bool flag: 1;
            \tenum color color: 3;
            \tunsigned short tail;
            };\
            """);
    assertThat(print(btf, "packed"))
        .isEqualTo(
            """
            struct packed {
            \t__u8 first;
            \t__u32 second;
            \t__u64 third;
            } __attribute__((packed));\
            """);
    assertThat(print(btf, "aligned")).contains("int value;").contains("int: 32;");
  }

  @Test
  void printsOtherTypes() {
    Btf btf = TestObjects.btf("clang-19/types");

    assertThat(BtfCPrinter.type(btf, find(btf, "callback_t", BtfType.Typedef.class)))
        .isEqualTo("typedef int (*callback_t)(struct node *, const char *, ...);");
    assertThat(BtfCPrinter.type(btf, find(btf, "matrix_t", BtfType.Typedef.class)))
        .isEqualTo("typedef __u32 matrix_t[2][3];");
    assertThat(BtfCPrinter.type(btf, find(btf, "color", BtfType.Enumeration.class)))
        .isEqualTo("enum color {\n\tRED = 0,\n\tGREEN = 5,\n\tBLUE = -7,\n};");
    assertThat(BtfCPrinter.type(btf, find(btf, "keep", BtfType.Function.class)))
        .isEqualTo("int keep(struct node *ctx);");
    assertThat(BtfCPrinter.type(btf, 0)).isEqualTo("void");
    Btf wide = TestObjects.btf("clang-19/enum64");
    assertThat(BtfCPrinter.type(wide, find(wide, "large", BtfType.Enumeration.class)))
        .isEqualTo(
            "enum large {\n\tSMALL = 1ULL,\n\tLARGE = 9223372036854775809ULL,\n}"
                + " __attribute__((mode(DI)));");
  }

  @Test
  void qualifiesArraysOnce() {
    BtfType.Int letter = new BtfType.Int("char", 1, BtfType.Int.Encoding.SIGNED, 0, 8);
    BtfType.Qualifier element = new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 1);
    BtfType.Array array = new BtfType.Array(2, 1, 8);
    BtfType.Qualifier whole = new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 3);
    BtfType.Composite struct =
        new BtfType.Composite("named", false, 8, List.of(new BtfType.Member("name", 4, 0, 0)));

    assertThat(BtfCPrinter.type(Btf.of(List.of(letter, element, array, whole, struct)), 5))
        .contains("\tconst char name[8];");
  }

  @Test
  void tellsTypesOfTheSameNameApart() {
    BtfType.Int number = new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32);
    BtfType.Composite one =
        new BtfType.Composite("s", false, 4, List.of(new BtfType.Member("a", 1, 0, 0)));
    BtfType.Composite two =
        new BtfType.Composite("s", false, 4, List.of(new BtfType.Member("b", 1, 0, 0)));

    assertThat(BtfCPrinter.types(Btf.of(List.of(number, one, two))))
        .contains("struct s {\n\tint a;\n};")
        .contains("struct s___2 {\n\tint b;\n};");
  }

  /// What is compiled from the printed types has the same types.
  @ParameterizedTest
  @ValueSource(strings = {"types", "enum64", "maps", "target"})
  void printsWhatClangReadsBack(String object) throws Exception {
    Btf btf = TestObjects.btf("clang-19/" + object);

    assertClangAgrees(btf, BtfCPrinter.header(btf));
  }

  @Test
  void printsAKernelsTypes() throws Exception {
    Path kernel = Path.of("/sys/kernel/btf/vmlinux");
    assumeTrue(Files.isReadable(kernel), "needs a Linux kernel with BTF");
    Btf btf = BtfReader.read("vmlinux", Files.readAllBytes(kernel));

    assertClangAgrees(btf, BtfCPrinter.header(btf));
  }

  /// Compiles the header with an assertion for each size and offset.
  private void assertClangAgrees(Btf btf, String header) throws Exception {
    Optional<Path> clang = clang();
    assumeTrue(clang.isPresent(), "needs clang-19 or clang on the path");
    Files.writeString(folder.resolve("vmlinux.h"), header);
    Files.writeString(
        folder.resolve("check.c"), "#include \"vmlinux.h\"\n" + layoutAssertions(btf));
    Process process =
        new ProcessBuilder(
                clang.get().toString(),
                "-target",
                "bpf",
                "-O2",
                "-g",
                "-c",
                "check.c",
                "-Wno-visibility",
                "-ferror-limit=5",
                "-o",
                "check.o")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static String layoutAssertions(Btf btf) {
    StringBuilder text = new StringBuilder();
    Set<String> tags = new HashSet<>();
    for (BtfType type : btf.ownTypes()) {
      if (type instanceof BtfType.Enumeration enumeration) {
        tags.add(enumeration.name());
      }
    }
    for (BtfType type : btf.ownTypes()) {
      if (!(type instanceof BtfType.Composite composite)
          || composite.name().isEmpty()
          || !tags.add(composite.name())) {
        continue;
      }
      String tag = (composite.union() ? "union " : "struct ") + composite.name();
      text.append(
          "_Static_assert(sizeof(%s) == %d, \"%s\");\n".formatted(tag, composite.size(), tag));
      Set<String> members = new HashSet<>(Set.of(""));
      for (BtfType.Member member : composite.members()) {
        if (member.bitFieldBits() == 0 && members.add(member.name())) {
          text.append(
              "_Static_assert(__builtin_offsetof(%s, %s) == %d, \"%s.%s\");\n"
                  .formatted(tag, member.name(), member.bitOffset() / 8, tag, member.name()));
        }
      }
    }
    return text.toString();
  }

  private static Optional<Path> clang() throws IOException {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(path -> List.of("clang-19", "clang").stream().map(Path.of(path)::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String print(Btf btf, String struct) {
    return BtfCPrinter.type(btf, find(btf, struct, BtfType.Composite.class));
  }

  private static int find(Btf btf, String name, Class<? extends BtfType> kind) {
    return btf.find(name, kind).getFirst();
  }
}
