package org.ebpf4j.verifier;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfSubset;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.CoreRelocation;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;

/// Which of a kernel's types are needed: by programs, or by the tables that say what programs may
/// call and what they are handed. The result is a small BTF to verify and relocate against.
public final class KernelTypeNeeds {
  private static final String FILE = "kernel-types.tsv";

  private final Btf kernel;
  private final BtfSubset subset;

  /// @param kernel all types of a kernel
  public KernelTypeNeeds(Btf kernel) {
    this.kernel = kernel;
    this.subset = new BtfSubset(kernel);
  }

  /// Adds what the tables need: the rows of `kernel-types.tsv`, and the structs that helpers take
  /// and give.
  public KernelTypeNeeds addTables() {
    for (Row row : rows()) {
      row.keepIn(kernel, subset);
    }
    Helpers.all().forEach(this::addHelper);
    return this;
  }

  /// Adds what the programs of an object need: the targets of their CO-RE relocations, the kernel
  /// functions and variables that they use, the functions that they are attached to and the kernel
  /// types that their helpers hand out.
  public KernelTypeNeeds add(CollectionSpec object) {
    for (ProgramSpec program : object.programs().values()) {
      for (CoreRelocation relocation : program.relocations()) {
        addTarget(object.btf().type(relocation.type()));
      }
      for (Reference reference : program.references()) {
        switch (reference) {
          case Reference.KernelFunction f -> subset.keep(f.name(), BtfType.Function.class, 2);
          case Reference.KernelFunctionAddress f ->
              subset.keep(f.name(), BtfType.Function.class, 2);
          case Reference.KernelVariable v -> subset.keep(v.name(), BtfType.Variable.class, 2);
          case Reference.MapHandle m -> {}
          case Reference.MapData m -> {}
        }
      }
      addHook(program.kind());
      addHelpers(program);
    }
    return this;
  }

  /// Whether a program may need a kernel's types at all: to be relocated, or to be verified. Where
  /// not, a verdict without them is the same, and reading them can be left out.
  public static boolean any(ProgramSpec program, CollectionSpec object) {
    boolean typed =
        program
            .kind()
            .type()
            .map(type ->
                switch (type) {
                  case TRACING, LSM, STRUCT_OPS, EXT, NETFILTER -> true;
                  default -> false;
                })
            .orElse(false);
    return typed
        || !program.relocations().isEmpty()
        || program.references().stream().anyMatch(KernelTypeNeeds::isKernels)
        || object.btf().ownTypes().stream().anyMatch(KernelTypeNeeds::isTag)
        || callsTyped(program);
  }

  private static boolean isKernels(Reference reference) {
    return switch (reference) {
      case Reference.KernelFunction f -> true;
      case Reference.KernelFunctionAddress f -> true;
      case Reference.KernelVariable v -> true;
      case Reference.MapHandle m -> false;
      case Reference.MapData m -> false;
    };
  }

  /// Tags mark pointers to kernel objects in map values, and arguments of global functions.
  private static boolean isTag(BtfType type) {
    return type instanceof BtfType.TypeTag || type instanceof BtfType.DeclarationTag;
  }

  private static boolean callsTyped(ProgramSpec program) {
    ProgramCode code = new ProgramCode(program);
    for (int slot = 0; slot < code.size(); slot++) {
      if (code.at(slot) instanceof Instruction.CallHelper(int id)
          && Helpers.byId(id).filter(KernelTypeNeeds::isTyped).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTyped(HelperPrototype helper) {
    return !helper.resultType().isEmpty()
        || helper.arguments().stream().anyMatch(argument -> !argument.type().isEmpty());
  }

  /// The types that are needed.
  public Btf toBtf() {
    return subset.toBtf();
  }

  private void addTarget(BtfType local) {
    if (!local.name().isEmpty()) {
      subset.keep(essential(local.name()), local.getClass(), 1);
    }
  }

  /// A name without its flavour, `___` and what follows.
  private static String essential(String name) {
    int flavour = name.indexOf("___");
    return flavour > 0 ? name.substring(0, flavour) : name;
  }

  private void addHook(ProgramSpec.ProgramKind kind) {
    Optional<ProgramType> type = kind.type();
    if (type.isEmpty() || kind.target().isEmpty()) {
      return;
    }
    switch (type.get()) {
      case LSM -> subset.keep("bpf_lsm_" + kind.target(), BtfType.Function.class, 2);
      case TRACING, EXT -> {
        AttachType hook = kind.attach().orElse(AttachType.TRACE_RAW_TP);
        if (hook == AttachType.TRACE_RAW_TP) {
          subset.keep("btf_trace_" + kind.target(), BtfType.Typedef.class, 2);
        } else if (hook == AttachType.TRACE_ITER) {
          subset.keep("bpf_iter_" + kind.target(), BtfType.Function.class, 2);
        } else {
          subset.keep(kind.target(), BtfType.Function.class, 2);
        }
      }
      default -> {}
    }
  }

  private void addHelpers(ProgramSpec program) {
    ProgramCode code = new ProgramCode(program);
    for (int slot = 0; slot < code.size(); slot++) {
      if (code.at(slot) instanceof Instruction.CallHelper(int id)) {
        Helpers.byId(id).ifPresent(this::addHelper);
      }
    }
  }

  private void addHelper(HelperPrototype helper) {
    addStruct(helper.resultType());
    helper.arguments().forEach(argument -> addStruct(argument.type()));
  }

  private void addStruct(String name) {
    if (!name.isEmpty()) {
      subset.keep(name, BtfType.Composite.class, 2);
    }
  }

  /// A row of the table.
  ///
  /// @param name a type's name, or its start and `*`; for [Kind#TAGGED], the tag on it
  private record Row(Kind kind, String name, int reach) {
    enum Kind {
      STRUCT,
      TYPEDEF,
      FUNCTION,
      /// A function with this declaration tag.
      TAGGED
    }

    void keepIn(Btf kernel, BtfSubset subset) {
      for (int id = 1; id < kernel.endId(); id++) {
        BtfType type = kernel.type(id);
        if (matches(type)) {
          subset.keep(type instanceof BtfType.DeclarationTag tag ? tag.target() : id, reach);
        }
      }
    }

    private boolean matches(BtfType type) {
      boolean named =
          name.endsWith("*")
              ? type.name().startsWith(name.substring(0, name.length() - 1))
              : type.name().equals(name);
      return named
          && switch (kind) {
            case STRUCT -> type instanceof BtfType.Composite;
            case TYPEDEF -> type instanceof BtfType.Typedef;
            case FUNCTION -> type instanceof BtfType.Function;
            case TAGGED -> type instanceof BtfType.DeclarationTag;
          };
    }
  }

  private static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String line : text().split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] cells = line.split("\t", -1);
        rows.add(new Row(Row.Kind.valueOf(cells[0]), cells[1], Integer.parseInt(cells[2])));
      }
    }
    return rows;
  }

  private static String text() {
    try (InputStream stream = KernelTypeNeeds.class.getResourceAsStream(FILE)) {
      if (stream == null) {
        throw new IllegalStateException("table " + FILE + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("table " + FILE + " cannot be read", e);
    }
  }
}
