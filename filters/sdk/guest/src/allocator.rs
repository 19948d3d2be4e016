//! Says how much memory was asked for where there is no more: Rust gives up without a word.

use std::alloc::{GlobalAlloc, Layout, System};

use crate::area;

/// The allocator of a filter that has none of its own.
pub struct Allocator;

unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        told(System.alloc(layout), layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        told(System.alloc_zeroed(layout), layout.size())
    }

    unsafe fn realloc(&self, held: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        told(System.realloc(held, layout, size), size)
    }

    unsafe fn dealloc(&self, held: *mut u8, layout: Layout) {
        System.dealloc(held, layout)
    }
}

#[inline(always)]
fn told(found: *mut u8, size: usize) -> *mut u8 {
    if found.is_null() {
        area::refused(size);
    }
    found
}
