package org.ebpf4j.runtime.internal.map;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// The parts of a value that are more than bytes: locks, timers, pointers to kernel objects, lists
/// and trees. Copies of the value leave them alone; who reads a value sees zeros there.
///
/// Source: `btf_parse_fields` in Linux 6.18's `kernel/bpf/btf.c`.
///
/// @param fields by offset
public record SpecialFields(List<Field> fields) {
  /// Deepest nesting of structs that is searched; Linux has the same bound against cycles.
  private static final int DEPTH = 16;

  private static final int MAX_FIELDS = 256;
  private static final SpecialFields NONE = new SpecialFields(List.of());

  private static final Map<String, Kind> STRUCTS =
      Map.of(
          "bpf_spin_lock", Kind.SPIN_LOCK,
          "bpf_res_spin_lock", Kind.RES_SPIN_LOCK,
          "bpf_timer", Kind.TIMER,
          "bpf_wq", Kind.WORKQUEUE,
          "bpf_list_head", Kind.LIST_HEAD,
          "bpf_list_node", Kind.LIST_NODE,
          "bpf_rb_root", Kind.RB_ROOT,
          "bpf_rb_node", Kind.RB_NODE,
          "bpf_refcount", Kind.REFCOUNT,
          "bpf_task_work", Kind.TASK_WORK);

  private static final Map<String, Kind> TAGS =
      Map.of(
          "kptr", Kind.KPTR,
          "kptr_untrusted", Kind.KPTR_UNTRUSTED,
          "percpu_kptr", Kind.KPTR_PERCPU,
          "uptr", Kind.UPTR);

  public SpecialFields {
    fields = fields.stream().sorted(Comparator.comparingInt(Field::offset)).toList();
  }

  /// What a special field is.
  public enum Kind {
    SPIN_LOCK(4),
    RES_SPIN_LOCK(4),
    TIMER(16),
    WORKQUEUE(16),
    KPTR(8),
    KPTR_UNTRUSTED(8),
    KPTR_PERCPU(8),
    UPTR(8),
    LIST_HEAD(16),
    LIST_NODE(24),
    RB_ROOT(16),
    RB_NODE(32),
    REFCOUNT(4),
    TASK_WORK(8);

    private final int bytes;

    Kind(int bytes) {
      this.bytes = bytes;
    }

    /// Bytes of such a field; a struct of that name with another size is plain bytes.
    int bytes() {
      return bytes;
    }

    /// Where such a field may lie; what looks like one elsewhere is plain bytes.
    int alignment() {
      return switch (this) {
        case SPIN_LOCK, RES_SPIN_LOCK, REFCOUNT -> Integer.BYTES;
        default -> Long.BYTES;
      };
    }
  }

  /// One special field, of `size` bytes at `offset`.
  public record Field(Kind kind, int offset, int size) {}

  /// Lets go of what a special field of a deleted element holds, such as a running timer.
  @FunctionalInterface
  public interface Releaser {
    /// Those of a list or tree are taken out one by one, under the lock beside it; where that does
    /// not come free they stay.
    ///
    /// @param address where the field lies
    /// @param lock the address of the lock beside it, or 0
    void release(RuntimeMap map, Field field, long address, long lock);

    /// Lets go of all timers and work of a map, of whatever element, deleted or not; of none where
    /// there are no timers.
    default void releaseTimers(RuntimeMap map) {}
  }

  public static SpecialFields none() {
    return NONE;
  }

  /// The special fields of a BTF type, 0 meaning none.
  public static SpecialFields of(Btf btf, int valueType) {
    if (valueType == 0 || !btf.has(valueType)) {
      return NONE;
    }
    List<Field> found = new ArrayList<>();
    collect(btf, btf.resolve(valueType), 0, DEPTH, found);
    return found.isEmpty() ? NONE : new SpecialFields(found);
  }

  /// The special fields of a map's value of this type. Nodes of lists and trees are such in objects
  /// only (`map_check_btf` in `kernel/bpf/syscall.c`).
  public static SpecialFields ofValue(Btf btf, int valueType) {
    SpecialFields all = of(btf, valueType);
    List<Field> kept =
        all.fields.stream()
            .filter(field -> field.kind() != Kind.LIST_NODE && field.kind() != Kind.RB_NODE)
            .toList();
    return kept.size() == all.fields.size() ? all : new SpecialFields(kept);
  }

  public boolean isEmpty() {
    return fields.isEmpty();
  }

  /// Whether these are the others, in programs' eyes. Where some lead to objects, the fields alone
  /// do not tell of which types these are: then all types must be the same.
  boolean agree(Btf types, SpecialFields others, Btf otherTypes) {
    return equals(others) && (!leadToObjects() || types.ownTypes().equals(otherTypes.ownTypes()));
  }

