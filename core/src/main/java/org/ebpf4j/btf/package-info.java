/// BTF, the type information of object files and kernels, and CO-RE relocation against it.
@NullMarked
package org.ebpf4j.btf;

import org.jspecify.annotations.NullMarked;
