package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The first two pieces of Java in README.md compile as they stand there, and do what they say. The
/// third is [GenCommandTest]'s.
class ReadmeTest {
  private static final Pattern JAVA = Pattern.compile("(?s)```java\\n(.*?)```");

  /// What stands around a piece: imports, and the packet that is spoken of.
  private static final String FRAME =
      """
      import java.nio.file.Path;
      import java.time.Duration;
      import org.ebpf4j.*;
      import org.ebpf4j.abi.HelperPrototype;
      import org.ebpf4j.runtime.*;
      import org.ebpf4j.spec.*;
      import org.ebpf4j.value.Codecs;

      public final class Readme {
        %s

        public static void run(byte[] packet) {
          %s
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void theFirewallRunsFromJava() throws Exception {
    assertThat(output("", piece(0))).contains("verdict 2");
  }

  @Test
  void theHookOfOnesOwnAsksItsProgram() throws Exception {
    String piece = piece(1);
    int end = piece.indexOf("\n\n");
    assertThat(
            output(
                piece.substring(0, end).replace("public record", "public static record"),
                piece.substring(end)))
        .contains("refused");
  }

  private static String piece(int index) throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    return JAVA.matcher(readme).results().toList().get(index).group(1);
  }

  /// Compiles and runs a piece, from the folder of this module; gives what it prints.
  private String output(String members, String statements) throws Exception {
    String source = FRAME.formatted(members, statements).replace("\"examples/", "\"../examples/");
    StringWriter messages = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Readme.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(
                messages,
                null,
                null,
                List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                null,
                List.of(file))
            .call();
    assertThat(compiled).as("%s", messages).isTrue();
    URL[] classes = {folder.toUri().toURL()};
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader());
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      loader.loadClass("Readme").getMethod("run", byte[].class).invoke(null, new byte[64]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
