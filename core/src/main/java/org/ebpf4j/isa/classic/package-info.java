/// Classic BPF, as tcpdump and seccomp write it: parsing, checking, and translation to eBPF.
@NullMarked
package org.ebpf4j.isa.classic;

import org.jspecify.annotations.NullMarked;
