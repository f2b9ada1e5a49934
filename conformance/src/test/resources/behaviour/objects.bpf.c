// Objects of a program's own: references, pointers in maps, lists, trees, counts.
#include "check.h"

struct item {
  struct bpf_list_node list;
  struct bpf_rb_node tree;
  struct bpf_refcount count;
  __u64 key;
};

struct plain {
  __u64 a;
  __u32 b;
};

extern void *bpf_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_percpu_obj_new_impl(__u64 type, void *meta) __ksym;
extern void bpf_percpu_obj_drop_impl(void *object, void *meta) __ksym;
extern void *bpf_refcount_acquire_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
                                    void *meta, __u64 offset) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
                                   void *meta, __u64 offset) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_front(struct bpf_list_head *head) __ksym;
extern struct bpf_list_node *bpf_list_back(struct bpf_list_head *head) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
                               _Bool(less)(struct bpf_rb_node *a, const struct bpf_rb_node *b),
                               void *meta, __u64 offset) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_root(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_left(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;
extern struct bpf_rb_node *bpf_rbtree_right(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;

#define NEW(type) ((type *)bpf_obj_new_impl(LOCAL_TYPE(type), 0))
#define DROP(object) bpf_obj_drop_impl(object, 0)

#define PRIVATE(name) SEC(".data." #name) __attribute__((aligned(8)))

PRIVATE(graph) struct bpf_spin_lock lock;
PRIVATE(graph) struct bpf_list_head head CONTAINS(item, list);
PRIVATE(graph) struct bpf_rb_root root CONTAINS(item, tree);

struct keeper {
  struct plain KPTR *kept;
  struct plain PERCPU_KPTR *spread;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct keeper);
} keepers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct keeper);
} kept_by_key SEC(".maps");

static _Bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
  return container_of(a, struct item, tree)->key < container_of(b, struct item, tree)->key;
}

SEC("tc")
int object_is_made_and_dropped(void *ctx)
{
  struct plain *object = NEW(struct plain);
  CHECK(object);
  object->a = 7;
  __u64 after = object->a;
  DROP(object);
  CHECK(after == 7);
  return 0;
}

SEC("tc")
int pointer_is_exchanged(void *ctx)
{
  __u32 zero = 0;
  struct keeper *keeper = bpf_map_lookup_elem(&keepers, &zero);
  CHECK(keeper);
  struct plain *object = NEW(struct plain);
  CHECK(object);
  object->a = 41;
  object = bpf_kptr_xchg(&keeper->kept, object);
  if (object) {
    DROP(object);
    return __LINE__;
  }
  object = bpf_kptr_xchg(&keeper->kept, 0);
  CHECK(object);
  __u64 a = object->a;
  DROP(object);
  CHECK(a == 41);
  object = bpf_kptr_xchg(&keeper->kept, 0);
  if (object) {
    DROP(object);
    return __LINE__;
  }
  return 0;
}

SEC("tc")
int pointer_goes_with_its_element(void *ctx)
{
  __u32 key = 1;
  struct keeper nothing = {};
  CHECK(bpf_map_update_elem(&kept_by_key, &key, &nothing, BPF_ANY) == 0);
  struct keeper *keeper = bpf_map_lookup_elem(&kept_by_key, &key);
  CHECK(keeper);
  struct plain *object = NEW(struct plain);
  CHECK(object);
  object = bpf_kptr_xchg(&keeper->kept, object);
  if (object) {
    DROP(object);
    return __LINE__;
  }
  CHECK(bpf_map_delete_elem(&kept_by_key, &key) == 0);
  CHECK(bpf_map_update_elem(&kept_by_key, &key, &nothing, BPF_ANY) == 0);
  keeper = bpf_map_lookup_elem(&kept_by_key, &key);
  CHECK(keeper);
  object = bpf_kptr_xchg(&keeper->kept, 0);
  if (object) {
    DROP(object);
    return __LINE__;
  }
  CHECK(bpf_map_delete_elem(&kept_by_key, &key) == 0);
  return 0;
}

