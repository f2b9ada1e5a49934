package org.ebpf4j.cli.verify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;

/// Verdicts as one page that needs no network: of each program why it is refused, and its source
/// and instructions side by side with what is known at each.
final class VerifyHtml implements VerifyReport {
  private static final String STYLE = "/html/verify.css";
  private static final String SCRIPT = "/html/verify.js";

  private final Console console;
  private final Path file;
  private final StateTable states = new StateTable();
  private final StringBuilder sections = new StringBuilder();
  private final List<String> links = new ArrayList<>();
  private int accepted;
  private int refused;

  VerifyHtml(Console console, Path file) {
    this.console = console;
    this.file = file;
  }

  @Override
  public void add(Judged judged) {
    int number = links.size() + 1;
    switch (judged.word()) {
      case "accept" -> accepted++;
      case "reject" -> refused++;
      default -> {}
    }
    links.add(
        "<a class=\"%s\" href=\"#p%d\"><span class=\"dot\"></span>%s</a>\n"
            .formatted(
                judged.word(),
                number,
                Html.escape(judged.program().isEmpty() ? judged.object() : judged.program())));
    new ProgramPage(sections, states, number).write(judged);
  }

  @Override
  public void end() {
    int other = links.size() - accepted - refused;
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append(
            "<title>ebpf verify: %d accepted, %d refused</title>\n".formatted(accepted, refused))
        .append("<style>\n")
        .append(resource(STYLE))
        .append("</style>\n</head>\n<body>\n<header class=\"top\">\n<h1>ebpf verify</h1>\n")
        .append(
            "<div class=\"soft\">%d accepted, %d refused%s</div>\n<nav>\n"
                .formatted(accepted, refused, other == 0 ? "" : ", " + other + " not judged"));
    links.forEach(page::append);
    page.append("</nav>\n</header>\n<main>\n").append(sections).append("</main>\n");
    page.append("<script>\nconst parts = ").append(states.toScript()).append(";\n");
    page.append(resource(SCRIPT))
        .append("</script>\n<noscript><footer>What is known at each")
        .append(" instruction is shown where scripts may run.</footer></noscript>\n");
    page.append("<footer>Instructions with a bar are on the path to the refusal. Select what is")
        .append(" known at an instruction to see all of it.</footer>\n</body>\n</html>\n");
    try {
      Files.writeString(file, page);
    } catch (IOException e) {
      throw CommandException.unwritten(file, e);
    }
    console.line("%s: %d accepted, %d refused, %d not judged", file, accepted, refused, other);
  }

  private static String resource(String name) {
    try (InputStream stream = VerifyHtml.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("resource " + name + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("resource " + name + " cannot be read", e);
    }
  }
}
