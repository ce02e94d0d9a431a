//! Families that are not recorded but read at the scrape: from sources, the process and the
//! recorder itself.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet, TryReserveError};

use super::catalog::{CatalogSnapshot, Conflict};
use super::exposition::{Exposition, TextFamily};
use super::family::stored_labels;

/// Families parsed from text, merged with each other and without the samples that the recorder has
/// itself.
#[derive(Debug)]
pub(super) struct ExternalFamilies<'a> {
    own: &'a CatalogSnapshot,
    families: BTreeMap<String, TextFamily>,
    /// Sample name to the name of the family in `families` that uses it.
    used_names: HashMap<String, String>,
    conflicts: Vec<Conflict>,
}

impl<'a> ExternalFamilies<'a> {
    pub(super) fn new(own: &'a CatalogSnapshot) -> Self {
        Self {
            own,
            families: BTreeMap::new(),
            used_names: HashMap::new(),
            conflicts: Vec::new(),
        }
    }

    /// Adds families; returns how many of their lines are invalid.
    ///
    /// # Errors
    ///
    /// If there is no memory for a longer list of samples.
    pub(super) fn add(&mut self, exposition: Exposition) -> Result<usize, TryReserveError> {
        for family in exposition.families.into_values() {
            self.add_family(family)?;
        }
        Ok(exposition.invalid_lines)
    }

    /// The families by name, and those that were left out because their name is in use.
    pub(super) fn finish(self) -> (BTreeMap<String, TextFamily>, Vec<Conflict>) {
        (self.families, self.conflicts)
    }

    fn add_family(&mut self, mut family: TextFamily) -> Result<(), TryReserveError> {
        if let Some(taken_by) = self.conflicting_family(&family) {
            self.conflicts.push(Conflict {
                name: family.header.name,
                kind: family.header.kind,
                taken_by,
            });
            return Ok(());
        }
        let name = &family.header.name;
        if let Some((header, own)) = self.own.family_of_sample(name) {
            family
                .samples
                .retain(|sample| !own.contains(&stored_labels(header.kind, sample.labels.clone())));
        }
        for sample in family.header.sample_names() {
            self.used_names.insert(sample, name.clone());
        }
        match self.families.entry(name.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(family);
            }
            Entry::Occupied(mut first) => {
                let first = first.get_mut();
                let mut known: HashSet<&str> = HashSet::new();
                known.try_reserve(first.samples.len())?;
                known.extend(first.samples.iter().map(|sample| &*sample.identity));
                family
                    .samples
                    .retain(|sample| !known.contains(&*sample.identity));
                first.samples.try_reserve(family.samples.len())?;
                first.samples.append(&mut family.samples);
            }
        }
        Ok(())
    }

    /// The name of another family, or of one with another type, that uses one of the sample names.
    fn conflicting_family(&self, family: &TextFamily) -> Option<String> {
        family.header.sample_names().find_map(|sample| {
            let own = self.own.family_of_sample(&sample);
            let own = own.map(|(header, _)| (header.name.clone(), header.kind));
            let external = self.used_names.get(&sample).and_then(|owner| {
                let kind = self.families.get(owner)?.header.kind;
                Some((owner.clone(), kind))
            });
            [own, external]
                .into_iter()
                .flatten()
                .find(|(name, kind)| *name != family.header.name || *kind != family.header.kind)
                .map(|(name, _)| name)
        })
    }
}
