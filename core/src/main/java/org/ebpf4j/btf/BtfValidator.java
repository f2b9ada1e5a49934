package org.ebpf4j.btf;

import java.util.List;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.elf.SectionData;

/// Checks a BTF that was just read: after this, references lead somewhere sensible, nothing
/// contains itself, and sizes agree with each other and are below 2^31, those of arrays below 2^32.
///
/// The rules are those of `kernel/bpf/btf.c` in Linux 6.18, as far as a user of the types can
/// notice.
final class BtfValidator {
  private static final int MAX_BIT_FIELD_BITS = 128;
  private static final long MAX_ARRAY_BYTES = 0xffff_ffffL;

  private final Btf btf;
  private final SectionData types;
  private final int[] offsets;
  private int id;

  /// @param types where the types were read from
  /// @param offsets where in it each of the BTF's own types starts
  BtfValidator(Btf btf, SectionData types, int[] offsets) {
    this.btf = btf;
    this.types = types;
    this.offsets = offsets;
  }

  /// @throws ObjectFileException that names the first type at fault
  void check() {
    for (id = btf.firstId(); id < btf.endId(); id++) {
      checkReferences(btf.type(id));
    }
    int culprit = BtfCycles.find(btf);
    if (culprit != 0) {
      id = culprit;
      throw error("contains itself, or is nested deeper than " + BtfCycles.MAX_DEPTH + " types");
    }
    for (id = btf.firstId(); id < btf.endId(); id++) {
      checkSizes(btf.type(id));
    }
  }

  private void checkReferences(BtfType type) {
    switch (type) {
      case BtfType.Pointer t -> requireDataType(t.target());
      case BtfType.Typedef t -> requireDataType(t.target());
      case BtfType.Qualifier t -> requireDataType(t.target());
      case BtfType.TypeTag t -> requireDataType(t.target());
      case BtfType.Array t -> {
        requireDataType(t.element());
        requireDataType(t.index());
      }
      case BtfType.Composite t -> t.members().forEach(m -> requireDataType(m.type()));
      case BtfType.Function t -> require(t.prototype(), BtfType.Prototype.class);
      case BtfType.Prototype t -> {
        requireDataType(t.result());
        t.parameters().forEach(p -> requireDataType(p.type()));
      }
      case BtfType.Variable t -> requireDataType(t.type());
      case BtfType.DataSection t ->
          t.variables()
              .forEach(v -> require(v.type(), BtfType.Variable.class, BtfType.Function.class));
      case BtfType.DeclarationTag t -> {
        require(
            t.target(),
            BtfType.Composite.class,
            BtfType.Function.class,
            BtfType.Variable.class,
            BtfType.Typedef.class);
        if (t.component() < -1) {
          throw error("has component " + t.component());
        }
      }
      case BtfType.VoidType t -> {}
      case BtfType.Int t -> {}
      case BtfType.Enumeration t -> {}
      case BtfType.Forward t -> {}
      case BtfType.FloatType t -> {}
    }
  }

  private void checkSizes(BtfType type) {
    switch (type) {
      case BtfType.Int t -> {
        checkSize(t.size(), List.of(1, 2, 4, 8, 16));
        if (t.bits() == 0 || t.bitOffset() + t.bits() > t.size() * 8) {
          throw error("has %d bits at %d in %d bytes".formatted(t.bits(), t.bitOffset(), t.size()));
        }
      }
      case BtfType.FloatType t -> checkSize(t.size(), List.of(2, 4, 8, 12, 16));
      case BtfType.Enumeration t -> {
        if (!t.declaredOnly()) {
          checkSize(t.size(), List.of(1, 2, 4, 8));
        }
      }
      case BtfType.Array t -> {
        long size = requireSized(t.element());
        if (size * t.count() > MAX_ARRAY_BYTES) {
          throw error("is an array of %d times %d bytes".formatted(t.count(), size));
        }
      }
      case BtfType.Composite t -> {
        if (t.size() < 0) {
          throw error("has a size of 2^31 bytes or more");
        }
        t.members().forEach(member -> checkMember(t, member));
      }
      case BtfType.DataSection t -> {
        if (t.size() < 0) {
          throw error("has a size of 2^31 bytes or more");
        }
        for (BtfType.SectionVariable variable : t.variables()) {
          if (variable.offset() < 0 || variable.size() < 0) {
            throw error(
                "has a variable at 0x%x of 0x%x bytes"
                    .formatted(variable.offset(), variable.size()));
          }
        }
      }
      case BtfType.DeclarationTag t -> checkComponent(t);
      case BtfType.VoidType t -> {}
      case BtfType.Pointer t -> {}
      case BtfType.Forward t -> {}
      case BtfType.Typedef t -> {}
      case BtfType.Qualifier t -> {}
      case BtfType.TypeTag t -> {}
      case BtfType.Function t -> {}
      case BtfType.Prototype t -> {}
      case BtfType.Variable t -> {}
    }
  }

