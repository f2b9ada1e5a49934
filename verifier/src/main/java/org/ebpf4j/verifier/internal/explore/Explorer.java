package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import java.util.OptionalLong;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.facts.Observations;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Walks all paths of a program, and of each of its global functions.
public final class Explorer {
  /// The number of `bpf_tail_call`.
  static final int TAIL_CALL = 12;

  private final ProgramCode code;
  private final Rules rules;
  private final Walk walk;
  private final AluSteps alu;
  private final MemoryAccess memory;
  private final Branches branches;
  private final FunctionCalls functions;
  private final HelperCalls helpers;
  private final KernelCalls kernel;
  private final ConstantLoads constants;
  private final RegionAccess regions;
  private final References references;
  private final GlobalFunctions globals;
  private final RunLength lengths = new RunLength();
  private final @Nullable Observer observer;
  private VerifierState first = new VerifierState();
  private int idsBefore;

  /// @param everyInstruction keep a state wherever states are compared, to test pruning
  /// @param observer who follows the walk, if anyone does
  public Explorer(
      ProgramCode code,
      ControlFlow flow,
      Rules rules,
      boolean everyInstruction,
      @Nullable Observer observer) {
    this.observer = observer;
    this.code = code;
    this.rules = rules;
    Precision precision =
        new Precision(
            code, flow::callsBack, observer == null ? null : observer.precision().orElse(null));
    Pruner pruner =
        new Pruner(flow, code.size(), precision, everyInstruction, rules.isUnprivileged());
    this.walk = new Walk(code, flow, rules, pruner, precision);
    this.references = new References(walk);
    StackObjects objects = new StackObjects(walk, references);
    StackAccess stack = new StackAccess(walk, objects);
    this.regions = new RegionAccess(walk);
    ObjectAccess objectAccess = new ObjectAccess(walk);
    ContextAccess contexts = new ContextAccess(walk);
    KeptPointers pointers = new KeptPointers(walk, regions);
    this.memory = new MemoryAccess(walk, stack, regions, contexts, objectAccess, pointers);
    HelperMemory helperMemory = new HelperMemory(walk, stack, regions, objectAccess, contexts);
    Locks locks = new Locks(walk);
    Callbacks callbacks = new Callbacks(walk);
    ArgumentCheck arguments =
        new ArgumentCheck(walk, helperMemory, memory, regions, objects, locks, pointers);
    this.alu = new AluSteps(walk);
    this.branches = new Branches(walk);
    this.globals = new GlobalFunctions(walk, helperMemory, regions, objects);
    ReturnCheck returns = new ReturnCheck(walk);
    ObjectGraph graph = new ObjectGraph(walk);
    this.functions = new FunctionCalls(walk, references, globals, returns);
    this.helpers = new HelperCalls(walk, arguments, stack, objects, references, callbacks);
    Iterators iterators = new Iterators(walk, stack, objects, references);
    Sections sections = new Sections(walk, stack, objects, graph);
    TypedArguments typed = new TypedArguments(walk, regions);
    this.kernel =
        new KernelCalls(
            walk,
            new KernelArguments(
                walk,
                helperMemory,
                objects,
                iterators,
                arguments,
                graph,
                sections,
                typed,
                new FieldArguments(walk, regions, locks, typed)),
            new KernelResults(walk, iterators, graph, references),
            sections,
            references,
            iterators,
            graph,
            callbacks,
            returns);
    this.constants = new ConstantLoads(walk);
  }

  /// Walks everything.
  ///
  /// @throws Refusal if some path is not safe
  public void explore() {
    run(main(), 0);
    lengths.add(walk.pruner, true);
    if (code.exceptionCallback() >= 0) {
      lengths.addException();
      code.subprogram(code.exceptionCallback()).called = true;
    }
    boolean more = true;
    boolean[] done = new boolean[code.subprogramCount()];
    while (more) {
      more = false;
      for (int i = 1; i < code.subprogramCount(); i++) {
        Subprogram subprogram = code.subprogram(i);
        if (subprogram.isGlobal() && subprogram.called && !done[i]) {
          done[i] = true;
          more = true;
          walk.pruner.restart();
          Frame frame = globals.frameFor(subprogram);
          frame.inExceptionCallback = subprogram.isExceptionCallback;
          run(frame, subprogram.start());
          lengths.add(walk.pruner, false);
        }
      }
    }
    walk.secrecy.finish();
    new StackDepthCheck(code, rules).check();
    walk.observed.finish();
  }

