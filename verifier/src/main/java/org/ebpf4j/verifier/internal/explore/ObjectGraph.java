package org.ebpf4j.verifier.internal.explore;

import java.util.List;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.jspecify.annotations.Nullable;

/// Lists and trees of objects that the program allocates: they are used under the lock that lies
/// beside their root, and own what is put into them.
final class ObjectGraph {
  private static final Set<String> LISTS =
      Set.of(
          "bpf_list_push_front_impl",
          "bpf_list_push_back_impl",
          "bpf_list_pop_front",
          "bpf_list_pop_back",
          "bpf_list_front",
          "bpf_list_back");
  private static final Set<String> TREES =
      Set.of(
          "bpf_rbtree_add_impl",
          "bpf_rbtree_remove",
          "bpf_rbtree_first",
          "bpf_rbtree_root",
          "bpf_rbtree_left",
          "bpf_rbtree_right");

  private final Walk walk;

  ObjectGraph(Walk walk) {
    this.walk = walk;
  }

  static boolean isGraphFunction(String name) {
    return LISTS.contains(name) || TREES.contains(name) || name.equals("bpf_refcount_acquire_impl");
  }

  /// Whether the path is in a function that orders the nodes of a tree, which runs under the tree's
  /// lock.
  boolean inOrderingCallback() {
    for (int f = walk.state.depth(); f > 0; f--) {
      Frame frame = walk.state.frame(f);
      if (frame.inCallback) {
        return KernelCalls.isCallOf(walk.code, frame.callsite, "bpf_rbtree_add_impl");
      }
    }
    return false;
  }

