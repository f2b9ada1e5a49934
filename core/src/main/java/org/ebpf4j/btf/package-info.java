/// BTF, the type information of object files and kernels: read, written, printed as C, and used to
/// decode values.
@NullMarked
package org.ebpf4j.btf;

import org.jspecify.annotations.NullMarked;
