//! Instructions as text: what operands refer to stands in clear, places count from the program's start, so that
//! the listing of a program changes only with the program.

use std::fmt::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

use tollgate_runtime::ResponseType;
use tollgate_runtime::Variable;
use tollgate_runtime::bundle::wire::{Blob, Field, Label, Str, checksum};
use tollgate_runtime::bundle::{ImageView, Section};
use tollgate_runtime::cel;
use tollgate_runtime::isa::{Names, Op, Step};

use super::{Api, LaidOpen, shown};

/// One line of a listing.
pub(crate) struct Line {
    /// The place of the instruction, counted from the program's start.
    pub(crate) at: u32,
    /// Mnemonic and operands.
    pub(crate) text: String,
    /// What a number stands for; the place of a statement.
    pub(crate) note: Option<String>,
    /// The place of a statement, which changes with any line before it.
    pub(crate) place: Option<String>,
}

impl LaidOpen<'_> {
    /// The listing of a program of a deployment image.
    pub(crate) fn listing(&self, api: &Api<'_>, steps: &[Step]) -> Vec<Line> {
        let base = steps.first().map_or(0, |step| step.at);
        steps
            .iter()
            .map(|step| {
                let statement = match step.op {
                    Op::Deny { statement }
                    | Op::DenyUnless { statement }
                    | Op::Allow { statement }
                    | Op::AllowAll { statement }
                    | Op::Delegate { statement } => Some(statement),
                    _ => None,
                };
                let mut line = line(api.image, base, step);
                if let Some(statement) = statement {
                    let number = api.statement_number(statement);
                    line.text = format!("{} statement {number}", step.op.mnemonic());
                    line.place = self.statement_place(statement);
                }
                line
            })
            .collect()
    }

    /// The listing of a program of the edge image.
    pub(crate) fn edge_listing(&self, steps: &[Step]) -> Vec<Line> {
        let base = steps.first().map_or(0, |step| step.at);
        let Some(edge) = self.images.first() else {
            return Vec::new();
        };
        steps.iter().map(|step| line(*edge, base, step)).collect()
    }
}

fn line(image: ImageView<'_>, base: u32, step: &Step) -> Line {
    let mut text = step.op.mnemonic().to_owned();
    let names = Clear {
        image,
        base,
        op: step.op,
    };
    // Writing to a string does not fail.
    let _ = step.op.show(&mut text, &names);
    let note = match step.op {
        Op::LoadContext { variable } => Variable::ALL
            .get(usize::from(variable))
            .map(|variable| variable.name().to_owned()),
        Op::Fail { ty } => ResponseType::ALL
            .get(usize::from(ty))
            .map(|ty| ty.name().to_owned()),
        _ => None,
    };
    Line {
        at: step.at - base,
        text,
        note,
        place: None,
    }
}

/// Prints what operands refer to.
struct Clear<'b> {
    image: ImageView<'b>,
    base: u32,
    op: Op,
}

impl Names for Clear<'_> {
    fn text(&self, text: Str, f: &mut dyn Write) -> fmt::Result {
        write!(f, "{:?}", shown(self.image.text(text)))
    }

    fn table(&self, table: Blob, f: &mut dyn Write) -> fmt::Result {
        let bytes = self.image.table(table);
        match self.op {
            Op::PeerIn { .. } | Op::IpIn { .. } | Op::VpcIpIn { .. } | Op::AddressIn { .. } => {
                f.write_str(&ranges(bytes).unwrap_or_else(|| unread(bytes)))
            }
            Op::TextIn { .. }
            | Op::VpceIn { .. }
            | Op::TextInFolded { .. }
            | Op::Like { .. }
            | Op::ArnLike { .. }
            | Op::ArnIn { .. }
            | Op::PrincipalIn { .. }
            | Op::PrincipalBeyond { .. } => {
                let texts: Vec<String> = bytes
                    .chunks_exact(Str::SIZE)
                    .filter_map(Str::get)
                    .map(|text| shown(self.image.text(text)))
                    .collect();
                write!(f, "{texts:?}")
            }
            Op::Computed { .. } => f.write_str(&cel::listing(bytes).text),
            _ => f.write_str(&unread(bytes)),
        }
    }

    fn label(&self, label: Label, f: &mut dyn Write) -> fmt::Result {
        write!(f, "@{}", label.0.saturating_sub(self.base))
    }
}

