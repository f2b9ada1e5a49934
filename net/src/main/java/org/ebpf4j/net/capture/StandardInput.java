package org.ebpf4j.net.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;

/// Standard input as a channel. Closing it leaves standard input open: it belongs to the process,
/// not to the reader.
final class StandardInput implements ReadableByteChannel {
  private final ReadableByteChannel channel = Channels.newChannel(System.in);
  private boolean open = true;

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
