package org.ebpf4j.runtime.internal.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.junit.jupiter.api.Test;

class KernelObjectsTest {
  private static final long LIMIT = 1 << 20;

  private final Epochs epochs = new Epochs(1);
  private final Budget budget = new Budget(LIMIT, false);
  private final KernelObjects objects = new KernelObjects(epochs, budget);

  /// A small one takes more of Java's memory than its own bytes.
  @Test
  void whatObjectsTakeOfJavasMemoryCounts() {
    List<KernelObject> made = allocateAll();
    assertThat(made.size())
        .isLessThanOrEqualTo((int) (LIMIT / (KernelObjects.HEAP_BYTES + 32)))
        .isGreaterThan(1000);
    made.forEach(objects::release);
    epochs.synchronize(Duration.ofSeconds(10));
    assertThat(allocateAll()).as("all of it comes back").hasSameSizeAs(made);
    objects.close();
  }

  private List<KernelObject> allocateAll() {
    List<KernelObject> made = new ArrayList<>();
    while (objects.allocate(KernelObject.Kind.STRUCT, "node", 24, SpecialFields.none())
        instanceof KernelObject object) {
      made.add(object);
    }
    return made;
  }
}
