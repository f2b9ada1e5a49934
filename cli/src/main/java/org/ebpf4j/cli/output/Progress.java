package org.ebpf4j.cli.output;

import java.io.Console;
import java.util.Optional;
import java.util.OptionalLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.ebpf4j.net.capture.CaptureReader;
import org.jspecify.annotations.Nullable;

/// A progress bar on a terminal; nothing elsewhere, and nothing for captures that are read at once.
public final class Progress implements AutoCloseable {
  private static final long WORTH_SHOWING = 64L << 20;

  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  public static Progress of(CaptureReader reader) {
    OptionalLong size = reader.size();
    if (!isTerminal() || size.isEmpty() || size.getAsLong() < WORTH_SHOWING) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName("packets")
            .setInitialMax(size.getAsLong())
            .setUnit("MB", 1 << 20)
            .build());
  }

  private static boolean isTerminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  public void show(long bytes) {
    if (bar != null) {
      bar.stepTo(bytes);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
