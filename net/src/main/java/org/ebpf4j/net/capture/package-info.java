/// Captures: pcap and pcapng files, read and written as streams in constant memory.
///
/// Sources of the formats: draft-ietf-opsawg-pcap (pcap), draft-ietf-opsawg-pcapng (pcapng), and
/// the IANA registry of link types.
@NullMarked
package org.ebpf4j.net.capture;

import org.jspecify.annotations.NullMarked;
