//! The stacks of a profile as one tree: stacks with the same outer frames share them.

use std::collections::HashMap;

/// A place in the tree: the stack from the root to it. 0 is the empty stack.
pub(super) type NodeId = u32;

/// What a node is called by: the index of a location.
pub(super) type LocationId = u32;

const ROOT: NodeId = 0;

#[derive(Clone, Copy, Debug)]
struct CallNode {
    parent: NodeId,
    location: LocationId,
}

/// Stacks, each a path from the root.
#[derive(Debug)]
pub(super) struct CallTree {
    nodes: Vec<CallNode>,
    children: HashMap<(NodeId, LocationId), NodeId>,
    max_nodes: usize,
}

/// Where a stack is in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InsertedStack {
    pub(super) node: NodeId,
    /// False if the tree is full: the node is that of an outer frame.
    pub(super) is_complete: bool,
}

impl CallTree {
    /// A tree that keeps at most `max_nodes` frames, 32 bytes each or a little more.
    pub(super) fn new(max_nodes: usize) -> Self {
        let root = CallNode {
            parent: ROOT,
            location: 0,
        };
        Self {
            nodes: vec![root],
            children: HashMap::new(),
            max_nodes,
        }
    }

    /// Adds a stack, outermost frame first.
    pub(super) fn insert(
        &mut self,
        outermost_first: impl IntoIterator<Item = LocationId>,
    ) -> InsertedStack {
        let mut node = ROOT;
        for location in outermost_first {
            if let Some(child) = self.children.get(&(node, location)) {
                node = *child;
                continue;
            }
            let Some(child) = u32::try_from(self.nodes.len())
                .ok()
                .filter(|_| self.nodes.len() <= self.max_nodes)
            else {
                return InsertedStack {
                    node,
                    is_complete: false,
                };
            };
            self.nodes.push(CallNode {
                parent: node,
                location,
            });
            self.children.insert((node, location), child);
            node = child;
        }
        InsertedStack {
            node,
            is_complete: true,
        }
    }

    /// A stack without so many of its innermost frames.
    #[cfg(feature = "heap-profile")]
    pub(super) fn without_innermost(&self, node: NodeId, frames: usize) -> NodeId {
        (0..frames).fold(node, |node, _| {
            let found = self.nodes.get(node as usize);
            found.map_or(ROOT, |found| found.parent)
        })
    }

    /// The locations of a stack, innermost first.
    pub(super) fn stack(&self, node: NodeId) -> impl Iterator<Item = LocationId> + '_ {
        let mut node = node;
        std::iter::from_fn(move || {
            let found = *self.nodes.get(node as usize).filter(|_| node != ROOT)?;
            node = found.parent;
            Some(found.location)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stacks_are_one_node() {
        let mut tree = CallTree::new(100);
        let first = tree.insert([1, 2, 3]);
        assert_eq!(tree.insert([1, 2, 3]), first);
        let other = tree.insert([1, 2, 4]);
        assert_ne!(other, first);
        assert_eq!(tree.stack(first.node).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(tree.stack(other.node).collect::<Vec<_>>(), [4, 2, 1]);
        assert_eq!(tree.nodes.len(), 5);
        #[cfg(feature = "heap-profile")]
        assert_eq!(tree.without_innermost(first.node, 2), tree.insert([1]).node);
        assert_eq!(tree.insert([]).node, ROOT);
        assert_eq!(tree.stack(ROOT).count(), 0);
    }

    #[test]
    fn a_full_tree_keeps_outer_frames() {
        let mut tree = CallTree::new(2);
        let cut = tree.insert([1, 2, 3]);
        assert!(!cut.is_complete);
        assert_eq!(tree.stack(cut.node).collect::<Vec<_>>(), [2, 1]);
        assert!(tree.insert([1, 2]).is_complete);
    }
}
