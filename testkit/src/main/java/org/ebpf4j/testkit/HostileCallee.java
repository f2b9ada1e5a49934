package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.KernelFunctions;
import org.ebpf4j.abi.ProgramType;

/// What a hostile program may call: a row of the tables.
///
/// @param prototype what it takes and gives
/// @param kernel whether it is a kernel function, called by name
record HostileCallee(HelperPrototype prototype, boolean kernel) {
  private static final int TAIL_CALL = 12;

  /// How far on either side of a row its relatives stand.
  private static final int NEAR = 6;

  /// All that programs of a type may call, in the tables' order, which keeps relatives together.
  /// Tail calls have programs of their own.
  static List<HostileCallee> of(ProgramType type) {
    List<HostileCallee> callees = new ArrayList<>();
    for (HelperPrototype helper : Helpers.all()) {
      if (helper.id() != TAIL_CALL && HelperPermissions.allows(type, Optional.empty(), helper)) {
        callees.add(new HostileCallee(Helpers.byId(helper.id(), type).orElseThrow(), false));
      }
    }
    for (HelperPrototype function : KernelFunctions.all().values()) {
      callees.add(new HostileCallee(function, true));
    }
    return callees;
  }

  /// One of them and its relatives.
  static List<HostileCallee> theme(List<HostileCallee> all, Chance chance) {
    int centre = chance.below(all.size());
    return all.subList(Math.max(0, centre - NEAR), Math.min(all.size(), centre + NEAR + 1));
  }

  /// Whether it works on a list or tree, whose lock has to be held.
  boolean worksOnGraphs() {
    return prototype.name().startsWith("bpf_list") || prototype.name().startsWith("bpf_rbtree");
  }

  /// What gives a result of a sort: one of those whose names begin most like this one's.
  Optional<HostileCallee> producer(
      List<HostileCallee> all, HostileWriter.Sort wanted, Chance chance) {
    List<HostileCallee> best = new ArrayList<>();
    int most = -1;
    for (HostileCallee other : all) {
      int alike = alike(other.prototype.name());
      if (HostileWriter.Sort.of(other.prototype.result()) == wanted && alike >= most) {
        if (alike > most) {
          best.clear();
          most = alike;
        }
        best.add(other);
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(chance.pick(best));
  }

  /// How many letters at the beginning of its name and another's are the same; more for what makes
  /// objects of which lists and trees are made.
  int alike(String other) {
    String name = prototype.name();
    if (worksOnGraphs() && other.startsWith("bpf_obj_new")) {
      return Integer.MAX_VALUE;
    }
    int length = 0;
    while (length < Math.min(name.length(), other.length())
        && name.charAt(length) == other.charAt(length)) {
      length++;
    }
    return length;
  }
}
