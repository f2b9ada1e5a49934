package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_ARENA`: up to 4 GiB of memory that programs take page by page and fill with data
/// structures of their own, and that users see at fixed addresses.
///
/// An address in it has two forms. Users' is what programs store: the arena's start in 64 bits and
/// what follows. Programs work with its lower half, to which `addr_space_cast` leads, and its start
/// lies in a window of 4 GiB; beyond the window, as far as an instruction's offset can lead,
/// nothing is ever there. Where no page is, loads give 0 and stores are lost, as in Linux, where
/// the fault is handled. Each access looks its page up, so that nothing else can be reached.
///
/// Source: Linux 6.18's `kernel/bpf/arena.c`, `arch/x86/net/bpf_jit_comp.c`.
public final class ArenaMap extends RuntimeMap {
  /// `BPF_F_SEGV_ON_FAULT`: users do not make pages by touching them.
  static final int SEGV_ON_FAULT = 1 << 17;

  /// `BPF_F_NO_USER_CONV`: pointers that programs store are their lower halves.
  static final int NO_USER_CONV = 1 << 18;

  /// The most pages: 4 GiB.
  static final int MOST_PAGES = 1 << 20;

  private static final int PAGE = ArenaPages.PAGE;

  private static final long LOWER_HALF = 0xffff_ffffL;

  /// How far below and above the window an access may lead: the offset of an instruction.
  private static final long GUARD = 1 << 15;

  private static final long WINDOW = (1L << 32) + 2 * GUARD;

  /// Where arenas begin whose makers leave that to the host: far from what any process maps.
  private static final long CHOSEN_START = 1L << 44;

  /// And how far beyond a multiple of 4 GiB, so that a null pointer is none into the arena.
  private static final long CHOSEN_LOWER_HALF = 1L << 20;

  private final long start;

  private final ArenaPages pages;
  private final ArenaWindow window;

  ArenaMap(MapSpec spec, MapSite site) {
    super(spec, site);
    this.pages = new ArenaPages(site, spec.maxEntries());
    this.start = spec.extra() != 0 ? spec.extra() : chosenStart(site.id(), size());
    this.window = new ArenaWindow(pages.addresses(), (int) start);
  }

  private static long chosenStart(int id, long size) {
    return CHOSEN_START + ((long) id << 32) + Math.min(CHOSEN_LOWER_HALF, (1L << 32) - size);
  }

  /// The first address as users see it.
  public long start() {
    return start;
  }

  /// Its bytes, whether or not pages are there.
  public long size() {
    return (long) pages.count() * PAGE;
  }

  /// What programs see of it.
  public ArenaWindow window() {
    return window;
  }

  /// Whether stored pointers are whole ones.
  public boolean convertsPointers() {
    return (spec().flags() & NO_USER_CONV) == 0;
  }

  /// The form of an address that users take, of one that programs work with (`addr_space_cast(…, 0,
  /// 1)`); 0 stays 0.
  public long userAddress(long address) {
    long lower = address & LOWER_HALF;
    return lower == 0 || !convertsPointers() ? lower : (start & ~LOWER_HALF) | lower;
  }

  // ---- what kernel functions do

  /// Makes pages (`bpf_arena_alloc_pages`).
  ///
  /// @param wanted where, as users see it, or 0 for anywhere
  /// @return the first page's address as users see it, or 0
  public long allocate(long wanted, long count) {
    if (count <= 0 || count > pages.count()) {
      return 0;
    }
    if (wanted == 0) {
      int first = pages.allocate((int) count);
      return first == FreePages.NONE ? 0 : addressOf(first);
    }
    int first = window.pageOf(wanted);
    boolean fits = wanted % PAGE == 0 && first <= pages.count() - count;
    return fits && pages.allocateAt(first, (int) count) ? addressOf(first) : 0;
  }

  /// Frees pages (`bpf_arena_free_pages`), as far as they are the arena's.
  public void release(long address, long count) {
    long lower = address & LOWER_HALF & -PAGE;
    long first = ((start & ~LOWER_HALF) | lower) - start;
    if (first >= 0 && first < size() && count > 0) {
      int page = (int) (first / PAGE);
      pages.free(page, (int) Math.min(count, pages.count() - page));
    }
  }

  /// Keeps pages from being handed out (`bpf_arena_reserve_pages`); 0 or a negated [Errno].
  public int reserve(long address, long count) {
    if (count == 0 || address % PAGE != 0) {
      return 0;
    }
    int first = window.pageOf(address);
    if (first + count > pages.count()) {
      return Errno.EINVAL.negated();
    }
    return pages.reserve(first, (int) count) ? 0 : Errno.EBUSY.negated();
  }

  private long addressOf(int page) {
    return start + (long) page * PAGE;
  }

  // ---- what users do

  /// Makes the pages of these bytes, as a user does who touches them.
  ///
  /// @return 0, or negated `EFAULT` where that ends a process: outside, or by the arena's flags;
  ///   `ENOMEM`
  int touch(long address, long size) {
    long first = address - start;
    if (first < 0 || size < 0 || first > size() - size) {
      return Errno.EFAULT.negated();
    }
    for (long page = first / PAGE; page * PAGE < first + size; page++) {
      if ((spec().flags() & SEGV_ON_FAULT) != 0 && pages.address((int) page) == 0) {
        return Errno.EFAULT.negated();
      }
      if (!pages.touch((int) page)) {
        return Errno.ENOMEM.negated();
      }
    }
    return 0;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP.negated();
  }

  @Override
  public int delete(long key, int cpu) {
    return Errno.EOPNOTSUPP.negated();
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int nextKey(long key, long to) {
    return Errno.EOPNOTSUPP.negated();
  }

  // ---- what programs do; addresses are those they work with

  @Override
  public String describe() {
    return "arena " + spec().name();
  }

  @Override
  public boolean readable(long address, int size) {
    return Long.compareUnsigned(address + GUARD, WINDOW - size) <= 0;
  }

  @Override
  public boolean writable(long address, int size) {
    return readable(address, size);
  }

  /// Its bytes are not where their addresses say.
  @Override
  public boolean direct() {
    return false;
  }

  @Override
  public long load(long address, int size) {
    return window.load(address, size);
  }

  @Override
  public void store(long address, int size, long value) {
    window.store(address, size, value);
  }

  /// Where these bytes are now; see [ArenaWindow#place].
  public long place(long address, int size) {
    return window.place(address, size);
  }

  @Override
  protected void free() {
    pages.close();
  }
}
