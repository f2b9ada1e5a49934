package org.ebpf4j.runtime.internal.helper;

import java.util.Optional;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.LocalTypes.LocalType;
import org.ebpf4j.runtime.internal.object.ObjectList;
import org.ebpf4j.runtime.internal.object.ObjectTree;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Objects of a program's own types, and the lists and trees that they are in. Arguments that
/// Linux's verifier fills in (a type's fields, a node's offset) are ignored: objects know their
/// type.
///
/// Source: Linux 6.18's `kernel/bpf/helpers.c`.
enum ObjectFunctions implements HelperBody {
  /// A new object of a struct of the program's BTF, or 0 without memory.
  BPF_OBJ_NEW_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      LocalType type = type(run, a);
      return ObjectHold.give(
          run,
          run.objects()
              .allocate(KernelObject.Kind.STRUCT, type.name(), type.size(), type.fields()));
    }
  },

  BPF_OBJ_DROP_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.objects().release(ObjectHold.take(run, a));
      return 0;
    }
  },

  /// One struct for each CPU, each a multiple of 8 bytes.
  BPF_PERCPU_OBJ_NEW_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      LocalType type = type(run, a);
      int stride = (type.size() + 7) & ~7;
      return ObjectHold.give(
          run,
          run.objects()
              .allocate(
                  KernelObject.Kind.STRUCT_PER_CPU,
                  type.name(),
                  stride * run.objects().cpus(),
                  SpecialFields.none()));
    }
  },

  BPF_PERCPU_OBJ_DROP_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.objects().release(ObjectHold.take(run, a));
      return 0;
    }
  },

  /// One reference more to an object that has a `struct bpf_refcount`.
  BPF_REFCOUNT_ACQUIRE_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      KernelObject object = ObjectHold.see(run, a);
      if (!object.fields().has(Kind.REFCOUNT)) {
        throw new Fault(ProgramFault.Kind.CALL, a, object.describe() + " has no bpf_refcount");
      }
      return object.acquire() ? ObjectHold.give(run, object) : 0;
    }
  },

  BPF_LIST_PUSH_FRONT_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return push(run, a, b, true);
    }
  },

  BPF_LIST_PUSH_BACK_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return push(run, a, b, false);
    }
  },

  BPF_LIST_POP_FRONT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return pop(run, a, true);
    }
  },

  BPF_LIST_POP_BACK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return pop(run, a, false);
    }
  },

  BPF_LIST_FRONT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead head = GraphHead.of(run, a, Kind.LIST_HEAD)) {
        return ObjectList.end(head.address(), true);
      }
    }
  },

  BPF_LIST_BACK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead head = GraphHead.of(run, a, Kind.LIST_HEAD)) {
        return ObjectList.end(head.address(), false);
      }
    }
  },

  BPF_RBTREE_ADD_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead root = GraphHead.of(run, a, Kind.RB_ROOT)) {
        KernelObject object = root.take(run, b, Kind.RB_NODE);
        if (ObjectTree.isLinked(b)) {
          run.objects().release(object);
          return Errno.EINVAL.negated();
        }
        ObjectTree.add(a, b, new Less(run, c));
        return 0;
      }
    }
  },

  /// The node, which the program owns from now on; 0 if it is in no tree.
  BPF_RBTREE_REMOVE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead root = GraphHead.of(run, a, Kind.RB_ROOT)) {
        root.checkNode(run, b);
        if (!root.has(b)) {
          return 0;
        }
        ObjectTree.remove(a, b);
        return GraphHead.giveBack(run, b);
      }
    }
  },

  BPF_RBTREE_FIRST {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead root = GraphHead.of(run, a, Kind.RB_ROOT)) {
        return ObjectTree.first(root.address());
      }
    }
  },

  BPF_RBTREE_ROOT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead root = GraphHead.of(run, a, Kind.RB_ROOT)) {
        return ObjectTree.root(root.address());
      }
    }
  },

  BPF_RBTREE_LEFT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead root = GraphHead.of(run, a, Kind.RB_ROOT)) {
        root.checkNode(run, b);
        return root.has(b) ? ObjectTree.left(b) : 0;
      }
    }
  },

  BPF_RBTREE_RIGHT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      try (GraphHead root = GraphHead.of(run, a, Kind.RB_ROOT)) {
        root.checkNode(run, b);
        return root.has(b) ? ObjectTree.right(b) : 0;
      }
    }
  };

  /// The program's `bool less(struct bpf_rb_node *, const struct bpf_rb_node *)`.
  private record Less(Run run, long function) implements ObjectTree.Order {
    @Override
    public boolean isLess(long node, long other) {
      return run.call(function, node, other, 0, 0, 0) != 0;
    }
  }

  private static LocalType type(Run run, long id) {
    Optional<LocalType> type = run.types().struct((int) id);
    if (type.isEmpty()) {
      throw new Fault(
          ProgramFault.Kind.CALL, 0, "type %d is no struct of the program".formatted(id));
    }
    return type.get();
  }

  private static long push(Run run, long list, long node, boolean front) {
    try (GraphHead head = GraphHead.of(run, list, Kind.LIST_HEAD)) {
      KernelObject object = head.take(run, node, Kind.LIST_NODE);
      if (ObjectList.push(list, node, front)) {
        return 0;
      }
      run.objects().release(object);
      return Errno.EINVAL.negated();
    }
  }

  private static long pop(Run run, long list, boolean front) {
    try (GraphHead head = GraphHead.of(run, list, Kind.LIST_HEAD)) {
      return GraphHead.giveBack(run, ObjectList.pop(head.address(), front));
    }
  }
}
