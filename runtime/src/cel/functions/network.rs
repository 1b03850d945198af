//! Addresses and their ranges.

use core::net::{IpAddr, Ipv6Addr};

use super::super::code::Function;
use super::super::value::{Cel, Found, Run, error, no_overload};
use super::super::work::Work;

pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    use Cel::{Bool, Cidr, Int, Ip, Text};
    use Function as F;
    let view = work.view();
    Ok(match (function, operands) {
        (F::Ip, [Text(text)]) => match address(view.str(*text)) {
            Some(address) => return made(work, address),
            None => return error("the text is no address"),
        },
        (F::Ip, [Ip(_)]) | (F::Cidr, [Cidr(_)]) => {
            return operands.first().map_or_else(no_overload, |same| Ok(*same));
        }
        (F::Cidr, [Text(text)]) => match range(view.str(*text)) {
            Some(range) => return made_range(work, range),
            None => return error("the text is no address range"),
        },
        (F::IsIp, [Text(text)]) => Bool(address(view.str(*text)).is_some()),
        (F::IsCidr, [Text(text)]) => Bool(range(view.str(*text)).is_some()),
        (F::IsCanonical, [Text(text)]) => match address(view.str(*text)) {
            Some(address) => {
                let text = *text;
                let shown = work.printed(format_args!("{address}"))?;
                Bool(work.str(shown) == work.str(text))
            }
            None => return error("the text is no address"),
        },
        (
            F::Family
            | F::IsUnspecified
            | F::IsLoopback
            | F::IsLinkLocalUnicast
            | F::IsLinkLocalMulticast
            | F::IsGlobalUnicast,
            [Ip(span)],
        ) => {
            // An address of IPv4 in IPv6 is what it stands for.
            let Some(address) = view.address(*span).map(|address| address.to_canonical()) else {
                return no_overload();
            };
            match function {
                F::Family => Int(if address.is_ipv4() { 4 } else { 6 }),
                F::IsUnspecified => Bool(address.is_unspecified()),
                F::IsLoopback => Bool(address.is_loopback()),
                F::IsLinkLocalUnicast => Bool(is_link_local(address)),
                F::IsLinkLocalMulticast => Bool(is_link_local_multicast(address)),
                _ => Bool(is_global(address)),
            }
        }
        (_, [Cidr(span), rest @ ..]) => {
            let Some((network, prefix)) = view.network(*span) else {
                return no_overload();
            };
            match (function, rest) {
                (F::Ip, []) => return made(work, network),
                (F::PrefixLength, []) => Int(i64::from(prefix)),
                (F::Masked, []) => return made_range(work, (masked(network, prefix), prefix)),
                (F::ContainsIp, [other]) => {
                    let address = match other {
                        Ip(span) => view.address(*span),
                        Text(text) => address(view.str(*text)),
                        _ => return no_overload(),
                    };
                    match address {
                        Some(address) => Bool(holds((network, prefix), address)),
                        None => return error("the text is no address"),
                    }
                }
                (F::ContainsCidr, [other]) => {
                    let other = match other {
                        Cidr(span) => view.network(*span),
                        Text(text) => range(view.str(*text)),
                        _ => return no_overload(),
                    };
                    match other {
                        Some((address, longer)) => {
                            Bool(prefix <= longer && holds((network, prefix), address))
                        }
                        None => return error("the text is no address range"),
                    }
                }
                _ => return no_overload(),
            }
        }
        _ => return no_overload(),
    })
}

/// `address in cidr("…", "…")`: ranges, or single addresses.
pub(in super::super) fn within(work: &mut Work<'_>, element: Cel, texts: Run) -> Found {
    let view = work.view();
    let Cel::Ip(element) = element else {
        return no_overload();
    };
    let Some(element) = view.address(element) else {
        return no_overload();
    };
    let mut is_within = false;
    for text in view.cells(texts) {
        let (Cel::Text(text) | Cel::Claim(text)) = text else {
            return no_overload();
        };
        let text = view.str(*text);
        let single = || address(text).map(|address| (address, bits(address)));
        match range(text).or_else(single) {
            Some(range) => is_within |= holds(range, element),
            None => return error("the text is no address range"),
        }
    }
    Ok(Cel::Bool(is_within))
}

fn made(work: &mut Work<'_>, address: IpAddr) -> Found {
    work.space.address(address)
}

fn made_range(work: &mut Work<'_>, (address, prefix): (IpAddr, u8)) -> Found {
    let start = work.space.start();
    made(work, address)?;
    work.space.write(&[prefix])?;
    Ok(Cel::Cidr(work.space.since(start)))
}

/// An address; none with a zone, and none of IPv4 written as one of IPv6.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    let is_mixed = text.contains(':') && text.contains('.');
    (!is_mixed).then_some(address)
}

fn range(text: &str) -> Option<(IpAddr, u8)> {
    let (start, prefix) = text.split_once('/')?;
    let address = address(start)?;
    let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let zeros = prefix.len() > 1 && prefix.starts_with('0');
    let prefix: u8 = prefix.parse().ok()?;
    (digits && !zeros && prefix <= bits(address)).then_some((address, prefix))
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX
                .checked_shl(u32::from(32 - prefix.min(32)))
                .unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX
                .checked_shl(u32::from(128 - prefix.min(128)))
                .unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

fn holds((network, prefix): (IpAddr, u8), address: IpAddr) -> bool {
    let address = match network {
        IpAddr::V4(_) => address.to_canonical(),
        IpAddr::V6(_) => address,
    };
    network.is_ipv4() == address.is_ipv4() && masked(network, prefix) == masked(address, prefix)
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => first(address) & 0xffc0 == 0xfe80,
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets().starts_with(&[224, 0, 0]),
        // Of the scope "link", whatever the flags.
        IpAddr::V6(address) => first(address) & 0xff0f == 0xff02,
    }
}

/// Anything that a packet can be sent to beyond the link, private ranges included.
fn is_global(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    !(is_broadcast
        || address.is_unspecified()
        || address.is_loopback()
        || address.is_multicast()
        || is_link_local(address))
}

fn first(address: Ipv6Addr) -> u16 {
    address.segments()[0]
}
