package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/// Objects that code refers to as constants, so that HotSpot sees through them: the class data of
/// the hidden class.
public final class Constants {
  private final List<Object> objects = new ArrayList<>();
  private final IdentityHashMap<Object, Integer> indices = new IdentityHashMap<>();

  /// Leaves an object on the operand stack.
  ///
  /// @param type as what; visible to the hidden class
  public void push(CodeBuilder code, Object object, ClassDesc type) {
    int index =
        indices.computeIfAbsent(
            object,
            added -> {
              objects.add(added);
              return objects.size() - 1;
            });
    code.loadConstant(
        DynamicConstantDesc.ofNamed(
            ConstantDescs.BSM_CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, type, index));
  }

  /// All objects, in the order in which code refers to them.
  public List<Object> all() {
    return List.copyOf(objects);
  }
}