  /// Walks only the path on which another walk of the program was refused.
  public void retrace(Explorer refused) {
    start(refused.first.copy(), refused.first.slot);
    walk.continueIds(refused.idsBefore);
    new Retrace(refused.walk.state, refused.walk.within).follow(walk, this::take);
  }

  /// The program's first frame. What replaces a function takes what that function takes.
  private Frame main() {
    if (rules.replaced().isPresent()) {
      return globals.frameFor(code.subprogram(0));
    }
    Frame main = new Frame(-1, 0, 0);
    main.setRegister(1, Value.pointer(Kind.CONTEXT));
    return main;
  }

  /// Instructions explored.
  public long processed() {
    return walk.processed;
  }

  /// What holds in every run, as far as the walk tells.
  public Observations observed() {
    return walk.observed;
  }

  /// The most instructions that one run executes, if the walk tells.
  public OptionalLong longestRun() {
    return lengths.longest();
  }

  /// The state at the instruction that is being looked at.
  public VerifierState state() {
    return walk.state;
  }

  /// The instruction that is being looked at.
  public int slot() {
    return walk.slot;
  }

  private void run(Frame outermost, int start) {
    VerifierState entry = new VerifierState(outermost);
    entry.branches = 1;
    entry.sleepable = rules.isSleepable();
    entry.slot = start;
    entry.firstSlot = start;
    first = entry.copy();
    idsBefore = walk.lastId();
    start(entry, start);
    while (true) {
      int next = step();
      if (next != FunctionCalls.ENDS) {
        walk.previous = walk.slot;
        walk.slot = next;
      } else {
        walk.state.slot = walk.slot;
        for (VerifierState uncovered : walk.pruner.closePath(walk.state)) {
          walk.again(uncovered);
        }
        if (!walk.next()) {
          return;
        }
        if (observer != null) {
          observer.resumes(walk.state, walk.previous, walk.slot);
        }
      }
    }
  }

  private void start(VerifierState entry, int slot) {
    walk.state = entry;
    walk.slot = slot;
    walk.previous = -1;
    if (observer != null) {
      observer.resumes(entry, -1, slot);
    }
  }

  /// @return the slot to go on from, or [FunctionCalls#ENDS]
  private int step() {
    walk.within = false;
    int slot = walk.slot;
    if (slot >= code.size()) {
      throw walk.refuse(Errno.EFAULT, "invalid insn idx %d insn_cnt %d", slot, code.size());
    }
    if (++walk.processed > rules.limits().instructions()) {
      throw walk.refuse(Errno.E2BIG, "BPF program is too large. Processed %d insn", walk.processed);
    }
    VerifierState state = walk.state;
    state.lastSlot = walk.previous;
    state.slot = slot;
    walk.observed.edge(walk.previous, slot);
    if (walk.flow.isPrunePoint(slot)
        && walk.pruner.visit(state, walk.processed, walk.lastId(), walk.flow.isJumpPoint(slot))) {
      if (observer != null) {
        observer.covered(state, walk.previous, slot);
      }
      return FunctionCalls.ENDS;
    }
    if (walk.pruner.memory() > rules.limits().bytes()) {
      throw new NotJudged(
          "its states take more than %d bytes, the host's limit of memory for the verifier"
              .formatted(rules.limits().bytes()));
    }
    return take();
  }

  /// Applies an instruction's rules.
  ///
  /// @return the slot to go on from, or [FunctionCalls#ENDS]
  private int take() {
    int slot = walk.slot;
    VerifierState state = walk.state;
    observe(slot, state);
    state.steps++;
    state.pathSteps++;
    walk.startInstruction();
    if (observer != null) {
      observer.before(state, slot);
    }
    int next = execute(code.at(slot));
    walk.observed.after(slot, walk.state);
    if (observer != null) {
      observer.after(walk.state, slot, next);
    }
    return next;
  }

  private void observe(int slot, VerifierState state) {
    walk.observed.before(slot, state, walk.flow.liveBefore(slot));
    if (!walk.flow.callsBack(slot)) {
      walk.observed.arguments(slot, state);
    }
  }

