package org.ebpf4j.verifier;

import java.util.Optional;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// A program of which another one, of type `EXT` (`freplace/FUNCTION`), replaces a function.
///
/// @param program the program, relocated to the kernel's types
/// @param collection what it comes from
/// @param function the function, where the other's section name leaves it open
public record ReplacedProgram(
    ProgramSpec program, CollectionSpec collection, Optional<String> function) {}
