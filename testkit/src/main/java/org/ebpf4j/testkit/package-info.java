/// Programs, inputs and reproducers made from seeds, for tests.
@NullMarked
package org.ebpf4j.testkit;

import org.jspecify.annotations.NullMarked;
