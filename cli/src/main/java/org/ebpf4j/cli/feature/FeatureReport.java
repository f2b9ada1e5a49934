package org.ebpf4j.cli.feature;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.linux.FeatureSupport;
import org.ebpf4j.linux.LinuxHost;
import tools.jackson.core.JsonGenerator;

/// What the running kernel can do, with bpftool's words and field names.
///
/// @param settings kernel settings below `/proc/sys` that could be read
/// @param configuration options of the kernel's build, by name; empty for those not set
/// @param programs program types
/// @param maps map types
/// @param helpers for each program type that is there, the helpers that it may call
/// @param extensions instructions and limits
record FeatureReport(
    Map<KernelSetting, Long> settings,
    Map<String, Optional<String>> configuration,
    Map<ProgramType, FeatureSupport> programs,
    Map<MapType, FeatureSupport> maps,
    Map<ProgramType, List<String>> helpers,
    Map<KernelExtension, Boolean> extensions) {
  static final FeatureSupport YES = new FeatureSupport.Supported();

  /// Helpers that write to the kernel's log when a program with them is loaded.
  private static final Set<String> LOGGED =
      Set.of("trace_printk", "trace_vprintk", "probe_write_user");

  /// @param full whether to try helpers that the kernel's log then tells of
  static FeatureReport of(LinuxHost host, boolean full) {
    Map<KernelSetting, Long> settings = new LinkedHashMap<>();
    for (KernelSetting setting : KernelSetting.values()) {
      setting.value().ifPresent(value -> settings.put(setting, value));
    }
    Map<String, Optional<String>> configuration = new LinkedHashMap<>();
    KernelSetting.CONFIGURATION.forEach(name -> configuration.put(name, host.configuration(name)));
    Map<ProgramType, FeatureSupport> programs = new LinkedHashMap<>();
    Map<ProgramType, List<String>> helpers = new LinkedHashMap<>();
    for (ProgramType type : ProgramType.values()) {
      programs.put(type, host.supports(type));
      helpers.put(type, YES.equals(programs.get(type)) ? helpers(host, type, full) : List.of());
    }
    Map<MapType, FeatureSupport> maps = new LinkedHashMap<>();
    for (MapType type : MapType.values()) {
      maps.put(type, host.supports(type));
    }
    Map<KernelExtension, Boolean> extensions = new LinkedHashMap<>();
    for (KernelExtension extension : KernelExtension.values()) {
      extensions.put(extension, extension.isIn(host));
    }
    return new FeatureReport(settings, configuration, programs, maps, helpers, extensions);
  }

  private static List<String> helpers(LinuxHost host, ProgramType type, boolean full) {
    List<String> callable = new ArrayList<>();
    for (HelperPrototype helper : Helpers.all()) {
      boolean tried = full || !LOGGED.contains(helper.name());
      if (tried && host.supports(type, helper.id()).equals(YES)) {
        callable.add("bpf_" + helper.name());
      }
    }
    return callable;
  }

  void text(Console console) {
    console.line("Scanning system configuration...");
    settings.forEach((setting, value) -> console.line(setting.text(value)));
    configuration.forEach((name, value) ->
        console.line("%s is %s", name, value.map(v -> "set to " + v).orElse("not set")));
    console.line("\nScanning system call availability...\nbpf() syscall is available");
    console.line("\nScanning eBPF program types...");
    programs.forEach((type, support) ->
        console.line("eBPF program_type %s is %s", Names.of(type), text(support)));
    console.line("\nScanning eBPF map types...");
    maps.forEach(
        (type, support) -> console.line("eBPF map_type %s is %s", Names.of(type), text(support)));
    console.line("\nScanning eBPF helper functions...");
    helpers.forEach((type, names) -> {
      console.line("eBPF helpers supported for program type %s:", Names.of(type));
      if (names.isEmpty()) {
        console.line(
            YES.equals(programs.get(type))
                ? "\tCould not determine which helpers are available"
                : "\tProgram type not supported");
      }
      names.forEach(name -> console.line("\t- " + name));
    });
    console.line("\nScanning miscellaneous eBPF features...");
    extensions.forEach((extension, there) ->
        console.line("%s is %s", extension.text(), there ? "available" : "NOT available"));
  }

  private static String text(FeatureSupport support) {
    return switch (support) {
      case FeatureSupport.Supported s -> "available";
      case FeatureSupport.Unsupported u -> "NOT available";
      case FeatureSupport.Unknown(var errno, String reason) ->
          "NOT available (could not tell: %s)".formatted(errno);
    };
  }

  String json() {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeName("system_config");
      json.writeStartObject();
      settings.forEach((setting, value) -> json.writeNumberProperty(setting.field(), value));
      configuration.forEach((name, value) -> {
        json.writeName(name);
        json.writeRawValue(value.map(FeatureReport::quoted).orElse("null"));
      });
      json.writeEndObject();
      json.writeName("syscall_config");
      json.writeStartObject();
      json.writeBooleanProperty("have_bpf_syscall", true);
      json.writeEndObject();
      json.writeName("program_types");
      json.writeStartObject();
      programs.forEach((type, support) ->
          json.writeBooleanProperty(
              "have_%s_prog_type".formatted(Names.of(type)), support.equals(YES)));
      json.writeEndObject();
      json.writeName("map_types");
      json.writeStartObject();
      maps.forEach((type, support) ->
          json.writeBooleanProperty(
              "have_%s_map_type".formatted(Names.of(type)), support.equals(YES)));
      json.writeEndObject();
      json.writeName("helpers");
      json.writeStartObject();
      helpers.forEach((type, names) -> {
        json.writeName(Names.of(type) + "_available_helpers");
        json.writeStartArray();
        names.forEach(json::writeString);
        json.writeEndArray();
      });
      json.writeEndObject();
      json.writeName("misc");
      json.writeStartObject();
      extensions.forEach((extension, there) -> json.writeBooleanProperty(extension.field(), there));
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toString();
  }

  /// A value as it stands in the kernel's configuration: strings are quoted there already.
  private static String quoted(String value) {
    return value.startsWith("\"") ? value : '"' + value + '"';
  }
}