SEC("tc")
int list_keeps_its_order(void *ctx)
{
  for (int i = 0; i < 4; i++) {
    struct item *item = NEW(struct item);
    CHECK(item);
    item->key = i;
    bpf_spin_lock(&lock);
    int result = i % 2 == 0 ? bpf_list_push_back_impl(&head, &item->list, 0, 0)
                            : bpf_list_push_front_impl(&head, &item->list, 0, 0);
    bpf_spin_unlock(&lock);
    CHECK(result == 0);
  }
  // 3 1 0 2
  __u64 order = 0;
  for (int i = 0; i < 4; i++) {
    bpf_spin_lock(&lock);
    struct bpf_list_node *node = i < 2 ? bpf_list_pop_front(&head) : bpf_list_pop_back(&head);
    bpf_spin_unlock(&lock);
    CHECK(node);
    struct item *item = container_of(node, struct item, list);
    order = order << 8 | item->key;
    DROP(item);
  }
  CHECK(order == 0x03010200);
  bpf_spin_lock(&lock);
  struct bpf_list_node *none = bpf_list_pop_front(&head);
  bpf_spin_unlock(&lock);
  if (none) {
    DROP(container_of(none, struct item, list));
    return __LINE__;
  }
  return 0;
}

SEC("tc")
int list_shows_its_ends(void *ctx)
{
  struct bpf_list_node *front, *back;
  __u64 first = 0, last = 0;
  bpf_spin_lock(&lock);
  front = bpf_list_front(&head);
  bpf_spin_unlock(&lock);
  CHECK(!front);
  for (int i = 1; i <= 2; i++) {
    struct item *item = NEW(struct item);
    CHECK(item);
    item->key = i;
    bpf_spin_lock(&lock);
    bpf_list_push_back_impl(&head, &item->list, 0, 0);
    bpf_spin_unlock(&lock);
  }
  bpf_spin_lock(&lock);
  front = bpf_list_front(&head);
  if (front)
    first = container_of(front, struct item, list)->key;
  back = bpf_list_back(&head);
  if (back)
    last = container_of(back, struct item, list)->key;
  bpf_spin_unlock(&lock);
  for (int i = 0; i < 2; i++) {
    bpf_spin_lock(&lock);
    front = bpf_list_pop_front(&head);
    bpf_spin_unlock(&lock);
    CHECK(front);
    DROP(container_of(front, struct item, list));
  }
  CHECK(first == 1);
  CHECK(last == 2);
  return 0;
}

SEC("tc")
int node_is_in_one_list_only(void *ctx)
{
  struct item *item = NEW(struct item);
  CHECK(item);
  struct item *again = bpf_refcount_acquire_impl(item, 0);
  bpf_spin_lock(&lock);
  int first = bpf_list_push_back_impl(&head, &item->list, 0, 0);
  int second = bpf_list_push_back_impl(&head, &again->list, 0, 0);
  struct bpf_list_node *node = bpf_list_pop_front(&head);
  struct bpf_list_node *none = bpf_list_pop_front(&head);
  bpf_spin_unlock(&lock);
  if (none) {
    DROP(container_of(none, struct item, list));
    if (node)
      DROP(container_of(node, struct item, list));
    return __LINE__;
  }
  CHECK(node);
  DROP(container_of(node, struct item, list));
  CHECK(first == 0);
  CHECK(second == -EINVAL);
  return 0;
}

static int fill(void)
{
  // Seven keys in an order that needs rotations both ways.
  __u64 keys = 0x05010206030704;
  for (int i = 0; i < 7; i++) {
    struct item *item = NEW(struct item);
    if (!item)
      return -1;
    item->key = keys >> (8 * (6 - i)) & 0xff;
    bpf_spin_lock(&lock);
    bpf_rbtree_add_impl(&root, &item->tree, less, 0, 0);
    bpf_spin_unlock(&lock);
  }
  return 0;
}

