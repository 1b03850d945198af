//! Macros: over the elements of a list, the keys of a map, the value of an optional.

use tollgate_model::condition::{Comprehension, Macro};

use super::{Constant, Failure, Fold, Found, error, no_overload};

impl Fold<'_> {
    pub(super) fn comprehension(&mut self, walk: &Comprehension) -> Found {
        let range = self.value(&walk.range)?;
        if let Macro::OptMap | Macro::OptFlatMap = walk.which {
            return self.optional(walk, range);
        }
        // A list is walked by its elements, with two names by index and element; a map by its keys, or by key
        // and value.
        let pairs: Vec<(Constant, Option<Constant>)> = match (range, &walk.second) {
            (Constant::List(items), None) => items.into_iter().map(|item| (item, None)).collect(),
            (Constant::List(items), Some(_)) => (0_i64..)
                .map(Constant::Int)
                .zip(items.into_iter().map(Some))
                .collect(),
            (Constant::Map(entries), None) => {
                entries.into_iter().map(|(key, _)| (key, None)).collect()
            }
            (Constant::Map(entries), Some(_)) => entries
                .into_iter()
                .map(|(key, value)| (key, Some(value)))
                .collect(),
            (other, _) => {
                return error(format!(
                    "a value of the type {} cannot be walked",
                    other.type_name()
                ));
            }
        };
        match walk.which {
            Macro::All => self.quantified(walk, pairs, false),
            Macro::Exists => self.quantified(walk, pairs, true),
            _ => self.collected(walk, pairs),
        }
    }

    /// Runs a body for one element.
    fn each<T>(
        &mut self,
        walk: &Comprehension,
        (first, second): &(Constant, Option<Constant>),
        inner: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.with(&walk.variable, Ok(first.clone()), |fold| {
            match (&walk.second, second) {
                (Some(name), Some(second)) => fold.with(name, Ok(second.clone()), inner),
                _ => inner(fold),
            }
        })
    }

    /// As a chain of `&&`, or of `||`: one element may decide beside failures.
    fn quantified(
        &mut self,
        walk: &Comprehension,
        pairs: Vec<(Constant, Option<Constant>)>,
        decisive: bool,
    ) -> Found {
        let mut failed = None;
        for pair in &pairs {
            match self.each(walk, pair, |fold| fold.truth(&walk.body)) {
                Ok(value) if value == decisive => return Ok(Constant::Bool(decisive)),
                Ok(_) => {}
                Err(Failure::Request) => failed = Some(Failure::Request),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Constant::Bool(!decisive)), Err)
    }

    /// Those that take each element in turn, and fail with the first that does.
    fn collected(
        &mut self,
        walk: &Comprehension,
        pairs: Vec<(Constant, Option<Constant>)>,
    ) -> Found {
        let mut list = Vec::new();
        let mut map = Vec::new();
        let mut count = 0_u32;
        for pair in &pairs {
            if let Some(filter) = &walk.filter
                && !self.each(walk, pair, |fold| fold.truth(filter))?
            {
                continue;
            }
            let value = self.each(walk, pair, |fold| fold.value(&walk.body))?;
            match (walk.which, value) {
                (Macro::ExistsOne, Constant::Bool(holds)) => count += u32::from(holds),
                (Macro::Filter, Constant::Bool(true)) => list.push(pair.0.clone()),
                (Macro::Filter, Constant::Bool(false)) => {}
                (Macro::Map, value) => list.push(value),
                (Macro::TransformMap, value) => {
                    self.insert(&mut map, pair.0.clone(), value)?;
                }
                (Macro::TransformMapEntry, Constant::Map(entries)) => {
                    for (key, value) in entries {
                        self.insert(&mut map, key, value)?;
                    }
                }
                _ => return no_overload("a macro"),
            }
        }
        match walk.which {
            Macro::ExistsOne => Ok(Constant::Bool(count == 1)),
            Macro::TransformMap | Macro::TransformMapEntry => self.made(Constant::Map(map)),
            _ => self.made(Constant::List(list)),
        }
    }

    fn optional(&mut self, walk: &Comprehension, range: Constant) -> Found {
        let value = match range {
            Constant::Optional(None) => return Ok(Constant::Optional(None)),
            Constant::Optional(Some(value)) => *value,
            _ => return no_overload("optMap"),
        };
        let made = self.with(&walk.variable, Ok(value), |fold| fold.value(&walk.body))?;
        match (walk.which, made) {
            (Macro::OptMap, made) => Ok(Constant::Optional(Some(Box::new(made)))),
            (_, made @ Constant::Optional(_)) => Ok(made),
            _ => no_overload("optFlatMap"),
        }
    }
}
