package org.ebpf4j.cli.output;

import java.io.StringWriter;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.net.capture.CaptureException;
import tools.jackson.core.JsonGenerator;

/// An error as `--json` prints it, on the last line; the schema is `error.schema.json`.
public final class ErrorJson {
  private ErrorJson() {}

  public static String of(EbpfException failure) {
    Optional<Errno> errno =
        switch (failure) {
          case LoadException load -> Optional.of(load.errno());
          case MapException map -> Optional.of(map.errno());
          case RunException run -> Optional.of(run.errno());
          case KernelException kernel -> Optional.of(kernel.errno());
          default -> Optional.empty();
        };
    return of(kind(failure), String.valueOf(failure.getMessage()), errno);
  }

  /// A wrong way to call the command.
  public static String ofUsage(String message) {
    return of("usage", message, Optional.empty());
  }

  private static String kind(EbpfException failure) {
    return switch (failure) {
      case LoadException load -> "load";
      case MapException map -> "map";
      case RunException run -> "run";
      case ProgramFault fault -> "fault";
      case KernelException kernel -> "kernel";
      case ObjectFileException object -> "object";
      case CaptureException capture -> "capture";
      case CommandException command -> "command";
      default -> "input";
    };
  }

  private static String of(String kind, String message, Optional<Errno> errno) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = Json.generator(line)) {
      json.writeStartObject();
      json.writeName("error");
      json.writeStartObject();
      json.writeStringProperty("message", message);
      json.writeStringProperty("kind", kind);
      json.writeName("errno");
      if (errno.isPresent()) {
        json.writeString(errno.get().name());
      } else {
        json.writeNull();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return line.toString();
  }
}
