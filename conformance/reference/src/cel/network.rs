//! Addresses and ranges of them, by `ipnet`.

use std::net::IpAddr;

use ipnet::IpNet;

use super::value::unmapped;
use super::{Cel, Failed, Found};

fn address(text: &str) -> Result<IpAddr, Failed> {
    match text.contains(':') && text.contains('.') {
        true => Err(Failed),
        false => text.parse().map_err(|_| Failed),
    }
}

fn network(text: &str) -> Result<IpNet, Failed> {
    let (start, prefix) = text.split_once('/').ok_or(Failed)?;
    let plain = prefix.parse::<u8>().is_ok_and(|n| n.to_string() == prefix);
    match plain {
        true => {
            IpNet::new(address(start)?, prefix.parse().map_err(|_| Failed)?).map_err(|_| Failed)
        }
        false => Err(Failed),
    }
}

fn contains(network: &IpNet, address: IpAddr) -> bool {
    match network {
        IpNet::V4(_) => network.contains(&unmapped(address)),
        IpNet::V6(_) => network.contains(&address),
    }
}

/// Whether an address is in one of some ranges, of which single addresses are some.
pub(super) fn within(item: &Cel, ranges: &[Cel]) -> Found {
    let mut found = false;
    for range in ranges {
        let Cel::Text(text) = range else {
            return Err(Failed);
        };
        let range = network(text).or_else(|Failed| address(text).map(IpNet::from))?;
        match item {
            Cel::Ip(item) => found |= contains(&range, *item),
            Cel::Null => {}
            _ => return Err(Failed),
        }
    }
    Ok(Cel::Bool(found))
}

pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    let bool = |value| Ok(Cel::Bool(value));
    match (name, values) {
        ("ip", [Cel::Text(text)]) => address(text).map(Cel::Ip),
        ("ip", [Cel::Ip(address)]) => Ok(Cel::Ip(*address)),
        ("ip", [Cel::Network(network)]) => Ok(Cel::Ip(network.addr())),
        ("cidr", [Cel::Text(text)]) => network(text).map(Cel::Network),
        ("cidr", [Cel::Network(network)]) => Ok(Cel::Network(*network)),
        ("isIP", [Cel::Text(text)]) => bool(address(text).is_ok()),
        ("isCIDR", [Cel::Text(text)]) => bool(network(text).is_ok()),
        ("ip.isCanonical", [Cel::Text(text)]) => bool(address(text)?.to_string() == *text),
        ("containsIP", [Cel::Network(range), item]) => match item {
            Cel::Ip(item) => bool(contains(range, *item)),
            Cel::Text(text) => bool(contains(range, address(text)?)),
            _ => Err(Failed),
        },
        ("containsCIDR", [Cel::Network(range), item]) => {
            let item = match item {
                Cel::Network(item) => *item,
                Cel::Text(text) => network(text)?,
                _ => return Err(Failed),
            };
            bool(range.contains(&item))
        }
        ("masked", [Cel::Network(network)]) => Ok(Cel::Network(network.trunc())),
        ("prefixLength", [Cel::Network(network)]) => Ok(Cel::Int(network.prefix_len().into())),
        (_, [Cel::Ip(address)]) => {
            let address = unmapped(*address);
            let is_link = match address {
                IpAddr::V4(four) => four.is_link_local(),
                IpAddr::V6(six) => six.is_unicast_link_local(),
            };
            match name {
                "family" => Ok(Cel::Int(if address.is_ipv4() { 4 } else { 6 })),
                "isLoopback" => bool(address.is_loopback()),
                "isUnspecified" => bool(address.is_unspecified()),
                "isLinkLocalUnicast" => bool(is_link),
                "isLinkLocalMulticast" => bool(match address {
                    IpAddr::V4(four) => four.octets()[..3] == [224, 0, 0],
                    IpAddr::V6(six) => six.octets()[0] == 0xff && six.octets()[1] & 15 == 2,
                }),
                "isGlobalUnicast" => {
                    let broadcast = address == IpAddr::from([255, 255, 255, 255]);
                    let none = address.is_loopback() || address.is_unspecified() || is_link;
                    bool(!none && !broadcast && !address.is_multicast())
                }
                _ => Err(Failed),
            }
        }
        _ => Err(Failed),
    }
}
