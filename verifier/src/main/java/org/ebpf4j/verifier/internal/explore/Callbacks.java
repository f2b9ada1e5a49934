package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.ebpf4j.verifier.internal.types.SpecialField;

/// Functions of the program that helpers call: any number of times before the helper returns, or
/// once, later.
final class Callbacks {
  private final Walk walk;

  Callbacks(Walk walk) {
    this.walk = walk;
  }

  void eachElement(Call call) {
    MapType type = call.map == null ? MapType.ARENA : call.map.type();
    boolean allowed =
        switch (type) {
          case HASH, ARRAY, PERCPU_HASH, PERCPU_ARRAY, LRU_HASH, LRU_PERCPU_HASH -> true;
          default -> false;
        };
    if (!allowed) {
      throw walk.refuse(Errno.ENOTSUPP, "callback function not allowed for map");
    }
    Value map = walk.peek(1);
    Value context = walk.peek(3);
    Frame frame = enter(call.subprogram);
    frame.setRegister(1, map);
    frame.setRegister(2, Value.pointer(Kind.MAP_KEY, 0, map.target()));
    frame.setRegister(3, Value.pointer(Kind.MAP_VALUE, 0, map.target()));
    frame.setRegister(4, context);
  }

  void loop(Call call) {
    if (walk.peek(4).isZero()) {
      walk.needPrecise(4);
    }
    walk.needPrecise(1);
    Frame caller = walk.state.top();
    long rounds = walk.peek(1).number().umax();
    if (Long.compareUnsigned(caller.callbackDepth, rounds) < 0) {
      Value context = walk.peek(3);
      Frame frame = enter(call.subprogram);
      frame.setRegister(1, Value.UNKNOWN);
      frame.setRegister(2, context);
    } else {
      caller.callbackDepth = 0;
    }
  }

  void virtualMemoryArea(Call call) {
    Value task = walk.peek(1);
    Value context = walk.peek(4);
    Frame frame = enter(call.subprogram);
    frame.setRegister(1, task);
    frame.setRegister(
        2, Value.pointer(Kind.BTF_OBJECT, 0, walk.rules.kernel().struct("vm_area_struct")));
    frame.setRegister(3, context);
  }

  void ringDrain(Call call) {
    Value context = walk.peek(3);
    Frame frame = enter(call.subprogram);
    frame.setRegister(
        1,
        Value.pointer(Kind.DYNPTR, 0, new Target.Dynamic(Target.DynptrType.LOCAL, true))
            .withId(walk.newId()));
    frame.setRegister(2, context);
  }

  /// A function that orders the nodes of a tree, under the tree's lock.
  void order(KernelCallFacts facts, ObjectGraph graph) {
    SpecialField root = facts.root;
    if (root == null) {
      throw new IllegalStateException("a tree without its root");
    }
    Frame frame = enter(facts.subprogram);
    Value node = graph.nonOwning(ObjectGraph.nodeOf(root));
    frame.setRegister(1, node);
    frame.setRegister(2, node);
  }

  /// A function that is run later, where it may sleep, on a value of a map.
  void work(KernelCallFacts facts) {
    Value map = facts.map;
    if (map == null) {
      throw new IllegalStateException("work on a value without its map");
    }
    VerifierState later = later(facts.subprogram);
    later.sleepable = true;
    onMap(later.top(), map);
  }

  void timer(Call call) {
    onMap(later(call.subprogram).top(), walk.peek(1));
  }

  private static void onMap(Frame frame, Value value) {
    frame.setRegister(1, Value.pointer(Kind.MAP, 0, value.target()));
    frame.setRegister(2, Value.pointer(Kind.MAP_KEY, 0, value.target()));
    frame.setRegister(3, Value.pointer(Kind.MAP_VALUE, 0, value.target()));
  }

  /// A state that starts in a function called asynchronously, with nothing known.
  VerifierState later(int subprogram) {
    markCallback(subprogram);
    walk.code.subprogram(subprogram).isAsyncCallback = true;
    Frame frame = new Frame(-1, 0, subprogram);
    frame.inAsyncCallback = true;
    frame.asyncEntries = walk.state.top().asyncEntries + 1;
    frame.returnMax = 0;
    VerifierState later = new VerifierState(frame);
    later.branches = 1;
    later.trail = walk.state.trail;
    later.pathSteps = walk.state.pathSteps;
    later.turns = walk.state.turns;
    walk.later(later, walk.code.subprogram(subprogram).start());
    return later;
  }

  /// Puts aside a state that runs the callback once more, and goes on from the call with the one
  /// that does not.
  ///
  /// @return the callback's frame, for its arguments
  Frame enter(int subprogram) {
    if (subprogram < 0) {
      throw walk.refuse(Errno.EINVAL, "callback function not static");
    }
    markCallback(subprogram);
    if (walk.state.depth() + 1 >= VerifierState.MAX_FRAMES) {
      throw walk.refuse(
          Errno.E2BIG, "the call stack of %d frames is too deep", walk.state.depth() + 2);
    }
    VerifierState inside = walk.fork(walk.code.subprogram(subprogram).start(), Errno.ENOMEM);
    Frame frame = new Frame(walk.slot, inside.depth() + 1, subprogram);
    frame.inCallback = true;
    frame.asyncEntries = walk.state.top().asyncEntries;
    inside.push(frame);
    inside.callbackUnrollDepth++;
    inside.frame(inside.depth() - 1).callbackDepth++;
    walk.state.top().callbackDepth = 0;
    return frame;
  }

  private void markCallback(int subprogram) {
    walk.code.subprogram(subprogram).isCallback = true;
  }
}
