package org.ebpf4j.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.linux.internal.link.KernelLink;
import org.ebpf4j.linux.internal.link.LinkCreation;
import org.ebpf4j.linux.internal.link.PlainAttachment;
import org.ebpf4j.linux.internal.load.CollectionLoader;
import org.ebpf4j.linux.internal.load.KernelConfig;
import org.ebpf4j.linux.internal.load.KernelTypes;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.KernelObjects;
import org.ebpf4j.linux.internal.object.NamedObjects;
import org.ebpf4j.linux.internal.object.ObjectKind;
import org.ebpf4j.linux.internal.object.ObjectUsers;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.object.PinFileSystem;
import org.ebpf4j.linux.internal.object.PinWalk;
import org.ebpf4j.linux.internal.object.Pins;
import org.ebpf4j.linux.internal.object.PossibleCpus;
import org.ebpf4j.linux.internal.probe.MapProbe;
import org.ebpf4j.linux.internal.probe.ProgramProbe;
import org.ebpf4j.linux.internal.program.KernelProgram;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;

/// The running Linux kernel as a host, through bpf(2).
///
/// Most of it takes root, or CAP_BPF with CAP_PERFMON and CAP_NET_ADMIN; ask [LinuxAvailability]
/// first.
public final class LinuxHost implements Host {
  /// Where the BPF file system is by custom.
  public static final Path PIN_PLACE = PinFileSystem.PLACE;

  private final int cpus = PossibleCpus.count();
  private final KernelTypes types = new KernelTypes();
  private final KernelConfig config = new KernelConfig();
  private final OpenObjects open = new OpenObjects();
  private final CollectionLoader loader = new CollectionLoader(types, config, cpus, open);

  private LinuxHost() {}

  /// A host. Nothing in the kernel changes by that.
  ///
  /// @throws KernelException if programs cannot be loaded from here; it says why
  public static LinuxHost open() {
    return switch (LinuxAvailability.probe()) {
      case LinuxAvailability.Available() -> new LinuxHost();
      case LinuxAvailability.Unavailable(Optional<Errno> errno, String reason) ->
          throw new KernelException("use Linux as a host", errno.orElse(Errno.ENOSYS), reason);
    };
  }

  @Override
  public String name() {
    return "linux";
  }

  @Override
  public int cpus() {
    return cpus;
  }

  @Override
  public LoadedCollection load(CollectionSpec spec, LoadOptions options) {
    return load(spec, options, LinuxLoadOptions.defaults());
  }

  /// Loads a collection with more to say than all hosts understand.
  ///
  /// @throws org.ebpf4j.LoadException if Linux refuses any part of it; nothing stays behind then
  public LoadedCollection load(
      CollectionSpec spec, LoadOptions options, LinuxLoadOptions linuxOptions) {
    return loader.load(spec, options, linuxOptions);
  }

  /// Asks the verifier about programs of a collection, without keeping any.
  ///
  /// @throws org.ebpf4j.LoadException if what surrounds the programs is refused: types, maps,
  ///   externs
  public VerdictSession verdicts(
      CollectionSpec spec, LoadOptions options, LinuxLoadOptions linuxOptions) {
    return loader.verdicts(spec, options, linuxOptions);
  }

  @Override
  public LinuxMap createMap(MapSpec spec) {
    return loader.createMap(spec);
  }

  /// Whatever map has this id.
  ///
  /// @throws KernelException `ENOENT` if there is none
  public LinuxMap openMap(int id) {
    return openMap(KernelObjects.open(ObjectKind.MAP, id));
  }

  /// The map pinned here.
  ///
  /// @throws KernelException if nothing is pinned here; `EINVAL` if it is no map
  public LinuxMap openMap(Path pin) {
    return openMap(Pins.open(pin, ObjectKind.MAP));
  }

  /// The map of this name, of which the kernel keeps 15 bytes. Links have no names.
  ///
  /// @throws KernelException `ENOENT` if there is none; `EEXIST` if there are several: the message
  ///   has their ids
  public LinuxMap openMap(String name) {
    List<Integer> ids = maps(name).stream().map(MapInfo::id).toList();
    return openMap(NamedObjects.only(ObjectKind.MAP, name, ids));
  }

  private LinuxMap openMap(Descriptor descriptor) {
    MapInfo info = Infos.map(descriptor);
    MapSpec spec =
        new MapSpec(
            info.name(),
            info.typeNumber(),
            info.keySize(),
            info.valueSize(),
            info.maxEntries(),
            info.flags(),
            info.extra(),
            0,
            info.keyType(),
            info.valueType(),
            false,
            Optional.empty(),
            new MapSpec.Contents.None());
    return open.add(new KernelMap(descriptor, spec, cpus, open));
  }

