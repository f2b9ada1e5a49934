package org.ebpf4j.cli.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// An iterator of the object to be run, after the packets if there are any.
///
/// @param program the iterator's name
/// @param map whose elements it visits; empty for one that visits all there is
record Iteration(String program, Optional<String> map) {

  /// What an iterator wrote.
  record Text(Iteration iteration, String text) {}

  /// Reads `PROGRAM` or `PROGRAM:MAP`.
  static Iteration parse(String words) {
    int colon = words.indexOf(':');
    return colon < 0
        ? new Iteration(words, Optional.empty())
        : new Iteration(words.substring(0, colon), Optional.of(words.substring(colon + 1)));
  }

  /// @throws CommandException if the object has no such iterator or map
  void check(CollectionSpec spec) {
    ProgramSpec found = spec.programs().get(program);
    if (found == null || !is(found)) {
      throw new CommandException(
          "--iterate: %s has no iterator named %s".formatted(spec.name(), program));
    }
    if (map.isPresent() && spec.map(map.get()).isEmpty()) {
      throw new CommandException("--iterate: %s has no map %s".formatted(spec.name(), map.get()));
    }
  }

  /// Whether a program is an iterator.
  static boolean is(ProgramSpec program) {
    return program.kind().attach().equals(Optional.of(AttachType.TRACE_ITER));
  }

  /// The iterator's program, of an object that has it.
  ProgramSpec in(CollectionSpec spec) {
    return spec.program(program).orElseThrow();
  }

  /// Runs it to its end.
  Text run(LoadedCollection collection) {
    IteratorTarget target =
        map.map(name -> IteratorTarget.elementsOf(collection.map(name)))
            .orElseGet(IteratorTarget::all);
    try (InputStream text = collection.program(program).iterate(target)) {
      return new Text(this, new String(text.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
