//! Allocations, counted: the bodies' goals allow none.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, with a count.
pub struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        unsafe { System.dealloc(bytes, layout) }
    }
    unsafe fn realloc(&self, bytes: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Relaxed);
        unsafe { System.realloc(bytes, layout, size) }
    }
}

/// How often `work` allocates; it runs three times before, to be warm.
pub fn count<T>(mut work: impl FnMut() -> T) -> u64 {
    for _ in 0..3 {
        work();
    }
    let before = COUNT.load(Relaxed);
    work();
    COUNT.load(Relaxed) - before
}
