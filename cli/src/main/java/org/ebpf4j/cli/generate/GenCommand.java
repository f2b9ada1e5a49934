package org.ebpf4j.cli.generate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.lang.model.SourceVersion;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ebpf gen`: sources made from object files.
@Command(
    name = "gen",
    mixinStandardHelpOptions = true,
    description = "Writes sources for object files: ebpf gen java file OBJECT.")
public final class GenCommand extends NounCommand {
  public GenCommand(Console console) {
    super(console);
  }

  @Command(
      name = "java",
      mixinStandardHelpOptions = true,
      description = {
        "Writes a Java class for an object file, which runs on every host of ebpf4j.",
        "It has the object's programs, its maps with their keys and values as records, and its"
            + " global variables."
      })
  void java(
      @Parameters(arity = "1..*", paramLabel = "file OBJECT") List<String> words,
      @Option(
              names = "--package",
              defaultValue = "",
              paramLabel = "P",
              description = "Its package.")
          String packageName,
      @Option(
              names = "--class",
              paramLabel = "C",
              description = "Its name; default: that of the file, my_probe.bpf.o as MyProbe.")
          Optional<String> className,
      @Option(
              names = "--type",
              paramLabel = "STRUCT",
              description = "A struct that gets a record too, such as that of events; repeatable.")
          List<String> types,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FOLDER",
              description =
                  "Where sources are: the file goes to its package there. Default: stdout.")
          Optional<Path> folder) {
    Selector selector = parse(words).selector();
    if (!(selector instanceof Selector.ByFile(Path file))) {
      throw usage("say: gen java file OBJECT");
    }
    if (!packageName.isEmpty() && !SourceVersion.isName(packageName)) {
      throw usage("--package %s is no name that a package of Java may have".formatted(packageName));
    }
    if (className.isPresent() && !isClassName(className.get())) {
      throw usage("--class %s is no name that a class of Java may have".formatted(className.get()));
    }
    CollectionSpec spec = CollectionReader.read(file);
    String name =
        className.orElseGet(() -> CollectionClass.nameOf(String.valueOf(file.getFileName())));
    String source;
    try {
      source =
          new CollectionClass(spec, packageName, name).source(types == null ? List.of() : types);
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()), e);
    }
    folder.ifPresentOrElse(
        root -> write(root.resolve(packageName.replace('.', '/')).resolve(name + ".java"), source),
        () -> console().out().print(source));
  }

  private static boolean isClassName(String name) {
    return SourceVersion.isIdentifier(name) && !SourceVersion.isKeyword(name);
  }

  private static void write(Path file, String source) {
    try {
      Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(Path.of(".")));
      Files.writeString(file, source, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw CommandException.unwritten(file, e);
    }
  }
}
