package org.ebpf4j.cli.feature;

import java.util.Locale;
import java.util.Optional;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Names;

/// What the running kernel can do, as C definitions with bpftool's names.
///
/// @param prefix goes before each name
record FeatureMacros(FeatureReport report, String prefix) {
  private static final String HERTZ = "CONFIG_HZ";

  void print(Console console) {
    Optional<String> hertz = report.configuration().getOrDefault(HERTZ, Optional.empty());
    if (hertz.isPresent()) {
      console.line("/*** Misc kernel config items ***/");
      console.line("#define %s%s %s", prefix, HERTZ, hertz.get());
      console.line("");
    }
    console.line("/*** System call availability ***/");
    define(console, true, "HAVE_BPF_SYSCALL");
    console.line("");
    console.line("/*** eBPF program types ***/");
    report
        .programs()
        .forEach((type, support) ->
            define(
                console,
                support.equals(FeatureReport.YES),
                "HAVE_%s_PROG_TYPE".formatted(type.name())));
    console.line("");
    console.line("/*** eBPF map types ***/");
    report
        .maps()
        .forEach((type, support) ->
            define(
                console,
                support.equals(FeatureReport.YES),
                "HAVE_%s_MAP_TYPE".formatted(type.name())));
    console.line("");
    helpers(console);
    console.line("");
    console.line("/*** eBPF misc features ***/");
    report
        .extensions()
        .forEach((extension, there) ->
            define(console, there, extension.field().toUpperCase(Locale.ROOT)));
  }

  private void helpers(Console console) {
    console.line("/*** eBPF helper functions ***/");
    console.line("/*");
    console.line(
        " * #if %sHAVE_PROG_TYPE_HELPER(xdp, bpf_redirect) tells whether XDP programs may call it",
        prefix);
    console.line(" */");
    console.line("#define %sHAVE_PROG_TYPE_HELPER(prog_type, helper)\t\\", prefix);
    console.line("\t%sBPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper", prefix);
    report
        .helpers()
        .forEach((type, names) ->
            names.forEach(name ->
                console.line(
                    "#define %sBPF__PROG_TYPE_%s__HELPER_%s 1", prefix, Names.of(type), name)));
  }

  private void define(Console console, boolean there, String name) {
    console.line("#define %s%s%s", prefix, there ? "" : "NO_", name);
  }
}
