package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Arguments of kernel functions that are maps, or fields with a meaning in the values of maps:
/// work queues, task work and resilient locks. Source of the rules: `check_kfunc_args`,
/// `check_map_field_pointer` and `process_spin_lock` in Linux's `kernel/bpf/verifier.c`.
final class FieldArguments {
  private static final int NO_FIELD = -22;

  private final Walk walk;
  private final RegionAccess regions;
  private final Locks locks;
  private final TypedArguments typed;

  FieldArguments(Walk walk, RegionAccess regions, Locks locks, TypedArguments typed) {
    this.walk = walk;
    this.regions = regions;
    this.locks = locks;
    this.typed = typed;
  }

  void map(int register, Value value, KernelCallFacts facts) {
    if (!(value.kind() == Kind.MAP
        && value.target() instanceof Target.InMap(MapInfo map, int uid))) {
      if (value.kind() == Kind.BTF_OBJECT) {
        typed.checkTrust(register, value, facts.function);
        typed.checkOffset(register, value, facts.function);
        typed.check(register, "bpf_map", value, facts);
        return;
      }
      throw walk.refuse(Errno.EINVAL, "pointer in R%d isn't map pointer", register);
    }
    Value before = facts.map;
    boolean tracked = map.has(SpecialField.Kind.WORK_QUEUE) || map.has(SpecialField.Kind.TASK_WORK);
    if (before != null
        && tracked
        && before.target() instanceof Target.InMap(MapInfo other, int otherUid)
        && (other != map || otherUid != uid)) {
      throw walk.refuse(
          Errno.EINVAL,
          "%s pointer in R%d map_uid=%d doesn't match map pointer in R%d map_uid=%d",
          map.has(SpecialField.Kind.WORK_QUEUE) ? "workqueue" : "bpf_task_work",
          register - 1,
          otherUid,
          register,
          uid);
    }
    facts.map = value;
    typed.checkTrust(register, value, facts.function);
    typed.checkOffset(register, value, facts.function);
  }

  void workQueue(int register, Value value, KernelCallFacts facts) {
    typed.checkOffset(register, value, facts.function);
    requireMapValue(register, value);
    long at = value.offset() + value.number().value();
    int there = offsetOf(SpecialField.Kind.WORK_QUEUE, value);
    if (at != there) {
      throw walk.refuse(
          Errno.EINVAL, "off %d doesn't point to 'struct bpf_wq' that is at %d", at, there);
    }
    facts.map = value;
  }

  void taskWork(int register, Value value, KernelCallFacts facts) {
    typed.checkOffset(register, value, facts.function);
    requireMapValue(register, value);
    if (!value.number().isConstant()) {
      throw walk.refuse(
          Errno.EINVAL,
          "R%d doesn't have constant offset. bpf_task_work has to be at the constant offset",
          register);
    }
    MapInfo map = regions.map(value);
    if (!map.hasValueType()) {
      throw walk.refuse(
          Errno.EINVAL, "map '%s' has to have BTF in order to use bpf_task_work", map.kernelName());
    }
    int there = offsetOf(SpecialField.Kind.TASK_WORK, value);
    if (there == NO_FIELD) {
      throw walk.refuse(Errno.EINVAL, "map '%s' has no valid bpf_task_work", map.kernelName());
    }
    long at = value.offset() + value.number().value();
    if (at != there) {
      throw walk.refuse(
          Errno.EINVAL, "off %d doesn't point to 'struct bpf_task_work' that is at %d", at, there);
    }
    facts.map = value;
  }

  private void requireMapValue(int register, Value value) {
    if (!value.is(Kind.MAP_VALUE, 0)) {
      throw walk.refuse(Errno.EINVAL, "arg#%d doesn't point to a map value", register - 1);
    }
  }

  private int offsetOf(SpecialField.Kind kind, Value value) {
    for (SpecialField field : walk.rules.fields(value)) {
      if (field.kind() == kind) {
        return field.offset();
      }
    }
    return NO_FIELD;
  }

  void resilientLock(int register, Value value, KernelCallFacts facts) {
    typed.checkOffset(register, value, facts.function);
    if (!value.is(Kind.MAP_VALUE, 0) && !value.is(Kind.BTF_OBJECT, Flags.ALLOCATED)) {
      throw walk.refuse(
          Errno.EINVAL, "arg#%d doesn't point to map value or allocated object", register - 1);
    }
    boolean irq = facts.name().endsWith("irqsave") || facts.name().endsWith("irqrestore");
    locks.apply(
        register,
        value,
        !facts.name().startsWith("bpf_res_spin_unlock"),
        irq ? Acquired.Kind.RESILIENT_LOCK_IRQ : Acquired.Kind.RESILIENT_LOCK);
  }
}
