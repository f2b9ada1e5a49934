/// What several commands are told: hosts, engines, types, and the objects meant.
@NullMarked
package org.ebpf4j.cli.option;

import org.jspecify.annotations.NullMarked;
