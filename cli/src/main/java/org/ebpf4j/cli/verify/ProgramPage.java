package org.ebpf4j.cli.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.runtime.FaultReplay;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.WalkedInstruction;

/// One program's part of the page that `ebpf verify --html` writes.
final class ProgramPage {
  private static final int MOST_BYTES = 64;

  private final StringBuilder out;
  private final StateTable states;
  private final int number;

  /// @param out what to append to
  /// @param states takes the states that are shown
  /// @param number tells the programs' anchors apart
  ProgramPage(StringBuilder out, StateTable states, int number) {
    this.out = out;
    this.states = states;
    this.number = number;
  }

  void write(Judged judged) {
    add("<section id=\"p%d\" class=\"%s\">\n<div class=\"card\">\n", number, judged.word());
    head(judged);
    if (judged.diagnosis().isPresent()) {
      add("<div class=\"why\">\n");
      diagnosis(judged.diagnosis().get(), judged.witness());
      add("</div>\n");
    } else if (!judged.isAccepted()) {
      add("<div class=\"why\"><div class=\"message\">%s</div></div>\n", judged.message());
    }
    judged
        .subject()
        .ifPresent(subject ->
            walk(
                Verifier.annotate(subject.program(), subject.collection(), subject.options()),
                judged.diagnosis()));
    add("</div>\n</section>\n");
  }

  /// Appends; what fills the places of strings is escaped.
  private void add(String format, Object... arguments) {
    Object[] escaped = new Object[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      escaped[i] = arguments[i] instanceof String text ? Html.escape(text) : arguments[i];
    }
    out.append(format.formatted(escaped));
  }

  private void head(Judged judged) {
    String word =
        switch (judged.word()) {
          case "accept" -> "accepted";
          case "reject" -> "refused";
          default -> "not judged";
        };
    add(
        "<div class=\"head\"><h2>%s</h2><span class=\"chip %s\">%s</span>",
        judged.program().isEmpty() ? judged.object() : judged.program(), judged.word(), word);
    if (judged.subject().isPresent()) {
      var program = judged.subject().get().program();
      add(
          "<span class=\"soft\"><code>SEC(\"%s\")</code> in %s: %,d instruction slots, %,d walked"
              + " in %,d µs</span>",
          program.section(),
          judged.object(),
          program.bytecode().size(),
          judged.verdict().instructionsProcessed(),
          judged.micros());
    }
    add("</div>\n");
  }

  private void diagnosis(Diagnosis diagnosis, Optional<FaultReplay.Witness> witness) {
    add("<div class=\"message code\">%s</div>\n", diagnosis.message());
    add("<div class=\"at\">");
    slot(diagnosis.slot());
    add(" <code>%s</code>", diagnosis.instruction());
    diagnosis
        .source()
        .ifPresent(line ->
            add(
                " <span class=\"soft\">from</span> <code>%s</code> <span class=\"soft\">%s</span>",
                line.text().strip(), line.location()));
    add("</div>\n");
    if (!diagnosis.remedy().isEmpty()) {
      add("<div class=\"remedy\"><b>To pass:</b> %s</div>\n", diagnosis.remedy());
    }
    add("<div class=\"columns\">\n");
    diagnosis.suspect().ifPresent(this::suspect);
    branches(diagnosis.path());
    witness.ifPresent(this::witness);
    add("</div>\n");
  }

  private void slot(int slot) {
    add("<a class=\"slot\" href=\"#p%d-%d\">instruction %d</a>", number, slot, slot);
  }

  private void suspect(Diagnosis.Suspect suspect) {
    add("<div><h3>What is known of R%d</h3>\n", suspect.register());
    add("<div>%s</div>\n<ol class=\"origins\">\n", upper(suspect.value()));
    for (Diagnosis.Origin origin : suspect.origins()) {
      add("<li>");
      slot(origin.slot());
      add(
          " <code>%s</code><span class=\"effect\">%s: %s</span></li>\n",
          origin.instruction(), origin.effect(), origin.value());
    }
    add("</ol></div>\n");
  }

