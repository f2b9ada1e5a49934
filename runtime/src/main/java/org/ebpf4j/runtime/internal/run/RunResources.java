package org.ebpf4j.runtime.internal.run;

import java.util.Arrays;
import org.ebpf4j.runtime.internal.memory.Region;
import org.jspecify.annotations.Nullable;

/// What a run got on its way, beyond its context and maps: regions that helpers let it touch, and
/// things that it holds and must give back.
public final class RunResources {
  private Region[] regions = new Region[8];
  private Held[] held = new Held[8];
  private int regionCount;
  private int heldCount;

  /// Where the last accesses went outside of stack and packet; they may still go there.
  private Region last = Region.NOTHING;

  private Region lastButOne = Region.NOTHING;

  /// Lets the program touch a region.
  public void remember(Region region) {
    if (regionCount == regions.length) {
      regions = Arrays.copyOf(regions, regionCount * 2);
    }
    regions[regionCount++] = region;
  }

  /// As [#remember], unless it may already.
  public void rememberOnce(Region region) {
    for (int i = 0; i < regionCount; i++) {
      if (regions[i] == region) {
        return;
      }
    }
    remember(region);
  }

  /// Where the next access is likely to go: to a region that the run may touch now.
  public Region last() {
    return last;
  }

  /// Where else.
  public Region lastButOne() {
    return lastButOne;
  }

  /// Says where an access went that neither of them is.
  public void accessed(Region region) {
    lastButOne = last;
    last = region;
  }

  /// To be called when what the run may touch becomes less.
  public void forgetAccesses() {
    if (last != Region.NOTHING) {
      last = Region.NOTHING;
      lastButOne = Region.NOTHING;
    }
  }

  /// Ends what [#remember] began.
  public void forget(Region region) {
    forgetAccesses();
    for (int i = regionCount - 1; i >= 0; i--) {
      if (regions[i] == region) {
        System.arraycopy(regions, i + 1, regions, i, --regionCount - i);
        return;
      }
    }
  }

  public int regionCount() {
    return regionCount;
  }

  public Region region(int index) {
    return regions[index];
  }

  /// Keeps something until the run ends or it is dropped.
  public void hold(Held taken) {
    if (heldCount == held.length) {
      held = Arrays.copyOf(held, heldCount * 2);
    }
    held[heldCount++] = taken;
  }

  /// What is held at an address.
  public @Nullable Held find(long address) {
    for (int i = heldCount - 1; i >= 0; i--) {
      if (held[i].address() == address) {
        return held[i];
      }
    }
    return null;
  }

  /// What of this sort is held at an address.
  public <T extends Held> @Nullable T find(long address, Class<T> type) {
    for (int i = heldCount - 1; i >= 0; i--) {
      if (held[i].address() == address && type.isInstance(held[i])) {
        return type.cast(held[i]);
      }
    }
    return null;
  }

  /// The things held, by number from 0.
  public int heldCount() {
    return heldCount;
  }

  public Held held(int index) {
    return held[index];
  }

  /// Ends what [#hold] began, without releasing it.
  public void drop(Held given) {
    for (int i = heldCount - 1; i >= 0; i--) {
      if (held[i] == given) {
        System.arraycopy(held, i + 1, held, i, --heldCount - i);
        return;
      }
    }
  }

  /// Ends what [#hold] began, without releasing it; `null` if nothing is held at this address.
  public @Nullable Held drop(long address) {
    for (int i = heldCount - 1; i >= 0; i--) {
      Held found = held[i];
      if (found.address() == address) {
        System.arraycopy(held, i + 1, held, i, --heldCount - i);
        return found;
      }
    }
    return null;
  }

  /// Gives up everything, the latest first: the run is over.
  public void releaseAll(Run run) {
    while (heldCount > 0) {
      held[--heldCount].release(run);
    }
    regionCount = 0;
    forgetAccesses();
  }
}
