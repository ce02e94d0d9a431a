//! Families that are not recorded but observed at the scrape: sources, the process, the recorder
//! itself.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::catalog::{Catalog, Conflict, Listing};
use super::exposition::{Exposition, TextFamily};
use super::family::stored_labels;

/// Families from texts, merged with each other and freed of what the recorder shows itself.
#[derive(Debug)]
pub(crate) struct Observed<'a> {
    catalog: &'a Catalog,
    listing: &'a Listing,
    families: BTreeMap<String, TextFamily>,
    /// Sample name to the family of a text that took it.
    taken: HashMap<String, String>,
    conflicts: Vec<Conflict>,
}

impl<'a> Observed<'a> {
    pub(crate) fn new(catalog: &'a Catalog, listing: &'a Listing) -> Self {
        let (families, taken, conflicts) = (BTreeMap::new(), HashMap::new(), Vec::new());
        Self {
            catalog,
            listing,
            families,
            taken,
            conflicts,
        }
    }

    /// Adds the families of a text; returns how many of its lines could not be read.
    pub(crate) fn add(&mut self, text: &str) -> usize {
        let exposition = Exposition::parse(text);
        for family in exposition.families.into_values() {
            self.add_family(family);
        }
        exposition.unreadable
    }

    /// The families by name, and what was left out because its name is of another kind.
    pub(crate) fn finish(self) -> (BTreeMap<String, TextFamily>, Vec<Conflict>) {
        (self.families, self.conflicts)
    }

    fn add_family(&mut self, mut family: TextFamily) {
        if let Some(taken_by) = self.taken_by(&family) {
            let (name, kind) = (family.header.name, family.header.kind);
            self.conflicts.push(Conflict {
                name,
                kind,
                taken_by,
            });
            return;
        }
        let name = &family.header.name;
        let own = self
            .listing
            .binary_search_by(|(header, _)| header.name.cmp(name));
        if let Some((header, own)) = own.ok().and_then(|index| self.listing.get(index)) {
            let view = own.view();
            family
                .samples
                .retain(|s| !view.contains(&stored_labels(header.kind, s.labels.clone())));
        }
        let samples = family
            .header
            .sample_names()
            .map(|sample| (sample, name.clone()));
        self.taken.extend(samples);
        match self.families.entry(name.clone()) {
            Entry::Vacant(place) => {
                place.insert(family);
            }
            Entry::Occupied(mut first) => {
                let first = first.get_mut();
                let known: HashSet<_> = first.samples.iter().map(|s| s.identity.clone()).collect();
                family
                    .samples
                    .retain(|sample| !known.contains(&sample.identity));
                first.samples.append(&mut family.samples);
            }
        }
    }

    /// A family that has one of this one's sample names and is not the same one.
    fn taken_by(&self, family: &TextFamily) -> Option<String> {
        let (name, kind) = (&family.header.name, family.header.kind);
        let own_kind = |owner: &str| {
            let index = self
                .listing
                .binary_search_by(|(header, _)| header.name.as_str().cmp(owner));
            index
                .ok()
                .and_then(|index| self.listing.get(index))
                .map(|(header, _)| header.kind)
        };
        family.header.sample_names().find_map(|sample| {
            let own = self
                .catalog
                .owner_of(&sample)
                .map(|owner| (own_kind(&owner), owner));
            let text = self.taken.get(&sample).map(|owner| {
                (
                    self.families.get(owner).map(|family| family.header.kind),
                    owner.clone(),
                )
            });
            [own, text]
                .into_iter()
                .flatten()
                .find(|(owner_kind, owner)| owner != name || owner_kind.is_some_and(|k| k != kind))
                .map(|(_, owner)| owner)
        })
    }
}
