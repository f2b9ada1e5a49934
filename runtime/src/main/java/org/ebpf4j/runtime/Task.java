package org.ebpf4j.runtime;

/// A thread, as programs see it (`struct task_struct`).
///
/// @param process the process's number (`tgid`)
/// @param thread its own number (`pid`); that of the process's first thread is the process's
/// @param name of which programs see 15 bytes (`comm`)
public record Task(int process, int thread, String name) {}