  private static String upper(String text) {
    return text.isEmpty() ? "" : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private void branches(List<Diagnosis.Branch> path) {
    if (path.isEmpty()) {
      return;
    }
    final int most = 12;
    List<Diagnosis.Branch> last = path.subList(Math.max(0, path.size() - most), path.size());
    add(
        "<div><h3>The way there%s</h3>\n<ol class=\"origins\">\n",
        path.size() > most ? ", the last %d of %d decisions".formatted(most, path.size()) : "");
    for (Diagnosis.Branch branch : last) {
      add("<li>");
      slot(branch.slot());
      add(
          " <code>%s</code><span class=\"effect\">%s%s</span></li>\n",
          branch.instruction(),
          branch.decision(),
          branch
              .source()
              .map(line -> ", %s: %s".formatted(line.location(), line.text().strip()))
              .orElse(""));
    }
    add("</ol></div>\n");
  }

  private void witness(FaultReplay.Witness witness) {
    add("<div><h3>Seen in the interpreter</h3>\n<div>With %s:</div>\n", witness.description());
    byte[] packet = witness.input().data();
    if (packet.length > 0) {
      String hex =
          HexFormat.ofDelimiter(" ").formatHex(packet, 0, Math.min(MOST_BYTES, packet.length));
      add("<div class=\"code soft\">%s%s</div>\n", hex, packet.length > MOST_BYTES ? " …" : "");
    }
    add("<div class=\"at code\">%s</div></div>\n", witness.fault().detail());
  }

  /// Source and instructions side by side: a block of rows for each run of one source line.
  private void walk(List<WalkedInstruction> instructions, Optional<Diagnosis> diagnosis) {
    Map<Integer, Diagnosis.Step> onPath = new HashMap<>();
    diagnosis.ifPresent(d -> d.steps().forEach(step -> onPath.put(step.slot(), step)));
    Map<Integer, Boolean> turns = new HashMap<>();
    diagnosis.ifPresent(d -> d.path().forEach(branch -> turns.put(branch.slot(), branch.taken())));
    int fault = diagnosis.map(Diagnosis::slot).orElse(-1);
    add("<table class=\"walk\">\n<thead><tr><th>Source</th><th>Instruction</th>");
    add("<th>Known before it</th></tr></thead>\n");
    for (int i = 0; i < instructions.size(); ) {
      int end = i + 1;
      while (end < instructions.size() && sameLine(instructions.get(i), instructions.get(end))) {
        end++;
      }
      add("<tbody>\n");
      for (int j = i; j < end; j++) {
        WalkedInstruction instruction = instructions.get(j);
        int slot = instruction.slot();
        String kind =
            slot == fault
                ? "fault"
                : onPath.containsKey(slot) ? "path" : instruction.visits() == 0 ? "unwalked" : "";
        add("<tr id=\"p%d-%d\" class=\"%s\">", number, slot, kind);
        if (j == i) {
          source(instruction.source(), end - i);
        }
        String turn = turns.containsKey(slot) ? turns.get(slot) ? "taken" : "not taken" : "";
        add(
            "<td class=\"insn code\"><span class=\"turn\">%s</span><span"
                + " class=\"number\">%d</span>%s</td>",
            turn, slot, instruction.instruction());
        state(instruction, Optional.ofNullable(onPath.get(slot)));
        add("</tr>\n");
      }
      add("</tbody>\n");
      i = end;
    }
    add("</table>\n");
  }

  private static boolean sameLine(WalkedInstruction a, WalkedInstruction b) {
    return a.source().map(SourceLine::location).equals(b.source().map(SourceLine::location));
  }

  private void source(Optional<SourceLine> line, int rows) {
    add("<td class=\"source code\" rowspan=\"%d\">", rows);
    line.ifPresent(l ->
        add(
            "<span class=\"number\" title=\"%s\">%d</span>  %s",
            l.location(), l.line(), l.text().stripTrailing()));
    add("</td>");
  }

  /// What is known: on the path first, then what other paths knew.
  private void state(WalkedInstruction instruction, Optional<Diagnosis.Step> step) {
    add("<td class=\"state code\">");
    List<String> known = new ArrayList<>();
    step.ifPresent(s -> known.add(states.encode(String.join(" ", s.registers()))));
    instruction.states().forEach(state -> known.add(states.encode(state)));
    if (!known.isEmpty() && !known.getFirst().isEmpty()) {
      add("<details data-states=\"%s\"", String.join("|", known));
      if (step.isPresent()) {
        add(" data-path");
      }
      if (instruction.visits() > instruction.states().size()) {
        add(" data-visits=\"%,d\"", instruction.visits());
      }
      add("><summary></summary></details>");
    }
    add("</td>");
  }
}
