package org.ebpf4j.verifier.internal.types;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;

/// A part of a map's value, or of an object that the program allocates, that only helpers and
/// kernel functions may touch.
///
/// @param kind what it is
/// @param offset bytes from the start
/// @param size bytes
/// @param btf the BTF of what it points to or holds; else the object's own
/// @param pointee BTF id of the type that it points to or holds, 0 for none
/// @param node for lists and trees, the offset of the node in that type
public record SpecialField(Kind kind, int offset, int size, Btf btf, int pointee, int node) {
  /// Sorts of parts. Names are those of Linux's `btf_field_type_name`.
  public enum Kind {
    SPIN_LOCK("bpf_spin_lock"),
    RES_SPIN_LOCK("bpf_res_spin_lock"),
    TIMER("bpf_timer"),
    WORK_QUEUE("bpf_wq"),
    TASK_WORK("bpf_task_work"),
    KPTR_UNTRUSTED("kptr"),
    KPTR("kptr"),
    KPTR_PER_CPU("percpu_kptr"),
    LIST_HEAD("bpf_list_head"),
    LIST_NODE("bpf_list_node"),
    TREE_ROOT("bpf_rb_root"),
    TREE_NODE("bpf_rb_node"),
    REFERENCE_COUNT("bpf_refcount"),
    USER_POINTER("uptr");

    private final String typeName;

    Kind(String typeName) {
      this.typeName = typeName;
    }

    public String typeName() {
      return typeName;
    }

    /// Whether it is one in an object that the program allocated as well, and not in map values
    /// alone.
    public boolean mayBeInObject() {
      return switch (this) {
        case SPIN_LOCK,
            RES_SPIN_LOCK,
            KPTR_UNTRUSTED,
            KPTR,
            KPTR_PER_CPU,
            LIST_HEAD,
            LIST_NODE,
            TREE_ROOT,
            TREE_NODE,
            REFERENCE_COUNT ->
            true;
        case TIMER, WORK_QUEUE, TASK_WORK, USER_POINTER -> false;
      };
    }

    /// Whether values of maps of a type may have it. Source: `map_check_btf`.
    boolean fits(MapType type) {
      boolean storage =
          switch (type) {
            case SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE -> true;
            default -> false;
          };
      boolean plain = type == MapType.HASH || type == MapType.ARRAY;
      boolean lru = type == MapType.LRU_HASH;
      boolean perCpu =
          switch (type) {
            case PERCPU_HASH, LRU_PERCPU_HASH, PERCPU_ARRAY -> true;
            default -> false;
          };
      return switch (this) {
        case SPIN_LOCK, RES_SPIN_LOCK -> plain || storage || type == MapType.CGROUP_STORAGE;
        case TIMER, WORK_QUEUE, TASK_WORK, LIST_HEAD, TREE_ROOT -> plain || lru;
        case KPTR_UNTRUSTED, KPTR, KPTR_PER_CPU, REFERENCE_COUNT ->
            plain || lru || perCpu || storage;
        case USER_POINTER -> type == MapType.TASK_STORAGE;
        case LIST_NODE, TREE_NODE -> true;
      };
    }

    /// Whether it is one in a map's value: nodes are plain bytes there.
    public boolean mayBeInMap() {
      return this != LIST_NODE && this != TREE_NODE;
    }

    public boolean isPointer() {
      return this == KPTR || this == KPTR_UNTRUSTED || this == KPTR_PER_CPU || this == USER_POINTER;
    }
  }
}
