package org.ebpf4j.linux.internal.load;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Linkage;

/// Makes an object's externs such that the kernel takes its BTF: it knows no linkage `extern`, no
/// functions in sections, and no parameters without a name.
///
/// Functions and variables become global ones; in `.ksyms`, where nothing has a place of its own,
/// variables are taken for `int`, and functions stand aside for one such variable. Ids stay the
/// same.
final class ExternTypes {
  private static final String KSYMS = ".ksyms";
  private static final String PLACEHOLDER = "extern_placeholder";

  private final Btf btf;
  private final List<BtfType> types;
  private final int integer;
  private final int variable;

  private ExternTypes(Btf btf) {
    this.btf = btf;
    this.types = new ArrayList<>(btf.ownTypes());
    this.integer = btf.endId();
    this.variable = integer + 1;
  }

  static Btf settle(Btf btf) {
    boolean any =
        btf.ownTypes().stream()
            .anyMatch(type ->
                switch (type) {
                  case BtfType.Function t -> t.linkage() == Linkage.EXTERN;
                  case BtfType.Variable t -> t.linkage() == Linkage.EXTERN;
                  default -> false;
                });
    return any ? new ExternTypes(btf).settle() : btf;
  }

  private Btf settle() {
    types.add(new BtfType.Int("int", Integer.BYTES, BtfType.Int.Encoding.SIGNED, 0, Integer.SIZE));
    types.add(new BtfType.Variable(PLACEHOLDER, integer, Linkage.GLOBAL));
    Set<Integer> symbols = new HashSet<>();
    for (int id = btf.firstId(); id < btf.endId(); id++) {
      if (btf.type(id) instanceof BtfType.DataSection section && section.name().equals(KSYMS)) {
        section.variables().forEach(v -> symbols.add(v.type()));
        set(id, withoutFunctions(section));
      }
    }
    for (int id = btf.firstId(); id < btf.endId(); id++) {
      switch (btf.type(id)) {
        case BtfType.Variable t when t.linkage() == Linkage.EXTERN ->
            set(
                id,
                new BtfType.Variable(
                    t.name(), symbols.contains(id) ? integer : t.type(), Linkage.GLOBAL));
        case BtfType.Function t when t.linkage() == Linkage.EXTERN -> {
          set(id, new BtfType.Function(t.name(), t.prototype(), Linkage.GLOBAL));
          if (btf.type(t.prototype()) instanceof BtfType.Prototype prototype) {
            set(t.prototype(), withNames(prototype));
          }
        }
        default -> {
          // No extern.
        }
      }
    }
    return Btf.of(types, btf.order());
  }

  private BtfType withoutFunctions(BtfType.DataSection section) {
    List<BtfType.SectionVariable> variables = new ArrayList<>();
    for (BtfType.SectionVariable symbol : section.variables()) {
      boolean function = btf.type(symbol.type()) instanceof BtfType.Function;
      variables.add(
          new BtfType.SectionVariable(
              function ? variable : symbol.type(),
              variables.size() * Integer.BYTES,
              Integer.BYTES));
    }
    return new BtfType.DataSection(section.name(), variables.size() * Integer.BYTES, variables);
  }

  private static BtfType withNames(BtfType.Prototype prototype) {
    return new BtfType.Prototype(
        prototype.result(),
        prototype.parameters().stream()
            .map(p ->
                p.type() != 0 && p.name().isEmpty()
                    ? new BtfType.Parameter("parameter", p.type())
                    : p)
            .toList());
  }

  private void set(int id, BtfType type) {
    types.set(id - btf.firstId(), type);
  }
}
