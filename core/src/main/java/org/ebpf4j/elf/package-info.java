/// ELF object files as clang writes them, read without side effects.
@NullMarked
package org.ebpf4j.elf;

import org.jspecify.annotations.NullMarked;