SEC("tc")
int tree_gives_its_nodes_in_order(void *ctx)
{
  CHECK(fill() == 0);
  __u64 order = 0;
  for (int i = 0; i < 7; i++) {
    bpf_spin_lock(&lock);
    struct bpf_rb_node *node = bpf_rbtree_first(&root);
    if (!node) {
      bpf_spin_unlock(&lock);
      return __LINE__;
    }
    node = bpf_rbtree_remove(&root, node);
    bpf_spin_unlock(&lock);
    CHECK(node);
    struct item *item = container_of(node, struct item, tree);
    order = order << 8 | item->key;
    DROP(item);
  }
  CHECK(order == 0x01020304050607);
  return 0;
}

// The shape of the tree is that of Linux: its root, and what hangs below it.
SEC("tc")
int tree_is_balanced_as_in_linux(void *ctx)
{
  CHECK(fill() == 0);
  __u64 shape = 0;
  for (int i = 0; i < 7; i++) {
    __u64 top = 0, left_key = 0, right_key = 0;
    struct bpf_rb_node *node, *left, *right;
    bpf_spin_lock(&lock);
    node = bpf_rbtree_root(&root);
    if (!node) {
      bpf_spin_unlock(&lock);
      return __LINE__;
    }
    top = container_of(node, struct item, tree)->key;
    left = bpf_rbtree_left(&root, node);
    if (left)
      left_key = container_of(left, struct item, tree)->key;
    right = bpf_rbtree_right(&root, node);
    if (right)
      right_key = container_of(right, struct item, tree)->key;
    node = bpf_rbtree_remove(&root, node);
    bpf_spin_unlock(&lock);
    CHECK(node);
    DROP(container_of(node, struct item, tree));
    shape = shape * 31 + (top << 8 | left_key << 4 | right_key);
  }
  CHECK((__u32)shape == 2712968423);
  return 0;
}

SEC("tc")
int counted_object_outlives_its_tree(void *ctx)
{
  struct item *item = NEW(struct item);
  CHECK(item);
  item->key = 9;
  struct item *mine = bpf_refcount_acquire_impl(item, 0);
  bpf_spin_lock(&lock);
  int added = bpf_rbtree_add_impl(&root, &item->tree, less, 0, 0);
  struct bpf_rb_node *node = bpf_rbtree_remove(&root, &mine->tree);
  bpf_spin_unlock(&lock);
  if (!node) {
    DROP(mine);
    return __LINE__;
  }
  DROP(container_of(node, struct item, tree));
  __u64 key = mine->key;
  bpf_spin_lock(&lock);
  node = bpf_rbtree_remove(&root, &mine->tree);
  bpf_spin_unlock(&lock);
  DROP(mine);
  if (node) {
    DROP(container_of(node, struct item, tree));
    return __LINE__;
  }
  CHECK(added == 0);
  CHECK(key == 9);
  return 0;
}

SEC("tc")
int per_cpu_object_has_a_value_for_each_cpu(void *ctx)
{
  __u32 zero = 0;
  struct keeper *keeper = bpf_map_lookup_elem(&keepers, &zero);
  CHECK(keeper);
  struct plain PERCPU_KPTR *spread =
      bpf_percpu_obj_new_impl(LOCAL_TYPE(struct plain), 0);
  CHECK(spread);
  spread = bpf_kptr_xchg(&keeper->spread, spread);
  if (spread)
    bpf_percpu_obj_drop_impl(spread, 0);
  struct plain PERCPU_KPTR *kept = keeper->spread;
  CHECK(kept);
  struct plain *mine = bpf_this_cpu_ptr(kept);
  mine->a = 5;
  struct plain *same = bpf_per_cpu_ptr(kept, bpf_get_smp_processor_id());
  CHECK(same);
  __u64 seen = same->a;
  struct plain *beyond = bpf_per_cpu_ptr(kept, 1 << 20);
  spread = bpf_kptr_xchg(&keeper->spread, 0);
  if (spread)
    bpf_percpu_obj_drop_impl(spread, 0);
  CHECK(seen == 5);
  CHECK(!beyond);
  return 0;
}
