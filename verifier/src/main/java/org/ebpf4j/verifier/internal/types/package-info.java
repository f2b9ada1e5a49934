/// Maps and BTF types as the rules see them: special fields, and what lies at an offset.
@NullMarked
package org.ebpf4j.verifier.internal.types;

import org.jspecify.annotations.NullMarked;