  /// Whatever program has this id.
  ///
  /// @throws KernelException `ENOENT` if there is none
  public LinuxProgram openProgram(int id) {
    return openProgram(KernelObjects.open(ObjectKind.PROGRAM, id));
  }

  /// The program pinned here.
  ///
  /// @throws KernelException if nothing is pinned here; `EINVAL` if it is no program
  public LinuxProgram openProgram(Path pin) {
    return openProgram(Pins.open(pin, ObjectKind.PROGRAM));
  }

  /// The program of this name, of which the kernel keeps 15 bytes.
  ///
  /// @throws KernelException `ENOENT` if there is none; `EEXIST` if there are several: the message
  ///   has their ids
  public LinuxProgram openProgram(String name) {
    List<Integer> ids = programs(name).stream().map(ProgramInfo::id).toList();
    return openProgram(NamedObjects.only(ObjectKind.PROGRAM, name, ids));
  }

  private KernelProgram openProgram(Descriptor descriptor) {
    ProgramInfo info = Infos.program(descriptor);
    ProgramSpec spec =
        new ProgramSpec(
            info.name(),
            "",
            new ProgramSpec.ProgramKind(info.type(), Optional.empty(), "", false, false),
            Bytecode.of(),
            List.of(new ProgramFunction(0, 0, info.name(), 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true);
    return open.add(new KernelProgram(descriptor, spec, open));
  }

  /// Attaches a program that this host has loaded or opened. The link ends with the program's
  /// collection at the latest, unless it is pinned.
  ///
  /// @throws KernelException if that is refused; the message says what to do
  public LinuxLink attach(LinuxProgram program, LinkTarget target) {
    if (!(program instanceof KernelProgram kernelProgram)) {
      throw new IllegalArgumentException("program %s is of another host".formatted(program.name()));
    }
    Descriptor link = LinkCreation.create(kernelProgram.descriptor(), kernelProgram.spec(), target);
    OpenObjects owner = kernelProgram.owner();
    return owner.add(new KernelLink(link, owner, kernelProgram));
  }

  /// Attaches a program to a map of sockets, or as the flow dissector of this network namespace,
  /// without a link (`BPF_PROG_ATTACH`): it stays until [#detachPlain], whoever ends.
  ///
  /// @param map a sockmap or sockhash; empty for `FLOW_DISSECTOR`
  /// @throws KernelException if that is refused; the message says what to do
  public void attachPlain(LinuxProgram program, AttachType type, Optional<LinuxMap> map) {
    PlainAttachment.attach(descriptor(program), program.name(), type, map.map(this::descriptor));
  }

  /// Takes away what [#attachPlain] attached.
  ///
  /// @throws KernelException `ENOENT` if the program is not attached there
  public void detachPlain(LinuxProgram program, AttachType type, Optional<LinuxMap> map) {
    PlainAttachment.detach(descriptor(program), program.name(), type, map.map(this::descriptor));
  }

  private Descriptor descriptor(LinuxProgram program) {
    if (program instanceof KernelProgram kernelProgram) {
      return kernelProgram.descriptor();
    }
    throw new IllegalArgumentException("program %s is of another host".formatted(program.name()));
  }

  private Descriptor descriptor(LinuxMap map) {
    if (map instanceof KernelMap kernelMap) {
      return kernelMap.descriptor();
    }
    throw new IllegalArgumentException("map %s is of another host".formatted(map.name()));
  }

  /// Whatever link has this id.
  ///
  /// @throws KernelException `ENOENT` if there is none
  public LinuxLink openLink(int id) {
    return openLink(KernelObjects.open(ObjectKind.LINK, id));
  }

  /// The link pinned here.
  ///
  /// @throws KernelException if nothing is pinned here; `EINVAL` if it is no link
  public LinuxLink openLink(Path pin) {
    return openLink(Pins.open(pin, ObjectKind.LINK));
  }

  private LinuxLink openLink(Descriptor descriptor) {
    return open.add(
        new KernelLink(
            descriptor, open, id -> openProgram(KernelObjects.open(ObjectKind.PROGRAM, id))));
  }

  /// Takes away the name of an object in a BPF file system. The object goes when nobody else holds
  /// it; of a link, that detaches the program.
  ///
  /// @throws KernelException `ENOENT` if nothing is pinned here
  public void unpin(Path pin) {
    Pins.remove(pin);
  }

  /// The maps of this name, of which the kernel keeps 15 bytes, by ascending id.
  public List<MapInfo> maps(String name) {
    String kept = NamedObjects.kept(name);
    return maps().stream().filter(info -> info.name().equals(kept)).toList();
  }

  /// All maps in the kernel, by ascending id.
  public List<MapInfo> maps() {
    List<MapInfo> infos = new ArrayList<>();
    KernelObjects.each(ObjectKind.MAP, descriptor -> infos.add(Infos.map(descriptor)));
    return infos;
  }

  /// The programs of this name, of which the kernel keeps 15 bytes, by ascending id.
  public List<ProgramInfo> programs(String name) {
    String kept = NamedObjects.kept(name);
    return programs().stream().filter(info -> info.name().equals(kept)).toList();
  }

  /// All programs in the kernel, by ascending id.
  public List<ProgramInfo> programs() {
    List<ProgramInfo> infos = new ArrayList<>();
    KernelObjects.each(ObjectKind.PROGRAM, descriptor -> infos.add(Infos.program(descriptor)));
    return infos;
  }

  /// All attachments that are links, by ascending id.
  public List<LinkInfo> links() {
    List<LinkInfo> infos = new ArrayList<>();
    KernelObjects.each(ObjectKind.LINK, descriptor -> infos.add(Infos.link(descriptor)));
    return infos;
  }

  /// Mounts the BPF file system at `/sys/fs/bpf`, its usual place, unless one is there.
  ///
  /// @throws KernelException if that is refused
  public void mountPins() {
    PinFileSystem.mount();
  }

  /// The names of all objects of a kind, in all BPF file systems mounted here, by their ids.
  public Map<Integer, List<Path>> pins(PinnedObject.Kind kind) {
    Map<Integer, List<Path>> names = new TreeMap<>();
    for (Path folder : PinFileSystem.mounted()) {
      for (PinnedObject pin : pins(folder)) {
        if (pin.kind() == kind) {
          List<Path> known = names.computeIfAbsent(pin.id(), id -> new ArrayList<>());
          if (!known.contains(pin.path())) {
            known.add(pin.path());
          }
        }
      }
    }
    return names;
  }

  /// What is pinned below a folder of a BPF file system, by path.
  ///
  /// @throws KernelException if the folder cannot be read
  public List<PinnedObject> pins(Path folder) {
    return PinWalk.of(folder);
  }

  /// Lets Linux count runs and their time until the result is closed.
  ///
  /// @throws KernelException if that is not permitted, or the kernel (before 5.8) cannot
  public RunStatistics countRuns() {
    return RunStatistics.open();
  }

  /// All BTF objects in the kernel, by ascending id.
  public List<BtfInfo> btfObjects() {
    List<BtfInfo> infos = new ArrayList<>();
    KernelObjects.each(ObjectKind.BTF, descriptor -> infos.add(Infos.btf(descriptor)));
    return infos;
  }

  /// The processes that hold descriptors of programs, by the program's id.
  public Map<Integer, List<ObjectUser>> programUsers() {
    return ObjectUsers.of(ObjectKind.PROGRAM);
  }

  /// The processes that hold descriptors of maps, by the map's id.
  public Map<Integer, List<ObjectUser>> mapUsers() {
    return ObjectUsers.of(ObjectKind.MAP);
  }

  /// The processes that hold descriptors of links, by the link's id.
  public Map<Integer, List<ObjectUser>> linkUsers() {
    return ObjectUsers.of(ObjectKind.LINK);
  }

  /// The processes that hold descriptors of BTF objects, by the object's id.
  public Map<Integer, List<ObjectUser>> btfUsers() {
    return ObjectUsers.of(ObjectKind.BTF);
  }

  /// The types of a BTF object. Those of a kernel module are on top of the kernel's.
  ///
  /// @throws KernelException `ENOENT` if there is none of this id
  public Btf btf(int id) {
    try (Descriptor descriptor = KernelObjects.open(ObjectKind.BTF, id)) {
      BtfInfo info = Infos.btf(descriptor);
      byte[] bytes = Infos.btfBytes(descriptor);
      String name = "BTF object " + id;
      return info.kernel() && !info.name().equals("vmlinux")
          ? BtfReader.readSplit(name, bytes, kernelTypes())
          : BtfReader.read(name, bytes);
    }
  }

  /// What the kernel was built with: the text behind `CONFIG_…=`, with its quotes. Empty for
  /// options that are not set, or if neither `/proc/config.gz` nor `/boot` tells.
  public Optional<String> configuration(String option) {
    return config.value(option);
  }

  /// Whether the kernel has programs of this type.
  public FeatureSupport supports(ProgramType type) {
    return ProgramProbe.probe(loader, type);
  }

  /// Whether programs of this type may call a helper.
  ///
  /// @param helper the helper's number
  public FeatureSupport supports(ProgramType type, int helper) {
    return ProgramProbe.probe(loader, type, helper);
  }

  /// Whether the kernel has maps of this type.
  public FeatureSupport supports(MapType type) {
    return MapProbe.probe(this, type);
  }

  /// The kernel's own types.
  ///
  /// @throws org.ebpf4j.LoadException if the kernel does not show them
  public Btf kernelTypes() {
    return types.kernel();
  }

  @Override
  public void close() {
    open.close();
  }
}
