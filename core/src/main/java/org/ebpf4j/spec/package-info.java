/// What an object file says: programs and maps as pure data, before any host makes them live.
@NullMarked
package org.ebpf4j.spec;

import org.jspecify.annotations.NullMarked;