  private void checkMember(BtfType.Composite composite, BtfType.Member member) {
    long bits = requireSized(member.type()) * 8;
    if (member.bitFieldBits() != 0) {
      BtfType of = btf.resolved(member.type());
      if (!(of instanceof BtfType.Int || of instanceof BtfType.Enumeration)
          || member.bitFieldBits() > Math.min(bits, MAX_BIT_FIELD_BITS)) {
        throw error(
            "has the bit-field %s of %d bits in a type of %d"
                .formatted(member.name(), member.bitFieldBits(), bits));
      }
      bits = member.bitFieldBits();
    }
    if (member.bitOffset() < 0 || member.bitOffset() + bits > composite.size() * 8L) {
      throw error(
          "has member %s at bit %d, of %d bits, beyond its %d bytes"
              .formatted(
                  member.name(),
                  Integer.toUnsignedLong(member.bitOffset()),
                  bits,
                  composite.size()));
    }
    if (member.bitFieldBits() == 0
        && member.bitOffset() % 8 != 0
        && !(btf.resolved(member.type()) instanceof BtfType.Int)) {
      throw error("has member %s at bit %d".formatted(member.name(), member.bitOffset()));
    }
  }

  private void checkComponent(BtfType.DeclarationTag tag) {
    int components =
        switch (btf.type(tag.target())) {
          case BtfType.Composite t -> t.members().size();
          case BtfType.Function t ->
              ((BtfType.Prototype) btf.type(t.prototype())).parameters().size();
          default -> 0;
        };
    if (tag.component() >= components) {
      throw error("tags component %d of %d".formatted(tag.component(), components));
    }
  }

  private void checkSize(int size, List<Integer> allowed) {
    if (!allowed.contains(size)) {
      throw error("has size " + Integer.toUnsignedString(size));
    }
  }

  private long requireSized(int target) {
    long size = BtfLayout.sizeOrNegative(btf, target);
    if (size < 0) {
      throw error("holds type %d, which has no size".formatted(target));
    }
    return size;
  }

  private void requireDataType(int target) {
    requireId(target);
    switch (btf.type(target)) {
      case BtfType.Function t -> throw wrongKind(target);
      case BtfType.Variable t -> throw wrongKind(target);
      case BtfType.DataSection t -> throw wrongKind(target);
      case BtfType.DeclarationTag t -> throw wrongKind(target);
      default -> {}
    }
  }

  @SafeVarargs
  private void require(int target, Class<? extends BtfType>... kinds) {
    requireId(target);
    for (Class<? extends BtfType> kind : kinds) {
      if (kind.isInstance(btf.type(target))) {
        return;
      }
    }
    throw wrongKind(target);
  }

  private void requireId(int target) {
    if (!btf.has(target)) {
      throw error(
          "refers to type %s, there are %d"
              .formatted(Integer.toUnsignedString(target), btf.endId() - 1));
    }
  }

  private ObjectFileException wrongKind(int target) {
    return error(
        "refers to type %d, a %s, which cannot be there"
            .formatted(target, btf.type(target).getClass().getSimpleName()));
  }

  private ObjectFileException error(String problem) {
    String name = btf.type(id).name();
    return types.error(
        offsets[id - btf.firstId()],
        "type %d%s %s".formatted(id, name.isEmpty() ? "" : " (" + name + ")", problem));
  }
}
