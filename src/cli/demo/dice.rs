//! Seeded chance: integers only, so that every machine draws the same.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Which part of the city draws. Each has its own stream, so a change in one leaves the others as they are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Conduct = 1,
    Employers = 2,
    Filings = 3,
    Evidence = 4,
}

/// A source of chance.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(stream as u64);
        Self(chance)
    }

    /// A number from 0 to `end` - 1; 0 where `end` is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        // The upper half of a 64 × 64-bit product: its bias, end / 2^64, is far below what anyone can see.
        let wide = u128::from(self.0.next_u64()) * (end as u128);
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        let width = high.saturating_sub(low) as usize + 1;
        low + u32::try_from(self.below(width)).unwrap_or_default()
    }

    /// As [`between`](Self::between), small numbers likelier.
    pub(super) fn between_low(&mut self, low: u32, high: u32) -> u32 {
        self.between(low, high).min(self.between(low, high))
    }

    /// True in so many cases of a thousand.
    pub(super) fn per_mille(&mut self, cases: usize) -> bool {
        self.below(1000) < cases
    }

    /// One of `from`; the default of an empty slice.
    pub(super) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let place = self.below(from.len());
        from.get(place).copied().unwrap_or_default()
    }

    /// One of `from` by weight; `otherwise` where nothing weighs anything.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u32, T)], otherwise: T) -> T {
        let total: usize = from.iter().map(|(weight, _)| *weight as usize).sum();
        let mut left = self.below(total);
        for (weight, value) in from {
            match left.checked_sub(*weight as usize) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        otherwise
    }

    /// Fisher and Yates.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_one_sequence_and_streams_apart() {
        let draw = |seed, stream| {
            let mut dice = Dice::new(seed, stream);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, Stream::Employers), draw(7, Stream::Employers));
        assert_ne!(draw(7, Stream::Employers), draw(8, Stream::Employers));
        assert_ne!(draw(7, Stream::Employers), draw(7, Stream::Evidence));
    }

    #[test]
    fn bounds_hold() {
        let mut dice = Dice::new(1, Stream::Conduct);
        for _ in 0..1000 {
            assert!(dice.below(3) < 3);
            assert!((5..=9).contains(&dice.between(5, 9)));
            assert_ne!(dice.weighted(&[(0, 'a'), (1, 'b')], 'c'), 'a');
        }
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.weighted(&[], 'c'), 'c');
        let mut all: Vec<u32> = (0..50).collect();
        dice.shuffle(&mut all);
        assert_ne!(all, (0..50).collect::<Vec<_>>());
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<_>>());
    }
}