/// A table by size and checksum: enough to see that it changed.
fn unread(bytes: &[u8]) -> String {
    format!("{} bytes, {:016x}", bytes.len(), checksum(bytes))
}

/// A set of addresses: blocks where a range is one, else first and last.
fn ranges(bytes: &[u8]) -> Option<String> {
    let four = u32::get(bytes)? as usize;
    let six = u32::get(bytes.get(4..)?)? as usize;
    let mut rest = bytes.get(8..)?;
    let mut out = Vec::new();
    for _ in 0..four {
        let (first, last) = (u32::get(rest)?, u32::get(rest.get(4..)?)?);
        rest = rest.get(8..)?;
        let bits = block(u128::from(first), u128::from(last), 32);
        let (first, last) = (Ipv4Addr::from(first), Ipv4Addr::from(last));
        out.push(range(first.to_string(), last.to_string(), bits));
    }
    for _ in 0..six {
        let (first, tail) = rest.split_first_chunk()?;
        let (last, tail) = tail.split_first_chunk()?;
        rest = tail;
        let (first, last) = (u128::from_le_bytes(*first), u128::from_le_bytes(*last));
        let bits = block(first, last, 128);
        let (first, last) = (Ipv6Addr::from(first), Ipv6Addr::from(last));
        out.push(range(first.to_string(), last.to_string(), bits));
    }
    Some(format!("[{}]", out.join(", ")))
}

fn range(first: String, last: String, bits: Option<u32>) -> String {
    match bits {
        _ if first == last => first,
        Some(bits) => format!("{first}/{bits}"),
        None => format!("{first}-{last}"),
    }
}

/// The prefix length of a range that is a CIDR block, of addresses of `width` bits.
fn block(first: u128, last: u128, width: u32) -> Option<u32> {
    let size = (last.checked_sub(first)?).wrapping_add(1);
    match size {
        // All 2^128 addresses.
        0 => Some(0),
        _ if size.is_power_of_two() && first.is_multiple_of(size) => {
            Some(width.checked_sub(size.trailing_zeros())?)
        }
        _ => None,
    }
}

/// The section names with their sizes, of those that are not empty.
pub(crate) fn sections(image: &ImageView<'_>) -> Vec<(&'static str, usize)> {
    tollgate_runtime::bundle::SECTIONS
        .iter()
        .map(|(section, name, _): &(Section, _, _)| (*name, image.section(*section).len()))
        .filter(|(_, size)| *size > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_runtime::policy::Ranges;

    #[test]
    fn sets_of_addresses_are_read_back() {
        for (blocks, shown) in [
            (&["10.0.0.0/8"][..], "[10.0.0.0/8]"),
            (&["0.0.0.0/0", "::/0"], "[0.0.0.0/0, ::/0]"),
            (&["192.0.2.1"], "[192.0.2.1]"),
            (&["192.0.2.1", "192.0.2.2"], "[192.0.2.1-192.0.2.2]"),
            (
                &["2001:db8::/32", "10.0.0.0/9", "10.128.0.0/9"],
                "[10.0.0.0/8, 2001:db8::/32]",
            ),
            (&[], "[]"),
        ] {
            let set = Ranges::parse(blocks.iter().copied()).unwrap();
            assert_eq!(ranges(&set.table()).as_deref(), Some(shown));
        }
        assert_eq!(ranges(b"\x01\0\0\0\0\0\0\0"), None, "cut off");
    }
}