  /// The root of a list or tree, given as an argument.
  void root(int register, Value value, SpecialField.Kind kind, KernelCallFacts facts) {
    requireOwned(register, value, "map value or allocated object", true);
    String word = kind.typeName();
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R%d doesn't have constant offset. %s has to be at the constant offset",
          register,
          word);
    }
    long at = value.offset() + value.number().value();
    SpecialField root = find(walk.rules.record(value), at, kind);
    if (root == null) {
      throw walk.refuse(Errno.EINVAL, "%s not found at offset=%d", word, at);
    }
    if (!isLocked(value)) {
      throw walk.refuse(
          Errno.EINVAL,
          "bpf_spin_lock at off=%d must be held for %s",
          lockOffset(walk.rules.record(value)),
          word);
    }
    facts.root = root;
  }

  private void requireOwned(int register, Value value, String what, boolean inMap) {
    boolean allocated = value.is(Kind.BTF_OBJECT, Flags.ALLOCATED);
    if (!allocated && !(inMap && value.is(Kind.MAP_VALUE, 0))) {
      throw walk.refuse(Errno.EINVAL, "arg#%d expected pointer to %s", register - 1, what);
    }
    if (allocated && value.reference() == 0) {
      throw walk.refuse(Errno.EINVAL, "allocated object must be referenced");
    }
  }

  private boolean isLocked(Value value) {
    Object owner =
        switch (value.target()) {
          case Target.InMap in -> in.map();
          case Target.Typed(Btf btf, int type) -> btf;
          case Target.Nothing t -> null;
          case Target.Sized t -> null;
          case Target.InFrame t -> null;
          case Target.Code t -> null;
          case Target.Dynamic t -> null;
          case Target.Iterating t -> null;
          case Target.InterruptFlag t -> null;
        };
    return walk.state.lockCount > 0
        && walk.state.activeLockOwner == owner
        && walk.state.activeLockId == value.id();
  }

  private static int lockOffset(List<SpecialField> fields) {
    for (SpecialField field : fields) {
      if (field.kind() == SpecialField.Kind.SPIN_LOCK) {
        return field.offset();
      }
    }
    return -22;
  }

  private static @Nullable SpecialField find(
      List<SpecialField> fields, long offset, SpecialField.Kind kind) {
    for (SpecialField field : fields) {
      if (field.offset() == offset && field.kind() == kind) {
        return field;
      }
    }
    return null;
  }

  /// The node of a list, given as an argument: its owner gives it away.
  void listNode(int register, Value value, KernelCallFacts facts) {
    requireOwned(register, value, "allocated object", false);
    node(value, SpecialField.Kind.LIST_NODE, facts);
  }

  /// The node of a tree, given as an argument.
  void treeNode(int register, Value value, KernelCallFacts facts) {
    if (facts.is("bpf_rbtree_add_impl")) {
      requireOwned(register, value, "allocated object", false);
    } else {
      if (!isNonOwning(value) && value.reference() == 0) {
        throw walk.refuse(
            Errno.EINVAL,
            "%s can only take non-owning or refcounted bpf_rb_node pointer",
            facts.name());
      }
      if (inOrderingCallback()) {
        throw walk.refuse(Errno.EINVAL, "%s not allowed in rbtree cb", facts.name());
      }
    }
    node(value, SpecialField.Kind.TREE_NODE, facts);
  }

  static boolean isNonOwning(Value value) {
    return value.kind() == Kind.BTF_OBJECT
        && value.has(Flags.ALLOCATED)
        && value.has(Flags.NON_OWNING);
  }

  private void node(Value value, SpecialField.Kind kind, KernelCallFacts facts) {
    String word = kind.typeName();
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R2 doesn't have constant offset. %s has to be at the constant offset",
          word);
    }
    long at = value.offset() + value.number().value();
    if (find(walk.rules.record(value), at, kind) == null) {
      throw walk.refuse(Errno.EINVAL, "%s not found at offset=%d", word, at);
    }
    SpecialField root = facts.root;
    if (root == null || !(value.target() instanceof Target.Typed(Btf btf, int type))) {
      throw new IllegalStateException("a node without its root");
    }
    String expected = root.btf().type(root.pointee()).name();
    if (btf != root.btf() || type != root.pointee()) {
      throw walk.refuse(
          Errno.EINVAL,
          "operation on %s expects arg#1 %s at offset=%d in struct %s, but arg is at offset=%d in"
              + " struct %s",
          root.kind().typeName(),
          word,
          root.node(),
          expected,
          at,
          btf.type(type).name());
    }
    if (at != root.node()) {
      throw walk.refuse(
          Errno.EINVAL,
          "arg#1 offset=%d, but expected %s at offset=%d in struct %s",
          at,
          word,
          root.node(),
          expected);
    }
    facts.object = new Target.Typed(btf, type);
  }

  /// An object that is counted, given as an argument.
  void counted(int register, Value value, KernelCallFacts facts) {
    if (value.kind() != Kind.BTF_OBJECT
        || !value.has(Flags.ALLOCATED)
        || value.has(Flags.UNTRUSTED)
        || !(value.target() instanceof Target.Typed typed)) {
      throw walk.refuse(Errno.EINVAL, "arg#%d is neither owning or non-owning ref", register - 1);
    }
    facts.owning = !isNonOwning(value) && value.lifetime() != 0;
    if (!isCounted(typed)) {
      throw walk.refuse(
          Errno.EINVAL, "arg#%d doesn't point to a type with bpf_refcount field", register - 1);
    }
    facts.object = typed;
  }

  private boolean isCounted(Target.Typed typed) {
    for (SpecialField field : walk.rules.fields(typed.btf(), typed.type())) {
      if (field.kind() == SpecialField.Kind.REFERENCE_COUNT) {
        return true;
      }
    }
    return false;
  }

  /// A node that was found in a list or tree, or is to be ordered by a callback.
  static Value nodeOf(SpecialField root) {
    return Value.pointer(
            Kind.BTF_OBJECT, Flags.ALLOCATED, new Target.Typed(root.btf(), root.pointee()))
        .withOffset(root.node());
  }

  /// The pointer to something that a list or tree owns.
  Value nonOwning(Value value) {
    boolean counted = value.target() instanceof Target.Typed typed && isCounted(typed);
    return value.withFlags(value.flags() | Flags.NON_OWNING | (counted ? Flags.RCU : 0));
  }

  /// The list or tree owns from now on what this reference held.
  void giveAway(int reference) {
    walk.state.mapValues(value -> value.lifetime() == reference ? given(value) : value);
    walk.state.release(Acquired.Kind.REFERENCE, reference);
  }

  private Value given(Value value) {
    return value.reference() == 0 ? walk.secrecy.voided() : nonOwning(value.withReference(0));
  }
}
