//! Allocations, counted: the bodies' goals allow none.

use allocation_counter::measure;

/// How often `work` allocates; it runs three times before, to be warm.
pub fn count<T>(mut work: impl FnMut() -> T) -> u64 {
    for _ in 0..3 {
        work();
    }
    let counted = measure(|| {
        work();
    });
    counted.count_total
}
