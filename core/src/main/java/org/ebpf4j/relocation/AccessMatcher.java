package org.ebpf4j.relocation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.EssentialName;
import org.ebpf4j.spec.CoreRelocation;

/// Finds in a candidate type of the target what an access names in the object's own types.
final class AccessMatcher {
  private static final int MAX_MEMBERS_SEEN = 1 << 20;

  private final Access local;
  private final Btf target;
  private final BtfLayout layout;
  private final Compatibility compatibility;
  private final List<Access.Step> steps = new ArrayList<>();
  private long bitOffset;
  private int membersSeen;

  private AccessMatcher(Access local, Btf target) {
    this.local = local;
    this.target = target;
    this.layout = new BtfLayout(target);
    this.compatibility = new Compatibility(local.btf(), target);
  }

  /// The same access in the target, or empty if the candidate has nothing like it.
  static Optional<Access> match(CoreRelocation.Kind kind, Access local, Btf target, int candidate) {
    AccessMatcher matcher = new AccessMatcher(local, target);
    return switch (kind) {
      case TYPE_ID_LOCAL, TYPE_ID_TARGET, TYPE_EXISTS, TYPE_SIZE ->
          matcher.type(candidate, matcher.compatibility.types(local.root(), candidate));
      case TYPE_MATCHES ->
          matcher.type(candidate, matcher.compatibility.matches(local.root(), candidate));
      case ENUM_VALUE, ENUM_VALUE_EXISTS -> matcher.enumerator(candidate);
      case FIELD_BYTE_OFFSET,
          FIELD_BYTE_SIZE,
          FIELD_EXISTS,
          FIELD_SIGNED,
          FIELD_LEFT_SHIFT,
          FIELD_RIGHT_SHIFT ->
          matcher.field(candidate);
    };
  }

  private Optional<Access> type(int candidate, boolean matches) {
    return matches ? Optional.of(Access.type(target, candidate)) : Optional.empty();
  }

  private Optional<Access> enumerator(int candidate) {
    int id = target.resolve(candidate);
    if (!(target.type(id) instanceof BtfType.Enumeration type)) {
      return Optional.empty();
    }
    String wanted = EssentialName.of(local.last().name());
    for (int i = 0; i < type.enumerators().size(); i++) {
      String name = type.enumerators().get(i).name();
      if (EssentialName.of(name).equals(wanted)) {
        return Optional.of(new Access(target, candidate, List.of(new Access.Step(id, i, name)), 0));
      }
    }
    return Optional.empty();
  }

  private Optional<Access> field(int candidate) {
    int id = target.resolve(candidate);
    for (Access.Step step : local.steps()) {
      OptionalInt next = step.element() ? element(step, id) : member(step, id, 1);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      id = target.resolve(next.getAsInt());
    }
    return Optional.of(new Access(target, candidate, steps, bitOffset));
  }

  /// The first step is into the array that a pointer to the root may point to, others into an array
  /// of the target.
  private OptionalInt element(Access.Step step, int id) {
    int element = id;
    if (!steps.isEmpty()) {
      if (!(target.type(id) instanceof BtfType.Array array)
          || (step.index() >= array.count() && !Access.isFlexible(target, steps, array))) {
        return OptionalInt.empty();
      }
      element = target.resolve(array.element());
    }
    OptionalInt size = layout.sizeOf(element);
    if (size.isEmpty()) {
      return OptionalInt.empty();
    }
    steps.add(new Access.Step(element, step.index(), ""));
    bitOffset += 8L * size.getAsInt() * step.index();
    return OptionalInt.of(element);
  }

  /// Looks for a member by name, also inside of members without a name.
  private OptionalInt member(Access.Step step, int id, int depth) {
    if (!(target.resolved(id) instanceof BtfType.Composite composite)
        || depth > Access.MAX_LENGTH) {
      return OptionalInt.empty();
    }
    for (int i = 0; i < composite.members().size(); i++) {
      BtfType.Member member = composite.members().get(i);
      if (++membersSeen > MAX_MEMBERS_SEEN) {
        return OptionalInt.empty();
      }
      if (member.name().equals(step.name())) {
        if (!compatibility.fields(localMember(step).type(), member.type())) {
          return OptionalInt.empty();
        }
        bitOffset += member.bitOffset();
        steps.add(new Access.Step(target.resolve(id), i, member.name()));
        return OptionalInt.of(member.type());
      }
      if (member.name().isEmpty()) {
        OptionalInt found = member(step, member.type(), depth + 1);
        if (found.isPresent()) {
          bitOffset += member.bitOffset();
          return found;
        }
      }
    }
    return OptionalInt.empty();
  }

  private BtfType.Member localMember(Access.Step step) {
    return ((BtfType.Composite) local.btf().type(step.type())).members().get(step.index());
  }
}
