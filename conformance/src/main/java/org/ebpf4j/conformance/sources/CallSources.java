package org.ebpf4j.conformance.sources;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.testkit.Chance;

/// Programs of one call each, of any helper or kernel function with arguments of all kinds, and of
/// what is done with the result.
final class CallSources implements Sources {
  private static final Grammar GRAMMAR = Grammar.load("arguments.txt");

  /// Linux 6.18.44 fails in the kernel on some calls of the first two, and the others need what
  /// stands in no table: congestion control, signatures, devices.
  private static final List<String> LEFT_OUT =
      List.of(
          "bpf_wq_",
          "bpf_task_work_",
          "bpf_verify_pk",
          "bbr_",
          "cubictcp",
          "tcp_",
          "bpf_kfunc_call",
          "bpf_xdp_metadata");

  private static final int UNSET_PERCENT = 4;

  /// They change how the machine runs, so that a kernel may warn of each.
  private static final Set<String> HELPERS_LEFT_OUT = Set.of("probe_write_user", "override_return");

  /// What gives back what a call gives.
  private static final Map<String, String> RELEASES =
      Map.ofEntries(
          Map.entry("bpf_task_acquire", "bpf_task_release"),
          Map.entry("bpf_task_from_pid", "bpf_task_release"),
          Map.entry("bpf_task_from_vpid", "bpf_task_release"),
          Map.entry("bpf_cgroup_acquire", "bpf_cgroup_release"),
          Map.entry("bpf_cgroup_from_id", "bpf_cgroup_release"),
          Map.entry("bpf_cgroup_ancestor", "bpf_cgroup_release"),
          Map.entry("bpf_task_get_cgroup1", "bpf_cgroup_release"),
          Map.entry("bpf_cpumask_create", "bpf_cpumask_release"),
          Map.entry("bpf_cpumask_acquire", "bpf_cpumask_release"),
          Map.entry("bpf_skb_ct_lookup", "bpf_ct_release"),
          Map.entry("bpf_xdp_ct_lookup", "bpf_ct_release"),
          Map.entry("bpf_get_task_exe_file", "bpf_put_file"),
          Map.entry("sk_lookup_tcp", "bpf_sk_release"),
          Map.entry("sk_lookup_udp", "bpf_sk_release"),
          Map.entry("skc_lookup_tcp", "bpf_sk_release"));

  private final List<HelperPrototype> helpers;
  private final List<KernelFunction> functions;
  private final int wrongPerMille;

  /// @param known whether the kernel's types have a function
  CallSources(int wrongPerMille, Predicate<String> known) {
    this.wrongPerMille = wrongPerMille;
    this.helpers =
        Helpers.all().stream()
            .filter(helper -> !helper.arguments().isEmpty())
            .filter(helper -> !HELPERS_LEFT_OUT.contains(helper.name()))
            .toList();
    this.functions =
        KernelFunction.all().values().stream()
            .filter(function -> known.test(function.name()))
            .filter(function -> LEFT_OUT.stream().noneMatch(function.name()::startsWith))
            .toList();
  }

  /// What is called.
  ///
  /// @param text as C has it
  /// @param rules for each argument, the rules that give what it takes
  private record Callee(
      String name, String text, boolean gives, List<List<String>> rules, List<Hook> hooks) {}

  private Callee callee(Chance chance) {
    if (chance.percent(45)) {
      KernelFunction function = chance.pick(functions);
      return new Callee(
          function.name(),
          function.name(),
          function.result().form() != KernelFunction.Form.VOID,
          function.parameters().stream().map(ArgumentRules::of).toList(),
          hooks(hook -> function.allows(hook.type, Optional.empty())));
    }
    HelperPrototype helper = chance.pick(helpers);
    return new Callee(
        helper.name(),
        String.valueOf(helper.id()),
        helper.result() != HelperPrototype.Result.VOID,
        helper.arguments().stream().map(ArgumentRules::of).toList(),
        hooks(hook -> HelperPermissions.allows(hook.type, Optional.empty(), helper)));
  }

  private static List<Hook> hooks(Predicate<Hook> allowed) {
    return List.of(Hook.values()).stream().filter(allowed).toList();
  }

  @Override
  public String program(Chance chance, String name) {
    Callee callee = callee(chance);
    boolean anywhere = callee.hooks().isEmpty() || chance.percent(2);
    Hook hook = chance.pick(anywhere ? List.of(Hook.values()) : callee.hooks());
    TextWriter writer = new TextWriter(GRAMMAR, chance, hook, wrongPerMille, name);
    List<String> arguments = arguments(chance, callee, writer);
    String types = "W, ".repeat(arguments.size()).replaceAll(", $", "");
    String call =
        "((W (*)(%s))%s)(%s)"
            .formatted(
                types.isEmpty() ? "void" : types, callee.text(), String.join(", ", arguments));
    String body = callee.gives() ? "r = " + call + "; " + use(chance, callee, writer) : call + ";";
    return String.format(
        Locale.ROOT,
        """
        SEC("%s") int %s(%s *ctx)
        {
        	W r = 0;
        	char set[64] = {}, zero[16] = {}, unset[32];
        	KEEP(set); KEEP(zero); KEEP(unset);
        	%s
        	%s
        	%s
        out:
        	return %d;
        }
        """,
        hook.section,
        name,
        hook.context,
        writer.before(),
        around(chance, body),
        writer.after(),
        hook.result);
  }

  /// One argument in three calls may be anything, and in some the last ones are not set.
  private static List<String> arguments(Chance chance, Callee callee, TextWriter writer) {
    int count = callee.rules().size();
    int odd = count > 0 && chance.percent(30) ? chance.below(count) : -1;
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> rules = i == odd ? kinds() : callee.rules().get(i);
      String text = writer.write(chance.pick(rules));
      while (text == null) {
        text = writer.write(chance.pick(kinds()));
      }
      arguments.add(text);
    }
    boolean tooFew = count > 0 && chance.percent(UNSET_PERCENT);
    return tooFew ? arguments.subList(0, chance.below(count)) : arguments;
  }

  private static List<String> kinds() {
    return GRAMMAR.names().stream().filter(name -> !name.equals("use")).toList();
  }

  private String use(Chance chance, Callee callee, TextWriter writer) {
    String use = chance.percent(70) ? String.valueOf(writer.write("use", "r")) : "";
    String release = RELEASES.get(callee.name());
    if (release != null && chance.percent(80)) {
      use += " if (r) " + release + "((void *)r);";
    } else if (callee.name().startsWith("bpf_obj_new") && chance.percent(80)) {
      use += " if (r) bpf_obj_drop_impl((void *)r, 0);";
    } else if (callee.name().equals("ringbuf_reserve") && chance.percent(80)) {
      use += " if (r) bpf_ringbuf_discard((void *)r, 0);";
    }
    return use;
  }

  private static String around(Chance chance, String body) {
    return switch (chance.below(50)) {
      case 0 -> "bpf_rcu_read_lock(); " + body + " bpf_rcu_read_unlock();";
      case 1 -> "bpf_preempt_disable(); " + body + " bpf_preempt_enable();";
      case 2 ->
          "LOOKUP(trees, held, struct treed, 0); if (!held) goto out; bpf_spin_lock(&held->lock); "
              + body
              + " bpf_spin_unlock(&held->lock);";
      default -> body;
    };
  }
}
