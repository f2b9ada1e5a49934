package org.ebpf4j.conformance.sources;

import java.util.List;
import java.util.Locale;
import org.ebpf4j.testkit.Chance;

/// Programs of a few statements each: maps, packets, locks, objects, iterators, callbacks and
/// whatever else `statements.txt` has, in one another.
final class StatementSources implements Sources {
  private static final Grammar GRAMMAR = Grammar.load("statements.txt");
  private static final List<Hook> HOOKS =
      List.of(
          Hook.XDP,
          Hook.XDP,
          Hook.SCHED_CLS,
          Hook.SCHED_CLS,
          Hook.CGROUP_SKB,
          Hook.SYSCALL,
          Hook.RAW_TRACEPOINT,
          Hook.KPROBE,
          Hook.TRACEPOINT,
          Hook.TRACING,
          Hook.TRACING_BTF,
          Hook.TRACING_SLEEPABLE);

  private final int wrongPerMille;

  StatementSources(int wrongPerMille) {
    this.wrongPerMille = wrongPerMille;
  }

  @Override
  public String program(Chance chance, String name) {
    Hook hook = chance.pick(HOOKS);
    TextWriter writer = new TextWriter(GRAMMAR, chance, hook, wrongPerMille, name);
    String body = writer.statements(chance.between(1, 5));
    return String.format(
        Locale.ROOT,
        "%sSEC(\"%s\") int %s(%s *ctx)\n{\n%sout:\n\treturn %d;\n}\n",
        String.join("", writer.functions()),
        hook.section,
        name,
        hook.context,
        body,
        hook.result);
  }
}
