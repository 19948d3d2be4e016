"""The allocator of a module: blocks keep their content, and free ones of one size leave room for others."""

import pytest

from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits
from tests.engine.builds.rust.kinds import run
from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo


def test_blocks_of_all_sizes_grow_shrink_and_keep_their_content(build_filter: BuildFilter) -> None:
    source = """
    #[repr(align(64))]
    #[derive(Clone)]
    struct Aligned(u8);

    #[smartstream(map)]
    fn shuffle(seed: &str) -> Result<u64> {
        let mut dice: u64 = seed.parse()?;
        let mut roll = |sides: u64| {
            dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (dice >> 33) % sides
        };
        let mut blocks: Vec<Vec<u8>> = vec![Vec::new(); 200];
        let mut aligned: Vec<Box<Aligned>> = Vec::new();
        for turn in 0..20_000 {
            let (at, mark) = (roll(200) as usize, turn as u8);
            let size = roll(if turn % 100 == 0 { 5_000 } else { 600 }) as usize;
            let block = &mut blocks[at];
            let kept = block.first().copied();
            assert!(block.iter().all(|byte| Some(*byte) == kept), "block {at} was overwritten");
            match roll(5) {
                0 => *block = vec![mark; size],
                1 => block.resize(size, kept.unwrap_or(mark)),
                2 => *block = block.clone(),
                3 => { block.truncate(size); block.shrink_to_fit(); }
                _ => {
                    *block = vec![0; size];
                    assert!(block.iter().all(|byte| *byte == 0), "not zeroed");
                    aligned.push(Box::new(Aligned(mark)));
                    assert_eq!(&aligned[0].0 as *const u8 as usize % 64, 0);
                    if aligned.len() > 20 { aligned.clear(); }
                }
            }
        }
        Ok(blocks.iter().map(|block| block.len() as u64).sum())
    }
    """
    made = run(build_filter, source, [b"%d" % seed for seed in range(5)])
    assert [output[0] for output in made if isinstance(output, tuple)] == [*range(5)], made


def test_free_blocks_serve_other_sizes(build_filter: BuildFilter) -> None:
    """Each record fills most of the memory with blocks of another size."""
    source = """
    #[smartstream(map)]
    fn fill(size: &str) -> Result<usize> {
        let size: usize = size.parse()?;
        let blocks: Vec<Vec<u8>> = (0..6_000_000 / size).map(|_| Vec::with_capacity(size)).collect();
        Ok(blocks.len() * size)
    }
    """
    sizes = [48, 112, 240, 400, 496, 64]
    made = run(
        build_filter,
        source,
        [b"%d" % size for size in sizes],
        config=ModuleConfig(limits=Limits(memory_bytes=16 << 20, record_seconds=5)),
    )
    assert [output[1:] for output in made] == [(None, b"%d" % (6_000_000 // size * size)) for size in sizes]
