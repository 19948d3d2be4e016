//! The one region of an instance, into which the host writes its batches.

use std::alloc::{alloc as allocate, dealloc, Layout};
use std::cell::Cell;
use std::ptr::null_mut;

use crate::panics;

struct Region {
    at: Cell<*mut u8>,
    layout: Cell<Option<Layout>>,
}

// A module has no threads.
unsafe impl Sync for Region {}

static REGION: Region = Region { at: Cell::new(null_mut()), layout: Cell::new(None) };

/// `smartstream_alloc`: replaces the region by one of `size` bytes; 0 if there is not enough memory.
pub fn alloc(size: u32) -> u32 {
    panics::install();
    if let Some(layout) = REGION.layout.take() {
        unsafe { dealloc(REGION.at.get(), layout) };
    }
    let layout = match Layout::from_size_align(size.max(8) as usize, 8) {
        Ok(layout) => layout,
        Err(_) => return 0,
    };
    let at = unsafe { allocate(layout) };
    if !at.is_null() {
        REGION.at.set(at);
        REGION.layout.set(Some(layout));
    }
    at as usize as u32
}
