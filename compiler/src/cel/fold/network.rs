//! Addresses and their ranges.

use std::net::{IpAddr, Ipv6Addr};

use super::{Constant, Found, error, no_overload};

pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    use Constant::{Bool, Cidr, Int, Ip, Text};
    Ok(match (name, values) {
        ("ip", [Text(text)]) => match address(text) {
            Some(address) => Ip(address),
            None => return error(format!("`{text}` is no address")),
        },
        ("ip", [Ip(address)]) => Ip(*address),
        ("cidr", [Text(text)]) => match range(text) {
            Some((address, prefix)) => Cidr(address, prefix),
            None => return error(format!("`{text}` is no address range")),
        },
        ("cidr", [Cidr(address, prefix)]) => Cidr(*address, *prefix),
        ("isIP", [Text(text)]) => Bool(address(text).is_some()),
        ("isCIDR", [Text(text)]) => Bool(range(text).is_some()),
        ("ip.isCanonical", [Text(text)]) => match address(text) {
            Some(address) => Bool(address.to_string() == *text),
            None => return error(format!("`{text}` is no address")),
        },
        ("family", [Ip(address)]) => Int(if folded(*address).is_ipv4() { 4 } else { 6 }),
        ("isUnspecified", [Ip(address)]) => Bool(folded(*address).is_unspecified()),
        ("isLoopback", [Ip(address)]) => Bool(folded(*address).is_loopback()),
        ("isLinkLocalUnicast", [Ip(address)]) => Bool(is_link_local(folded(*address))),
        ("isLinkLocalMulticast", [Ip(address)]) => Bool(is_link_local_multicast(folded(*address))),
        ("isGlobalUnicast", [Ip(address)]) => Bool(is_global(folded(*address))),
        ("ip", [Cidr(address, _)]) => Ip(*address),
        ("prefixLength", [Cidr(_, prefix)]) => Int(i64::from(*prefix)),
        ("masked", [Cidr(address, prefix)]) => Cidr(masked(*address, *prefix), *prefix),
        ("containsIP", [Cidr(network, prefix), Ip(address)]) => {
            Bool(holds((*network, *prefix), *address))
        }
        ("containsIP", [Cidr(network, prefix), Text(text)]) => match address(text) {
            Some(address) => Bool(holds((*network, *prefix), address)),
            None => return error(format!("`{text}` is no address")),
        },
        ("containsCIDR", [Cidr(network, prefix), Cidr(address, longer)]) => {
            Bool(prefix <= longer && holds((*network, *prefix), *address))
        }
        ("containsCIDR", [Cidr(network, prefix), Text(text)]) => match range(text) {
            Some((address, longer)) => {
                Bool(*prefix <= longer && holds((*network, *prefix), address))
            }
            None => return error(format!("`{text}` is no address range")),
        },
        _ => return no_overload(name),
    })
}

/// `address in cidr("…", "…")`: ranges, or single addresses.
pub(super) fn within(element: &Constant, texts: &[Constant]) -> Found {
    let Constant::Ip(element) = element else {
        return no_overload("in");
    };
    let mut is_within = false;
    for text in texts {
        let Constant::Text(text) = text else {
            return no_overload("cidr");
        };
        let single = || address(text).map(|address| (address, bits(address)));
        match range(text).or_else(single) {
            Some(range) => is_within |= holds(range, *element),
            None => return error(format!("`{text}` is no address range")),
        }
    }
    Ok(Constant::Bool(is_within))
}

/// `10.0.0.0/8`.
pub(crate) fn range_written(address: IpAddr, prefix: u8) -> String {
    format!("{address}/{prefix}")
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

/// An address of IPv4 in IPv6 as what it stands for.
fn folded(address: IpAddr) -> IpAddr {
    address.to_canonical()
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
        IpAddr::V4(_) => folded(address),
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
