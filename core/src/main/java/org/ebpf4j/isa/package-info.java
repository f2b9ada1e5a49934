/// Instructions: closed value types, the codec, the assembler and the disassembler.
@NullMarked
package org.ebpf4j.isa;

import org.jspecify.annotations.NullMarked;
