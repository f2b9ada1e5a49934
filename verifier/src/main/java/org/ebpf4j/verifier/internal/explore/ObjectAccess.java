package org.ebpf4j.verifier.internal.explore;

import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.ebpf4j.verifier.internal.types.StructWalk;

/// Loads through pointers to objects whose type BTF knows.
final class ObjectAccess {
  // Fields as good as what they are found in: BTF_TYPE_SAFE_… in Linux's kernel/bpf/verifier.c.
  private static final Set<String> TRUSTED =
      Set.of(
          "bpf_iter_meta.seq",
          "bpf_iter__task.meta",
          "bpf_iter__task.task",
          "linux_binprm.file",
          "file.f_inode");
  private static final Set<String> TRUSTED_OR_NULL =
      Set.of("socket.sk", "dentry.d_inode", "vm_area_struct.vm_mm", "vm_area_struct.vm_file");
  private static final Set<String> VALID_IN_RCU =
      Set.of(
          "task_struct.cpus_ptr",
          "task_struct.cgroups",
          "task_struct.real_parent",
          "task_struct.group_leader",
          "cgroup.kn",
          "css_set.dfl_cgrp",
          "cgroup_subsys_state.cgroup");
  private static final Set<String> VALID_IN_RCU_OR_NULL =
      Set.of("mm_struct.exe_file", "sk_buff.sk", "request_sock.sk");

  /// What a member gives that points to no struct: it may be read, as loads that fail give 0.
  /// Source: `WALK_PTR_UNTRUSTED` in Linux 6.18's `kernel/bpf/btf.c`.
  private static final Value UNTRUSTED_MEMORY =
      Value.pointer(Kind.MEMORY, Flags.READ_ONLY | Flags.UNTRUSTED, Target.Sized.of(0));

  private final Walk walk;
  private final KernelWrites kernelWrites;

  ObjectAccess(Walk walk) {
    this.walk = walk;
    this.kernelWrites = new KernelWrites(walk);
  }

