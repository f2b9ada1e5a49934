package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.SectionName;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Links to a control group and a tracepoint that the test made or only looks at.
class LinksTest {
  private static final Path BPF_FILES = Path.of("/sys/fs/bpf");

  private final List<Path> pins = List.of(pin("link"), pin("program"), pin("folder/none"));
  private LinuxHost host;

  @BeforeEach
  void open() {
    host = Linux.host();
    host.mountPins();
  }

  @AfterEach
  void close() throws IOException {
    if (host == null) {
      return; // skipped; who may not load may not look into a BPF file system either
    }
    host.close();
    for (Path pin : pins) {
      Files.deleteIfExists(pin);
    }
  }

  private static Path pin(String name) {
    return BPF_FILES.resolve("ebpf4j-links-%d-%s".formatted(ProcessHandle.current().pid(), name));
  }

  /// Programs that return 1, which lets packets pass.
  private LoadedCollection load(String section, String... names) {
    SectionName row = SectionName.of(section).orElseThrow();
    List<ProgramSpec> programs =
        Arrays.stream(names).map(name -> program(name, section, row)).toList();
    return host.load(CollectionSpec.of(List.of(), programs), LoadOptions.defaults());
  }

  private static ProgramSpec program(String name, String section, SectionName row) {
    return new ProgramSpec(
        name,
        section,
        new ProgramSpec.ProgramKind(Optional.of(row.type()), row.attach(), "", false, false),
        Bytecode.of(
            Bytecode.slot(0xb7, 0, 0, (short) 0, 1), Bytecode.slot(0x95, 0, 0, (short) 0, 0)),
        List.of(new ProgramFunction(0, 2, name, 0, true)),
        List.of(),
        List.of(),
        List.of(),
        true);
  }

  @Test
  void aLinkToAControlGroupIsPinnedOpenedChangedAndUnpinned() throws IOException {
    Path group =
        Files.createDirectory(controlGroups().resolve("ebpf4j-" + ProcessHandle.current().pid()));
    Path pin = pins.getFirst();
    int id;
    try {
      try (LoadedCollection loaded = load("cgroup_skb/ingress", "first", "second")) {
        LinuxProgram first = (LinuxProgram) loaded.program("first");
        LinuxLink link = host.attach(first, new LinkTarget.ControlGroup(group));
        id = link.id();
        assertThat(link.info().type()).contains(LinkType.CGROUP);
        assertThat(link.info().programId()).isEqualTo(first.id());
        assertThat(link.program()).isSameAs(first);
        link.pin(pin);
        assertThat(host.links()).extracting(LinkInfo::id).contains(id);
        LinuxProgram second = (LinuxProgram) loaded.program("second");
        link.replace(second);
        assertThat(link.info().programId()).isEqualTo(second.id());
      }
      try (LinuxLink pinned = host.openLink(pin);
          LinuxLink byId = host.openLink(id)) {
        assertThat(pinned.id()).isEqualTo(id);
        assertThat(byId.program().info().name()).isEqualTo("second");
        assertThat(host.pins(BPF_FILES))
            .contains(new PinnedObject(pin, PinnedObject.Kind.LINK, id));
        byId.detach();
      }
      host.unpin(pin);
      assertThat(host.links()).extracting(LinkInfo::id).doesNotContain(id);
    } finally {
      Files.delete(group);
    }
  }

  @Test
  void aLinkEndsWithItsCollection() {
    int id;
    try (LoadedCollection loaded = load("raw_tracepoint", "sees")) {
      LinuxLink link =
          host.attach(
              (LinuxProgram) loaded.program("sees"), new LinkTarget.RawTracepoint("task_rename"));
      id = link.id();
      assertThat(link.info().type()).contains(LinkType.RAW_TRACEPOINT);
    }
    assertThatThrownBy(() -> host.openLink(id))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
  }

  @Test
  void whatCannotBeAttachedIsSaidInOneLine() {
    LoadedCollection loaded = load("raw_tracepoint", "sees");
    try (LoadedCollection packets = load("cgroup_skb/ingress", "packets")) {
      LinuxProgram sees = (LinuxProgram) loaded.program("sees");
      LinuxProgram sent = (LinuxProgram) packets.program("packets");
      refused(
          Errno.ENOENT,
          "attach program sees to raw tracepoint no_such_tracepoint",
          () -> host.attach(sees, new LinkTarget.RawTracepoint("no_such_tracepoint")));
      refused(
          Errno.ENOENT,
          "/no/such/group cannot be opened",
          () -> host.attach(sent, new LinkTarget.ControlGroup(Path.of("/no/such/group"))));
      refused(
          Errno.EBADF,
          "control group of version 2",
          () -> host.attach(sent, new LinkTarget.ControlGroup(Path.of("/tmp"))));
      refused(
          Errno.EINVAL,
          "to which hook it goes",
          () -> host.attach(sees, new LinkTarget.Interface(1)));
      LinuxLink link = host.attach(sees, new LinkTarget.RawTracepoint("task_rename"));
      refused(Errno.EOPNOTSUPP, "detach", link::detach);
      refused(Errno.ENOENT, "no such file", () -> link.pin(pins.getLast()));
      refused(Errno.EPERM, "not in a BPF file system", () -> link.pin(Path.of("/tmp/ebpf4j-none")));
      link.close();
      refused(Errno.EBADF, "closed", link::info);
      refused(Errno.EBADF, "closed", () -> link.pin(pins.getFirst()));
      refused(Errno.EBADF, "closed", () -> link.replace(sees));
      sees.pin(pins.get(1));
      refused(Errno.EINVAL, "it is a program", () -> host.openLink(pins.get(1)));
      refused(Errno.EINVAL, "it is a program", () -> host.openMap(pins.get(1)));
      loaded.close();
      refused(
          Errno.EBADF,
          "the program is closed",
          () -> host.attach(sees, new LinkTarget.RawTracepoint("task_rename")));
    }
    refused(Errno.ENOENT, "no such file", () -> host.unpin(pins.getFirst()));
  }

  private static void refused(Errno errno, String text, Runnable operation) {
    assertThatThrownBy(operation::run)
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno))
        .message()
        .contains(text, errno.name())
        .hasLineCount(1);
  }

  private static Path controlGroups() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
      String[] words = line.split(" ", -1);
      if (words.length > 2 && words[2].equals("cgroup2")) {
        return Path.of(words[1]);
      }
    }
    return abort("no control groups of version 2 are mounted");
  }
}
