package org.ebpf4j;

import java.util.Map;
import org.ebpf4j.spec.CollectionSpec;

/// The live maps and programs of one object. Closing it detaches and unloads the programs and
/// releases its maps. Of maps that the caller brought along it has holds of its own.
public interface LoadedCollection extends AutoCloseable {

  CollectionSpec spec();

  /// Programs by name.
  Map<String, BpfProgram> programs();

  /// Maps by name, as in the spec.
  Map<String, BpfMap> maps();

  /// The program of this name.
  ///
  /// @throws java.util.NoSuchElementException with the names there are
  BpfProgram program(String name);

  /// The map of this name.
  ///
  /// @throws java.util.NoSuchElementException with the names there are
  BpfMap map(String name);

  /// The global variable of this name, wherever its section put it.
  ///
  /// @throws java.util.NoSuchElementException with the names there are
  GlobalVariable variable(String name);

  @Override
  void close();
}
