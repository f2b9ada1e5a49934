// Kernel functions and variables declared otherwise than the kernel has them. A name's part after
// three underscores is a flavour.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char terms[] SEC("license") = "GPL";

struct task_struct {
  int pid;
};
struct cgroup;

extern struct task_struct *bpf_task_acquire___fits(struct task_struct *task) __ksym __weak;
extern struct task_struct *bpf_task_acquire___number(int task) __ksym __weak;
extern struct task_struct *bpf_task_acquire___two(struct task_struct *task, int flags) __ksym __weak;
extern void bpf_task_release___fits(struct task_struct *task) __ksym;

extern void bpf_task_release___two(struct task_struct *task, int flags) __ksym;
extern int bpf_task_from_pid___result(int pid) __ksym;
extern struct task_struct *bpf_task_acquire___strong(int task) __ksym;
extern void bpf_cgroup_release___declared(struct cgroup *group) __ksym;
extern const int cpu_hw_events __ksym __weak;

// 0 if each function that is not as declared is taken for missing; the flavour of the one that is
// not, else.
SEC("syscall")
int weak(void *context) {
  if (bpf_task_acquire___number) {
    bpf_task_acquire___number(1);
    return 1;
  }
  if (bpf_task_acquire___two) {
    bpf_task_acquire___two((void *)0, 0);
    return 2;
  }
  if (!bpf_task_acquire___fits)
    return 3;
  struct task_struct *task = bpf_task_acquire___fits((void *)bpf_get_current_task_btf());
  if (!task)
    return 4;
  bpf_task_release___fits(task);
  return 0;
}

SEC("?syscall")
int count(void *context) {
  bpf_task_release___two((void *)bpf_get_current_task_btf(), 0);
  return 0;
}

SEC("?syscall")
int result(void *context) {
  return bpf_task_from_pid___result(1);
}

SEC("?syscall")
int argument(void *context) {
  bpf_task_acquire___strong(1);
  return 0;
}

SEC("?syscall")
int declared(void *context) {
  bpf_cgroup_release___declared((void *)0);
  return 0;
}

SEC("?syscall")
int variable(void *context) {
  return cpu_hw_events;
}
