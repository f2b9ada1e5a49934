package org.ebpf4j.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemCallTest {
  private static final int EBADF = 9;
  private static final int EFAULT = 14;
  private static final int ENOENT = 2;

  @TempDir Path folder;

  @BeforeEach
  void needsLinux() {
    assumeTrue(SystemCall.supported(), "no Linux with known system call numbers");
  }

  @Test
  void givesTheResult() {
    assertThat(SystemCall.GETPID.call(0, 0, 0, 0, 0, 0)).isEqualTo(ProcessHandle.current().pid());
  }

  @Test
  void givesTheErrorNumberNegated() {
    assertThat(SystemCall.CLOSE.call(-1, 0, 0, 0, 0, 0)).isEqualTo(-EBADF);
  }

  @Test
  void opensAndReads() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "hello");
    try (Descriptor descriptor = Descriptor.open(file.toString(), Descriptor.READ_ONLY);
        Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(16);
      long bytes = SystemCall.READ.require(descriptor.acquire(), buffer.address(), 16, 0, 0, 0);
      descriptor.release();
      assertThat(bytes).isEqualTo(5);
      assertThat(buffer.asSlice(0, 5).toArray(ValueLayout.JAVA_BYTE)).asString().isEqualTo("hello");
    }
  }

  @Test
  void saysWhichCallFailed() {
    String missing = folder.resolve("missing").toString();
    assertThatThrownBy(() -> Descriptor.open(missing, Descriptor.READ_ONLY))
        .isInstanceOfSatisfying(
            SystemCallException.class,
            e -> {
              assertThat(e.call()).isEqualTo(SystemCall.OPENAT);
              assertThat(e.errno()).isEqualTo(ENOENT);
            });
  }

  /// The number may be another file's by then.
  @Test
  void aLateUserDoesNotCloseTheNextFileOfTheSameNumber() {
    Descriptor late = Descriptor.open("/proc/self/status", Descriptor.READ_ONLY);
    int number = late.acquire();
    late.release();
    late.close();
    try (Descriptor next = Descriptor.open("/proc/self/status", Descriptor.READ_ONLY);
        Arena arena = Arena.ofConfined()) {
      assertThat(next.acquire()).as("Linux gives the lowest number").isEqualTo(number);
      assertThatThrownBy(late::acquire).isInstanceOf(SystemCallException.class);
      assertThat(SystemCall.READ.call(number, arena.allocate(16).address(), 16, 0, 0, 0))
          .isEqualTo(16);
      next.release();
    }
  }

  @Test
  void closesADescriptorOnlyWhenItsLastUserIsGone() {
    Descriptor descriptor = Descriptor.open("/proc/self/status", Descriptor.READ_ONLY);
    int number = descriptor.acquire();
    Path entry = Path.of("/proc/self/fd/" + number);
    descriptor.close();
    assertThat(Files.exists(entry)).isTrue();
    assertThatThrownBy(descriptor::acquire).isInstanceOf(SystemCallException.class);
    assertThat(Files.exists(entry)).isTrue();
    descriptor.release();
    assertThat(Files.exists(entry)).isFalse();
    descriptor.close();
  }

  @Test
  void mapsAFileAndForgetsItOnClose() throws IOException {
    Path file = Files.write(folder.resolve("page"), new byte[Mapping.pageSize()]);
    Mapping mapping;
    try (Descriptor descriptor = Descriptor.open(file.toString(), 2)) {
      mapping =
          Mapping.shared(descriptor.acquire(), 0, Mapping.pageSize(), Mapping.READ | Mapping.WRITE);
      descriptor.release();
    }
    MemorySegment memory = mapping.memory();
    memory.set(ValueLayout.JAVA_BYTE, 7, (byte) 42);
    assertThat(Files.readAllBytes(file)[7]).isEqualTo((byte) 42);
    mapping.close();
    assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 7))
        .isInstanceOf(IllegalStateException.class);
  }

  /// A file shorter than its mapping: the JVM would get a signal for the second page.
  @Test
  void copiesWherePagesMayBeMissing() throws IOException {
    int page = Mapping.pageSize();
    Path file = Files.write(folder.resolve("short"), new byte[page]);
    try (Descriptor descriptor = Descriptor.open(file.toString(), 2)) {
      Mapping mapping =
          Mapping.shared(descriptor.acquire(), 0, 2L * page, Mapping.READ | Mapping.WRITE);
      descriptor.release();
      mapping.write(page - 3, new byte[] {1, 2, 3});
      assertThat(mapping.read(page - 3, 3)).containsExactly(1, 2, 3);
      assertThat(mapping.read(2L * page, 0)).isEmpty();
      assertErrno(EFAULT, () -> mapping.read(page, 1));
      assertErrno(EFAULT, () -> mapping.read(page - 1, 2));
      assertErrno(EFAULT, () -> mapping.write(page, new byte[1]));
      assertThatThrownBy(() -> mapping.read(2L * page, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      mapping.close();
      assertErrno(EBADF, () -> mapping.read(0, 1));
    }
  }

  private static void assertErrno(int errno, Runnable operation) {
    assertThatThrownBy(operation::run)
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void waitsWithEpoll() {
    try (Epoll epoll = new Epoll()) {
      assertThat(epoll.await(0)).isZero();
    }
  }
}
