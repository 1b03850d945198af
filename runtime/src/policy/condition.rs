//! Conditions of documents that arrive at request time.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::operator::{Operator, Test, boolean};
use super::reading::{Members, bytes, scalars, text};
use super::record::{Done, Malformed, Record};
use super::values::{Key, Piece, Ranges, is_principal_key, moment, opened, pieces};
use crate::isa::{Absent, Manner, Op};
use crate::json::Heap;
use crate::machine::Variable;
use crate::value::Value;

/// What is compared.
#[derive(Clone, Copy)]
enum Of<'t> {
    /// The value of this condition key.
    Key(&'t str),
    /// One of the values of a key that has several.
    Value(&'t [u8]),
}

impl Operator {
    /// The operator of this name; its keys must be an object.
    fn read(heap: &Heap<'_>, name: &Value, keys: &Value) -> Done<Operator> {
        let Value::Map(_) = keys else {
            return Err(Malformed);
        };
        Operator::named(bytes(heap, name)?).ok_or(Malformed)
    }
}

impl Record {
    /// Builds the pattern that a text with variables stands for.
    pub(super) fn pattern(&mut self, text: &str, manner: Manner) {
        self.op(Op::OutBegin {});
        match pieces(text) {
            Some(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => {
                            let text = self.text(text.as_bytes());
                            self.op(Op::OutText { text });
                        }
                        Piece::Escaped(text) => {
                            let text = self.text(text.as_bytes());
                            self.op(Op::LoadText { text });
                            self.op(Op::OutLiteral { manner });
                        }
                        Piece::Variable { key, default } => self.variable(key, default, manner),
                    }
                }
            }
            // A `${` that nothing closes: whoever compares with it errs.
            None => self.missing(manner),
        }
        self.op(Op::OutPattern {});
    }

    fn variable(&mut self, key: &str, default: Option<&str>, manner: Manner) {
        // Only keys of one value can stand in a text.
        if self.values(key).is_some() || !self.key(key) {
            match default {
                Some(default) => {
                    let text = self.text(default.as_bytes());
                    self.op(Op::LoadText { text });
                }
                None => return self.missing(manner),
            }
        } else if let Some(default) = default {
            let text = self.text(default.as_bytes());
            self.op(Op::LoadDefault { text });
        }
        self.op(Op::OutLiteral { manner });
    }

    /// Breaks the pattern.
    fn missing(&mut self, manner: Manner) {
        let name = self.text(b"");
        self.op(Op::LoadPrincipal { name });
        self.op(Op::OutLiteral { manner });
    }

    /// Loads the value of a condition key; `false`: nobody has it.
    fn key(&mut self, name: &str) -> bool {
        if self.asked || is_principal_key(name) {
            let name = self.text(name.as_bytes());
            self.op(Op::LoadPrincipal { name });
            return true;
        }
        match Key::named(name) {
            Some(key) => {
                self.load(key);
                true
            }
            None => false,
        }
    }

    /// Adds that all operators and keys must hold, to what holds so far.
    pub(super) fn conditions<'h>(
        &mut self,
        heap: &'h Heap<'_>,
        condition: Members<'h>,
        values: &mut Vec<Cow<'h, str>>,
    ) -> Done {
        self.clauses(heap, condition, values, |record, operator, key, values| {
            record.unless();
            record.clause(operator, key, values)?;
            record.op(Op::And {});
            Ok(())
        })
    }

    /// Reads what [`conditions`](Record::conditions) does, of a statement that never applies.
    pub(super) fn check_conditions<'h>(
        &mut self,
        heap: &'h Heap<'_>,
        condition: Members<'h>,
        values: &mut Vec<Cow<'h, str>>,
    ) -> Done {
        self.clauses(heap, condition, values, |_, _, _, _| Ok(()))
    }

    fn clauses<'h>(
        &mut self,
        heap: &'h Heap<'_>,
        condition: Members<'h>,
        values: &mut Vec<Cow<'h, str>>,
        mut each: impl FnMut(&mut Record, Operator, &'h str, &mut [Cow<'h, str>]) -> Done,
    ) -> Done {
        for [operator, keys] in condition {
            let operator = Operator::read(heap, operator, keys)?;
            for [key, written] in heap.pairs(*keys) {
                self.part()?;
                let key = text(heap, key)?;
                scalars(heap, written, values)?;
                each(self, operator, key, values)?;
            }
        }
        Ok(())
    }

    fn clause(&mut self, operator: Operator, key: &str, values: &mut [Cow<'_, str>]) -> Done {
        if operator.test == Test::Null {
            let listed = |word: &str| values.iter().any(|v| v.eq_ignore_ascii_case(word));
            let (missing, present) = (listed("true"), listed("false"));
            match (missing, present) {
                (true, true) => self.op(Op::Push { truth: 1 }),
                (false, false) => self.op(Op::Push { truth: 0 }),
                _ => {
                    if self.key(key) {
                        self.op(Op::Missing {});
                    } else {
                        self.op(Op::Push { truth: 1 });
                    }
                    if present {
                        self.op(Op::Not {});
                    }
                }
            }
            return Ok(());
        }
        let takes_variables = self.variables && operator.test.takes_variables();
        let varies = |value: &str| takes_variables && opened(value).is_some();
        values.sort_by_key(|value| varies(value));
        let (fixed, varying) = values.split_at(values.partition_point(|value| !varies(value)));
        match self.values(key) {
            None => self.fitting(operator, Of::Key(key), fixed, varying)?,
            Some(several) => {
                for (at, value) in several.iter().enumerate() {
                    self.fitting(operator, Of::Value(value), fixed, varying)?;
                    if at > 0 {
                        self.op(match operator.every {
                            true => Op::And {},
                            false => Op::Or {},
                        });
                    }
                }
            }
        }
        if operator.negated {
            self.op(Op::Not {});
        }
        Ok(())
    }

    /// Pushes whether what is compared fits one of the policy's values, those with variables apart.
    fn fitting(
        &mut self,
        operator: Operator,
        of: Of<'_>,
        fixed: &[Cow<'_, str>],
        varying: &[Cow<'_, str>],
    ) -> Done {
        self.part()?;
        let absent = operator.absent();
        let mut pushed = false;
        if !fixed.is_empty() || varying.is_empty() {
            self.test(operator.test, of, fixed, absent);
            pushed = true;
        }
        for text in varying {
            let manner = operator.test.manner();
            self.pattern(text, manner);
            if pieces(text).is_none() {
                self.bad(of, absent);
            } else if self.value(of) {
                self.op(Op::Fits { manner, absent });
            } else {
                self.op(Op::Push {
                    truth: absent as u8,
                });
            }
            if pushed {
                self.op(Op::Or {});
            }
            pushed = true;
        }
        Ok(())
    }

    /// Loads what is compared; `false`: nobody has it.
    fn value(&mut self, of: Of<'_>) -> bool {
        match of {
            Of::Key(key) => self.key(key),
            Of::Value(value) => {
                let text = self.text(value);
                self.op(Op::LoadText { text });
                true
            }
        }
    }

    fn load(&mut self, key: Key) {
        let context = |variable: Variable| Op::LoadContext {
            variable: variable as u8,
        };
        let op = match key {
            Key::SourceIp | Key::VpcSourceIp => context(Variable::IdentitySourceIp),
            Key::SourceVpce => context(Variable::IdentityVpceId),
            Key::SourceVpc => context(Variable::IdentityVpcId),
            Key::Referer => Op::LoadHeaderFolded {
                name: self.text(b"Referer"),
            },
            Key::UserAgent => Op::LoadHeaderFolded {
                name: self.text(b"User-Agent"),
            },
            Key::Time => Op::LoadNow {},
            Key::SecureTransport => Op::LoadSecure {},
        };
        self.op(op);
    }

    fn test(&mut self, test: Test, of: Of<'_>, values: &[Cow<'_, str>], absent: Absent) {
        let known = match of {
            Of::Key(key) if !self.asked => Key::named(key),
            _ => None,
        };
        if test == Test::Address {
            return self.address(of, known, values, absent);
        }
        if !self.value(of) {
            return self.op(Op::Push {
                truth: absent as u8,
            });
        }
        match test {
            Test::Text | Test::Folded | Test::Like | Test::Arn => {
                for value in values {
                    self.add(&[value.as_bytes()]);
                }
                let set = self.set();
                self.op(match test {
                    Test::Text => Op::TextIn { set, absent },
                    Test::Folded => Op::TextInFolded { set, absent },
                    Test::Arn => Op::ArnIn { globs: set, absent },
                    _ => Op::Like { globs: set, absent },
                });
            }
            _ => {
                // Any of the values, one after the other.
                for (i, value) in values.iter().enumerate() {
                    let op = match test {
                        Test::Boolean => Some(boolean(value, absent)),
                        Test::Number(comparison) => value.trim().parse::<f64>().ok().map(|n| {
                            // The clock is in milliseconds; what is written are seconds.
                            let n = if known == Some(Key::Time) {
                                n * 1000.0
                            } else {
                                n
                            };
                            Op::Number {
                                comparison,
                                value: n.to_bits(),
                                absent,
                            }
                        }),
                        Test::Moment(comparison) => moment(value).map(|ms| Op::Moment {
                            comparison,
                            value: ms as u64,
                            absent,
                        }),
                        _ => None,
                    };
                    match op {
                        Some(op) => self.op(op),
                        None => self.bad(of, absent),
                    }
                    if i > 0 {
                        self.op(Op::Or {});
                    }
                }
                if values.is_empty() {
                    self.op(match absent {
                        Absent::True => Op::Missing {},
                        _ => Op::Push { truth: 0 },
                    });
                }
            }
        }
    }

    /// Pushes whether an address is in one of the blocks.
    fn address(&mut self, of: Of<'_>, known: Option<Key>, blocks: &[Cow<'_, str>], absent: Absent) {
        let mut set = Ranges::default();
        let mut bad = false;
        for block in blocks {
            bad |= set.insert(block).is_none();
        }
        set.join();
        let set = self.table(|out| set.put(out));
        let op = match known {
            Some(Key::SourceIp) => Op::IpIn { set, absent },
            Some(Key::VpcSourceIp) => Op::VpcIpIn { set, absent },
            _ if self.value(of) => Op::AddressIn { set, absent },
            _ => Op::Push {
                truth: absent as u8,
            },
        };
        self.op(op);
        if bad {
            self.bad(of, absent);
            self.op(Op::Or {});
        }
    }

    /// Pushes what a value of the policy says that cannot be read: an error, unless the key is absent.
    fn bad(&mut self, of: Of<'_>, absent: Absent) {
        if !self.value(of) {
            return self.op(Op::Push {
                truth: absent as u8,
            });
        }
        self.op(Op::Missing {});
        if absent != Absent::True {
            self.op(Op::Not {});
        }
        self.op(Op::Push { truth: 2 });
        self.op(match absent {
            Absent::True => Op::Or {},
            _ => Op::And {},
        });
    }
}
