package org.ebpf4j.cli.output;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Elements of a JSON array that come before their turn to be printed. They wait in a temporary
/// file, so that any number of them takes the same memory.
public final class Spool implements AutoCloseable {
  private @Nullable FileChannel file;
  private @Nullable Writer writer;

  /// Appends an element.
  ///
  /// @param json a JSON value
  /// @throws CommandException when the temporary file cannot be written
  public void add(String json) {
    try {
      if (writer == null) {
        writer = open();
      } else {
        writer.write(',');
      }
      writer.write(json);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Writer open() throws IOException {
    Path path = Files.createTempFile("ebpf-run-", ".json");
    file =
        FileChannel.open(
            path,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    return new BufferedWriter(Channels.newWriter(file, StandardCharsets.UTF_8));
  }

  /// Writes the array with all elements.
  ///
  /// @throws CommandException when the temporary file cannot be written or read
  public void writeTo(JsonGenerator json) {
    json.writeStartArray();
    if (file != null && writer != null) {
      try {
        writer.flush();
        file.position(0);
        Reader reader = Channels.newReader(file, StandardCharsets.UTF_8);
        char[] part = new char[8192];
        for (int length = reader.read(part); length > 0; length = reader.read(part)) {
          json.writeRaw(part, 0, length);
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }
    json.writeEndArray();
  }

  private static CommandException failed(IOException e) {
    return new CommandException(
        "events wait for the summary in a temporary file in %s, which fails: %s"
            .formatted(System.getProperty("java.io.tmpdir"), e.getMessage()),
        e);
  }

  /// Removes the temporary file.
  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