  /// Checks an access to an object and tells what a load gives.
  Value check(int register, Value pointer, int offset, int size, boolean write) {
    if (!(pointer.target() instanceof Target.Typed(Btf btf, int type))) {
      throw new IllegalStateException("an object without a type");
    }
    String struct = btf.type(type).name();
    if (!walk.rules.isGpl() && btf != walk.rules.objectBtf()) {
      throw walk.refuse(
          Errno.EINVAL, "Cannot access kernel 'struct %s' from non-GPL compatible program", struct);
    }
    if (offset < 0) {
      throw walk.refuse(
          Errno.EACCES, "R%d is ptr_%s invalid negative access: off=%d", register, struct, offset);
    }
    if (!pointer.number().isZero()) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d is ptr_%s invalid variable offset: off=%d, var_off=%s",
          register,
          struct,
          offset,
          pointer.number().bits());
    }
    if (pointer.has(Flags.USER)) {
      throw walk.refuse(
          Errno.EACCES, "R%d is ptr_%s access user memory: off=%d", register, struct, offset);
    }
    if (pointer.has(Flags.PER_CPU)) {
      throw walk.refuse(
          Errno.EACCES, "R%d is ptr_%s access percpu memory: off=%d", register, struct, offset);
    }
    if (write && (!pointer.has(Flags.ALLOCATED) || pointer.has(Flags.UNTRUSTED))) {
      if (!pointer.has(Flags.ALLOCATED) && KernelWrites.mayBeAllowed(walk.rules)) {
        kernelWrites.check(btf, type, offset, size);
        return Value.UNKNOWN;
      }
      throw walk.refuse(Errno.EACCES, "only read is supported");
    }
    if (pointer.has(Flags.ALLOCATED)) {
      if (pointer.lifetime() != 0 && pointer.reference() == 0) {
        throw walk.refuse(
            Errno.EFAULT, "verifier bug: ref_obj_id for allocated object must be non-zero");
      }
      for (SpecialField field : walk.rules.fields(btf, type)) {
        if (offset < field.offset() + field.size() && field.offset() < offset + size) {
          throw walk.refuse(
              Errno.EACCES, "direct access to %s is disallowed", field.kind().typeName());
        }
      }
    }
    StructWalk.Member member = StructWalk.find(btf, type, offset, size);
    return switch (member) {
      case StructWalk.Member.PlainNumber number -> Value.UNKNOWN;
      case StructWalk.Member.PlainPointer plain -> UNTRUSTED_MEMORY;
      case StructWalk.Member.Outside(Errno errno, String reason) ->
          throw walk.refuse(errno, "%s", reason);
      case StructWalk.Member.Pointer found -> {
        if (pointer.has(Flags.ALLOCATED)) {
          yield Value.UNKNOWN;
        }
        Value loaded =
            Value.pointer(
                Kind.BTF_OBJECT,
                trust(pointer, struct, found),
                new Target.Typed(btf, found.target()));
        yield loaded.maybeNull() ? loaded.withId(walk.newId()) : loaded;
      }
    };
  }

  /// A pointer found in an object is trusted no further than the object, and in general less.
  private int trust(Value from, String struct, StructWalk.Member.Pointer found) {
    int flags = tagOf(found) | (found.shared() ? Flags.UNTRUSTED : 0);
    if (from.has(Flags.UNTRUSTED)) {
      return Flags.UNTRUSTED;
    }
    boolean rcu = from.has(Flags.RCU);
    boolean trusted =
        from.reference() != 0
            || rcu
            || from.has(Flags.TRUSTED | Flags.ALLOCATED | Flags.NON_OWNING);
    if (!trusted) {
      return flags & ~Flags.RCU;
    }
    String field = struct + "." + found.field();
    if (TRUSTED.contains(field)) {
      return flags | Flags.TRUSTED;
    }
    if (TRUSTED_OR_NULL.contains(field)) {
      return flags | Flags.TRUSTED | Flags.MAYBE_NULL;
    }
    if (!walk.rules.inRcu(walk.state)) {
      return Flags.UNTRUSTED;
    }
    if (VALID_IN_RCU.contains(field)) {
      return flags | Flags.RCU;
    }
    if (VALID_IN_RCU_OR_NULL.contains(field)) {
      return (flags | Flags.RCU | Flags.MAYBE_NULL) & ~Flags.UNTRUSTED;
    }
    return (flags & Flags.RCU) != 0 ? flags | Flags.MAYBE_NULL : flags;
  }

  private static int tagOf(StructWalk.Member.Pointer found) {
    return switch (found.tag()) {
      case "rcu" -> Flags.RCU;
      case "user" -> Flags.USER;
      case "percpu" -> Flags.PER_CPU;
      default -> 0;
    };
  }

  /// The struct that the kernel keeps a map in.
  String mapStruct(MapInfo map) {
    return switch (map.type()) {
      case ARRAY, PERCPU_ARRAY, PROG_ARRAY, PERF_EVENT_ARRAY, CGROUP_ARRAY, ARRAY_OF_MAPS ->
          "bpf_array";
      case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, HASH_OF_MAPS -> "bpf_htab";
      case STACK_TRACE -> "bpf_stack_map";
      case LPM_TRIE -> "lpm_trie";
      case DEVMAP, DEVMAP_HASH -> "bpf_dtab";
      case SOCKMAP -> "bpf_stab";
      case SOCKHASH -> "bpf_shtab";
      case CPUMAP -> "bpf_cpu_map";
      case XSKMAP -> "xsk_map";
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> "bpf_cgroup_storage_map";
      case REUSEPORT_SOCKARRAY -> "reuseport_array";
      case QUEUE, STACK -> "bpf_queue_stack";
      case SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE -> "bpf_local_storage_map";
      case STRUCT_OPS -> "bpf_struct_ops_map";
      case RINGBUF, USER_RINGBUF -> "bpf_ringbuf_map";
      case BLOOM_FILTER -> "bpf_bloom_filter";
      case ARENA -> "bpf_arena";
    };
  }

  /// Checks a load from the kernel's own struct of a map.
  Value checkMap(int register, MapInfo map, int offset, int size) {
    String struct = mapStruct(map);
    if (offset < 0) {
      throw walk.refuse(
          Errno.EACCES, "R%d is %s invalid negative access: off=%d", register, struct, offset);
    }
    Target.Typed typed = walk.rules.kernel().struct(struct);
    StructWalk.Member member = StructWalk.find(typed.btf(), typed.type(), offset, size);
    return switch (member) {
      case StructWalk.Member.PlainNumber number -> Value.UNKNOWN;
      case StructWalk.Member.PlainPointer plain -> UNTRUSTED_MEMORY;
      case StructWalk.Member.Outside(Errno errno, String reason) ->
          throw walk.refuse(errno, "%s", reason);
      case StructWalk.Member.Pointer found ->
          Value.pointer(
              Kind.BTF_OBJECT, Flags.UNTRUSTED, new Target.Typed(typed.btf(), found.target()));
    };
  }
}
