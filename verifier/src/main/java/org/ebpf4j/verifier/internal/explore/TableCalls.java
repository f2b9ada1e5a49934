package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.rules.HelperTraits;
import org.ebpf4j.verifier.internal.rules.Rules;

/// What the graph of instructions needs to know of calls, from the tables.
public final class TableCalls implements ControlFlow.CallKinds {
  private static final int ALL_ARGUMENTS = 5;

  private final Rules rules;

  public TableCalls(Rules rules) {
    this.rules = rules;
  }

  @Override
  public boolean callsBack(int helper) {
    return rules.helper(helper).map(h -> HelperTraits.callsBack(h.name())).orElse(false);
  }

  @Override
  public boolean callsBackLater(int helper) {
    return rules.helper(helper).map(h -> HelperTraits.callsBackLater(h.name())).orElse(false);
  }

  @Override
  public boolean kernelCallsBack(int slot) {
    return false;
  }

  @Override
  public boolean isIteratorNext(int slot) {
    return false;
  }

  @Override
  public int arguments(int helper) {
    return rules.helper(helper).map(h -> h.arguments().size()).orElse(ALL_ARGUMENTS);
  }

  @Override
  public int kernelArguments(int slot) {
    return ALL_ARGUMENTS;
  }
}
