//! The allocator of a module: it keeps small blocks for the next record, and reports what could not be allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::{self, null_mut};

use crate::area;

/// Blocks come in multiples of so many bytes.
const STEP: usize = 16;
/// Larger ones are left to the system's allocator, which takes three times as long (measured).
const LARGEST: usize = 512;
const ALIGNMENT: usize = 8;
/// Blocks of each size that are kept; more would be missed where another size is needed.
const KEPT: u32 = 64;

/// The allocator of a SmartStream that brings none of its own.
///
/// Rust aborts without a message when an allocation fails: the message area has how much was asked for.
pub struct Allocator;

/// Free blocks of one size, each of which begins with the address of the next.
struct Free {
    first: Cell<*mut u8>,
    count: Cell<u32>,
}

// A module has no threads.
unsafe impl Sync for Free {}

#[allow(clippy::declare_interior_mutable_const)]
const NONE: Free = Free { first: Cell::new(null_mut()), count: Cell::new(0) };

static FREE: [Free; LARGEST / STEP + 1] = [NONE; LARGEST / STEP + 1];

impl Free {
    /// Those that a layout is served from, if it is a small one.
    #[inline(always)]
    fn of(layout: Layout) -> Option<&'static Free> {
        FREE.get(layout.size().wrapping_add(STEP - 1) / STEP).filter(|_| layout.align() <= ALIGNMENT)
    }

    #[inline(always)]
    unsafe fn take(&self) -> *mut u8 {
        let block = self.first.get();
        if !block.is_null() {
            self.first.set(ptr::read(block as *const *mut u8));
            self.count.set(self.count.get().wrapping_sub(1));
        }
        block
    }

    #[inline(always)]
    fn has_room(&self) -> bool {
        self.count.get() < KEPT
    }

    /// Whether the block is kept.
    #[inline(always)]
    unsafe fn keep(&self, block: *mut u8) -> bool {
        let room = self.has_room();
        if room {
            ptr::write(block as *mut *mut u8, self.first.get());
            self.first.set(block);
            self.count.set(self.count.get().wrapping_add(1));
        }
        room
    }
}

/// What the system's allocator is asked for in place of a layout.
#[inline(always)]
fn whole(layout: Layout) -> Layout {
    let step = if Free::of(layout).is_some() { STEP } else { 1 };
    let size = (layout.size() + step - 1) & !(step - 1);
    unsafe { Layout::from_size_align_unchecked(size, layout.align().max(ALIGNMENT)) }
}

// Apart, so that they do not make the quick way long.
#[cold]
#[inline(never)]
unsafe fn fresh(layout: Layout) -> *mut u8 {
    reported(System.alloc(whole(layout)), layout.size())
}

#[cold]
#[inline(never)]
unsafe fn release(block: *mut u8, layout: Layout) {
    System.dealloc(block, whole(layout));
}

unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match Free::of(layout).map(|free| free.take()) {
            Some(block) if !block.is_null() => block,
            _ => fresh(layout),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        reported(System.alloc_zeroed(whole(layout)), layout.size())
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !Free::of(layout).map_or(false, |free| free.keep(block)) {
            release(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let wanted = Layout::from_size_align_unchecked(size, layout.align());
        let (old, new) = (whole(layout), whole(wanted));
        if old == new {
            return block;
        }
        if let (Some(from), Some(to)) = (Free::of(layout), Free::of(wanted)) {
            let moved = if from.has_room() { to.take() } else { null_mut() };
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                from.keep(block);
                return moved;
            }
        }
        reported(System.realloc(block, old, new.size()), size)
    }
}

#[inline(always)]
fn reported(found: *mut u8, size: usize) -> *mut u8 {
    if found.is_null() {
        area::failed_allocation(size);
    }
    found
}
