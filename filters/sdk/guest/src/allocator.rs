//! Reports how much memory was asked for when an allocation fails: Rust aborts without a message.

use std::alloc::{GlobalAlloc, Layout, System};

use crate::area;

/// The allocator of a SmartStream that brings none of its own.
pub struct Allocator;

unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        reported(System.alloc(layout), layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        reported(System.alloc_zeroed(layout), layout.size())
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        reported(System.realloc(block, layout, size), size)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        System.dealloc(block, layout)
    }
}

#[inline(always)]
fn reported(found: *mut u8, size: usize) -> *mut u8 {
    if found.is_null() {
        area::failed_allocation(size);
    }
    found
}
