package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Values that belong to sockets, threads, inodes and control groups. Sources: `bpf_sk_storage.c`,
/// `bpf_task_storage.c`, `bpf_inode_storage.c`, `bpf_cgrp_storage.c` of Linux 6.18.
enum StorageHelpers implements HelperBody {
  SK_STORAGE_GET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.get(run, a, Owner.socket(run, b), c, d);
    }
  },

  SK_STORAGE_DELETE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.delete(run, a, Owner.socket(run, b));
    }
  },

  TASK_STORAGE_GET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.get(run, a, Owner.task(b), c, d);
    }
  },

  TASK_STORAGE_DELETE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.delete(run, a, Owner.task(b));
    }
  },

  INODE_STORAGE_GET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.get(run, a, b, c, d);
    }
  },

  INODE_STORAGE_DELETE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.delete(run, a, b);
    }
  },

  CGRP_STORAGE_GET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.get(run, a, Owner.controlGroup(b), c, d);
    }
  },

  CGRP_STORAGE_DELETE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Owner.delete(run, a, Owner.controlGroup(b));
    }
  },

  /// The value of the current control group. It stays from run to run, as that of a program which
  /// is attached; Linux's test run makes a new one for each call. Linux makes it before the program
  /// runs, and proofs take it for there: where there can be none, the run ends.
  GET_LOCAL_STORAGE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long group = run.environment().controlGroup();
      long value = Owner.get(run, a, group, 0, Owner.CREATE);
      if (value == 0) {
        throw new Fault(
            ProgramFault.Kind.LIMIT,
            0,
            "bpf_get_local_storage#81: there is no room for a value of control group " + group);
      }
      return value;
    }
  }
}
