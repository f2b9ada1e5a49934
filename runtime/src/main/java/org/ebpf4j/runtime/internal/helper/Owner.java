package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.map.StorageMap;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Who a value in a storage map belongs to: a number, 0 and less being nobody.
final class Owner {
  /// `BPF_LOCAL_STORAGE_GET_F_CREATE`.
  static final long CREATE = 1;

  private Owner() {}

  /// The owner that a socket is.
  static long socket(Run run, long address) {
    return SocketStruct.cookie(Sockets.check(run, address));
  }

  /// The owner that a thread is.
  static long task(long handle) {
    return Handles.taskNumber(handle);
  }

  /// The owner that a control group is.
  static long controlGroup(long handle) {
    return Handles.controlGroupId(handle);
  }

  /// The address of the owner's value, or 0.
  ///
  /// @param initial address of what a new value begins with, or 0 for zeros
  static long get(Run run, long map, long owner, long initial, long flags) {
    if (owner <= 0 || (flags & ~CREATE) != 0 || !(run.map(map) instanceof StorageMap storage)) {
      return 0;
    }
    Memory.putLong(run.scratch(), owner);
    return flags == 0
        ? storage.get(run.scratch(), run.cpu())
        : storage.getOrCreate(run.scratch(), initial, run.cpu());
  }

  /// 0 or a negated errno.
  static long delete(Run run, long map, long owner) {
    if (owner <= 0 || !(run.map(map) instanceof StorageMap storage)) {
      return Errno.EINVAL.negated();
    }
    Memory.putLong(run.scratch(), owner);
    return storage.remove(run.scratch(), run.cpu());
  }
}