  private boolean leadToObjects() {
    return fields.stream()
        .anyMatch(field ->
            switch (field.kind()) {
              case KPTR, KPTR_UNTRUSTED, KPTR_PERCPU, UPTR, LIST_HEAD, RB_ROOT -> true;
              case SPIN_LOCK,
                  RES_SPIN_LOCK,
                  TIMER,
                  WORKQUEUE,
                  LIST_NODE,
                  RB_NODE,
                  REFCOUNT,
                  TASK_WORK ->
                  false;
            });
  }

  public boolean has(Kind kind) {
    return find(kind).isPresent();
  }

  /// Whether the fields lie one behind the other within a value of so many bytes. Types that were
  /// not made by a compiler may say anything.
  public boolean fit(int size) {
    int end = 0;
    for (Field field : fields) {
      if (field.offset() < end || field.size() > size - field.offset()) {
        return false;
      }
      end = field.offset() + field.size();
    }
    return true;
  }

  /// Whether one of them is a lock.
  public boolean haveLock() {
    for (int i = 0; i < fields.size(); i++) {
      Kind kind = fields.get(i).kind();
      if (kind == Kind.SPIN_LOCK || kind == Kind.RES_SPIN_LOCK) {
        return true;
      }
    }
    return false;
  }

  /// Whether a field of this kind begins at this offset.
  public boolean at(long offset, Kind kind) {
    for (Field field : fields) {
      if (field.offset() == offset) {
        return field.kind() == kind;
      }
    }
    return false;
  }

  /// Whether programs may not store these bytes directly: they belong to a field that only helpers
  /// change. A pointer that owns nothing may be stored as a whole.
  public boolean protects(long offset, int size) {
    for (Field field : fields) {
      if (offset < field.offset() + field.size() && offset + size > field.offset()) {
        return field.kind() != Kind.KPTR_UNTRUSTED
            || offset != field.offset()
            || size != field.size();
      }
    }
    return false;
  }

  /// The first field of a kind.
  public Optional<Field> find(Kind kind) {
    return fields.stream().filter(field -> field.kind() == kind).findFirst();
  }

  private static void collect(Btf btf, int id, int offset, int depth, List<Field> found) {
    if (depth == 0 || found.size() >= MAX_FIELDS) {
      return;
    }
    switch (btf.type(id)) {
      case BtfType.Pointer pointer -> pointer(btf, pointer, offset, found);
      case BtfType.Array array -> array(btf, array, offset, depth, found);
      case BtfType.DataSection section -> {
        for (BtfType.SectionVariable variable : section.variables()) {
          if (btf.type(variable.type()) instanceof BtfType.Variable declared) {
            collect(btf, declared.type(), offset + variable.offset(), depth - 1, found);
          }
        }
      }
      case BtfType.Composite composite when !composite.union() -> {
        Kind kind = STRUCTS.get(composite.name());
        if (kind != null) {
          if (offset % kind.alignment() == 0 && composite.size() == kind.bytes()) {
            found.add(new Field(kind, offset, composite.size()));
          }
          return;
        }
        for (BtfType.Member member : composite.members()) {
          if (member.bitFieldBits() == 0 && member.bitOffset() % 8 == 0) {
            collect(btf, member.type(), offset + member.bitOffset() / 8, depth - 1, found);
          }
        }
      }
      default -> {
        // Plain bytes, as is what a typedef, a qualifier or a union hides.
      }
    }
  }

  private static void pointer(Btf btf, BtfType.Pointer pointer, int offset, List<Field> found) {
    if (btf.type(pointer.target()) instanceof BtfType.TypeTag tag
        && btf.resolved(tag.target()) instanceof BtfType.Composite) {
      Kind kind = TAGS.get(tag.name());
      if (kind != null && offset % kind.alignment() == 0) {
        found.add(new Field(kind, offset, Long.BYTES));
      }
    }
  }

  private static void array(
      Btf btf, BtfType.Array array, int offset, int depth, List<Field> found) {
    List<Field> first = new ArrayList<>();
    collect(btf, array.element(), 0, depth - 1, first);
    if (first.isEmpty()) {
      return;
    }
    int size = sizeOf(btf, array.element());
    for (int i = 0; i < array.count() && found.size() < MAX_FIELDS; i++) {
      for (Field field : first) {
        found.add(new Field(field.kind(), offset + i * size + field.offset(), field.size()));
      }
    }
  }

  private static int sizeOf(Btf btf, int id) {
    return switch (btf.type(id)) {
      case BtfType.Typedef type -> sizeOf(btf, type.target());
      case BtfType.Qualifier type -> sizeOf(btf, type.target());
      case BtfType.Composite type -> type.size();
      case BtfType.Array array -> array.count() * sizeOf(btf, array.element());
      default -> Long.BYTES;
    };
  }
}
