package org.ebpf4j.verifier.internal.rules;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.state.Target;

/// The kernel's types, if they are given.
public final class KernelTypes {
  private final Optional<Btf> btf;

  public KernelTypes(Optional<Btf> btf) {
    this.btf = btf;
  }

  public boolean isKnown() {
    return btf.isPresent();
  }

  /// The kernel's BTF.
  ///
  /// @throws NotJudged if it is not given
  public Btf btf() {
    return btf.orElseThrow(
        () -> new NotJudged("the program uses kernel types; give the kernel's BTF"));
  }

  /// A struct of the kernel by name.
  ///
  /// @throws NotJudged if it is not known
  public Target.Typed struct(String name) {
    return new Target.Typed(btf(), structId(name));
  }

  /// The BTF id of a struct. What follows three underscores is a flavour, unless the kernel has a
  /// struct of just that name.
  public int structId(String name) {
    int flavour = name.indexOf("___");
    List<Integer> ids = btf().find(name, BtfType.Composite.class);
    if (ids.isEmpty() && flavour > 0) {
      ids = btf().find(name.substring(0, flavour), BtfType.Composite.class);
    }
    if (ids.isEmpty()) {
      throw new NotJudged("the kernel's BTF has no struct " + name);
    }
    return ids.getFirst();
  }

  /// The `FUNC` of this name.
  public Optional<Integer> function(String name) {
    return btf().find(name, BtfType.Function.class).stream().findFirst();
  }
}
