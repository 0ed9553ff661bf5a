//! Status indices: every record gets one, drawn from a shuffled order, never twice.

use crate::record::credential::StatusPointer;
use crate::store::log::status::{self, StatusList};
use crate::store::{Conn, StoreError};

use super::PublishError;
use super::chunk::HandOut;
use crate::registry::random::Random;

/// Hands out indices in memory; the database confirms each chunk's by compare-and-swap.
#[derive(Debug)]
pub struct Allocator {
    lists: Vec<StatusList>,
}

/// How many indices are still free in all lists.
///
/// # Errors
/// [`PublishError::Store`].
pub(super) fn free(conn: &mut Conn) -> Result<i64, PublishError> {
    Ok(status::all(conn)?
        .iter()
        .map(|(_, size, used)| size.saturating_sub(*used))
        .sum())
}

impl Allocator {
    /// Reads the lists that have free indices.
    ///
    /// # Errors
    /// [`PublishError::Store`].
    pub fn load(conn: &mut Conn) -> Result<Self, PublishError> {
        let mut lists = Vec::new();
        for (number, size, used) in status::all(conn)? {
            if used < size {
                let list = status::read(conn, number)?
                    .ok_or_else(|| StoreError::corrupt(format!("status list {number}"), "not there"))?;
                lists.push(list);
            }
        }
        Ok(Self { lists })
    }

    /// The next `count` indices, and what the database must confirm for them.
    ///
    /// # Errors
    /// [`PublishError::Internal`] when the lists are exhausted: they are made before a batch begins.
    pub fn take(&mut self, count: usize) -> Result<(Vec<StatusPointer>, Vec<HandOut>), PublishError> {
        let mut pointers = Vec::with_capacity(count);
        let mut outs = Vec::new();
        for list in &mut self.lists {
            let missing = i64::try_from(count.saturating_sub(pointers.len())).unwrap_or(i64::MAX);
            let from = list.used;
            let to = list.size.min(from.saturating_add(missing));
            if from == to {
                continue;
            }
            let number = u32::try_from(list.number).map_err(|_| PublishError::TooLarge)?;
            let start = usize::try_from(from).unwrap_or(usize::MAX);
            let order = list.free_order.as_chunks::<4>().0;
            let wanted = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
            let before = pointers.len();
            pointers.extend(order.iter().skip(start).take(wanted).map(|index| StatusPointer {
                list: number,
                index: u32::from_be_bytes(*index),
            }));
            if pointers.len().saturating_sub(before) != wanted {
                return Err(StoreError::corrupt(
                    format!("status list {number}"),
                    "its order of indices is too short",
                )
                .into());
            }
            list.used = to;
            outs.push(HandOut {
                number: list.number,
                from,
                to,
            });
        }
        if pointers.len() == count {
            Ok((pointers, outs))
        } else {
            Err(PublishError::Internal(
                "the status lists have no free index left".into(),
            ))
        }
    }
}

/// All indices below `size`, four bytes each, in a random order (Fisher–Yates).
///
/// # Errors
/// [`PublishError::Random`].
pub(super) fn shuffled_order(size: u32, random: &dyn Random) -> Result<Vec<u8>, PublishError> {
    let mut order: Vec<u32> = (0..size).collect();
    shuffle(&mut order, random)?;
    Ok(order.into_iter().flat_map(u32::to_be_bytes).collect())
}

/// Shuffles in place; every order is equally likely up to a bias below 2^-32.
///
/// # Errors
/// [`PublishError::Random`].
pub(crate) fn shuffle<T>(items: &mut [T], random: &dyn Random) -> Result<(), PublishError> {
    let mut bytes = vec![0_u8; items.len().saturating_mul(8)];
    random.fill(&mut bytes)?;
    for (place, draw) in (1..items.len()).rev().zip(bytes.as_chunks::<8>().0) {
        // The top half of a 64-bit product by the bound is uniform but for its last bits.
        let bound = u128::try_from(place).unwrap_or(0).saturating_add(1);
        let other = (u128::from(u64::from_be_bytes(*draw)).saturating_mul(bound)) >> 64;
        items.swap(place, usize::try_from(other).unwrap_or(0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::random::SystemRandom;

    #[test]
    fn a_shuffled_order_has_every_index_once() {
        let bytes = shuffled_order(1000, &SystemRandom::new().unwrap()).unwrap();
        let mut order: Vec<u32> = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| u32::from_be_bytes(*b))
            .collect();
        assert!(order.windows(2).any(|pair| pair[0] > pair[1]), "still in order");
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn indices_run_over_into_the_next_list_and_out() {
        let list = |number, used| StatusList {
            number,
            size: 4,
            used,
            free_order: [3_u32, 1, 0, 2].into_iter().flat_map(u32::to_be_bytes).collect(),
        };
        let mut allocator = Allocator {
            lists: vec![list(1, 2), list(2, 0)],
        };
        let (pointers, outs) = allocator.take(3).unwrap();
        let seen: Vec<_> = pointers.iter().map(|p| (p.list, p.index)).collect();
        assert_eq!(seen, [(1, 0), (1, 2), (2, 3)]);
        assert_eq!(
            outs,
            [
                HandOut {
                    number: 1,
                    from: 2,
                    to: 4
                },
                HandOut {
                    number: 2,
                    from: 0,
                    to: 1
                }
            ]
        );
        assert!(allocator.take(4).is_err());
    }
}