  private int execute(@Nullable Instruction instruction) {
    int slot = walk.slot;
    switch (instruction) {
      case Instruction.Alu i -> alu.alu(i);
      case Instruction.Load i -> memory.load(i);
      case Instruction.Store i -> memory.store(i);
      case Instruction.Jump i -> {
        walk.pruner.countJump();
        return branches.jump(i);
      }
      case Instruction.LoadImmediate64 i -> {
        constants.load(i);
        return slot + 2;
      }
      case Instruction.CallHelper(int helper) -> {
        walk.pruner.countJump();
        helpers.call(helper);
        if (helper == TAIL_CALL && walk.state.depth() > 0 && !walk.state.top().inCallback) {
          // The program that it enters may change the packet, and returns to this function's
          // caller, with any result.
          walk.fork(slot + 1);
          references.forgetPacket();
          walk.state.setRegister(0, Value.UNKNOWN);
          return functions.leave();
        }
      }
      case Instruction.Goto i -> {
        walk.pruner.countJump();
        return slot + 1 + i.offset();
      }
      case Instruction.Exit i -> {
        walk.pruner.countJump();
        return functions.exit();
      }
      case Instruction.CallLocal i -> {
        walk.pruner.countJump();
        if (walk.state.lockCount > 0 && code.subprogramStarting(slot + i.offset() + 1) < 0) {
          throw walk.refuse(Errno.EINVAL, "function calls are not allowed while holding a lock");
        }
        return functions.call(slot + i.offset() + 1);
      }
      case Instruction.MoveSignExtended i -> alu.moveSignExtended(i);
      case Instruction.Negate i -> alu.negate(i);
      case Instruction.SwapBytes i -> alu.swapBytes(i);
      case Instruction.Atomic i -> memory.atomic(i);
      case Instruction.LoadAcquire i -> memory.loadAcquire(i);
      case Instruction.StoreRelease i -> memory.storeRelease(i);
      case Instruction.CastAddressSpace i -> alu.castAddressSpace(i);
      case Instruction.MayGoto i -> {
        walk.pruner.countJump();
        return mayGoto(i);
      }
      case Instruction.LoadPacket i -> {
        return loadPacket(i);
      }
      case Instruction.CallKernel i -> {
        walk.pruner.countJump();
        Optional<HelperPrototype> own = rules.ownFunction(code.reference(slot));
        if (own.isEmpty()) {
          return kernel.call(i);
        }
        helpers.call(own.get());
      }
      case null -> throw MalformedText.refusal(code, slot);
    }
    return slot + 1;
  }

  /// The loop goes on for as long as the host lets it; each round is one more level.
  private int mayGoto(Instruction.MayGoto jump) {
    VerifierState other = walk.fork(walk.slot + 1, Errno.ENOMEM);
    other.mayGotoDepth++;
    walk.widen(walk.state.parent, walk.slot, other);
    return walk.slot + 1 + jump.offset();
  }

  private int loadPacket(Instruction.LoadPacket load) {
    switch (rules.type()) {
      case SOCKET_FILTER, SCHED_CLS, SCHED_ACT -> {}
      default ->
          throw walk.refuse(
              Errno.EINVAL, "BPF_LD_[ABS|IND] instructions not allowed for this program type");
    }
    for (int f = walk.state.depth(); f > 0; f--) {
      if (walk.state.frame(f).inCallback) {
        throw walk.refuse(Errno.EINVAL, "cannot use BPF_LD_[ABS|IND] within callback");
      }
    }
    Value context = walk.read(6);
    references.checkNoSections("BPF_LD_[ABS|IND]");
    if (context.kind() != Kind.CONTEXT) {
      throw walk.refuse(Errno.EINVAL, "at the time of BPF_LD_ABS|IND R6 != pointer to skb");
    }
    if (load.index() instanceof Operand.Reg(var register)) {
      walk.read(register);
    }
    regions.checkUnmodified(6, context, false);
    walk.clobber();
    walk.state.setRegister(0, Value.UNKNOWN);
    if (walk.state.depth() > 0) {
      // A load beyond the packet returns 0 from this function.
      walk.fork(walk.slot + 1);
      walk.state.setRegister(0, Value.ZERO);
      return functions.leave();
    }
    return walk.slot + 1;
  }
}
