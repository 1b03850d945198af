//! Keys of a faulty generator (CVE-2017-15361): their private part follows from the public one.
//!
//! The primes of such keys are powers of 65537 modulo a product of small primes, and so is the modulus; a
//! random modulus is that for all of them once in about 200 million.

/// The odd primes up to 167; those first for which the powers of 65537 are the rarest.
const PRIMES: [u32; 38] = [
    97, 37, 79, 11, 61, 73, 127, 151, 13, 17, 19, 53, 71, 103, 107, 109, 157, 3, 5, 7, 23, 29, 31,
    41, 43, 47, 59, 67, 83, 89, 101, 113, 131, 137, 139, 149, 163, 167,
];

/// Whether a big-endian modulus comes from the faulty generator. A random modulus costs one or two passes over
/// its bytes.
pub(super) fn is_weak(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| {
        let rest = modulus
            .iter()
            .fold(0, |r, b| (r << 8 | u32::from(*b)) % prime);
        is_power(65_537 % prime, rest, prime)
    })
}

/// Whether `value` is a power of `base`, modulo `prime`.
fn is_power(base: u32, value: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == value {
            return true;
        }
        power = power * base % prime;
        if power == 1 {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_modulo_a_prime() {
        // 65537 is 10 modulo 11, whose powers are 10 and 1.
        let powers: Vec<u32> = (0..11).filter(|v| is_power(65_537 % 11, *v, 11)).collect();
        assert_eq!(powers, [1, 10]);
    }

    #[test]
    fn a_power_of_the_generator_is_weak_and_its_neighbour_is_not() {
        // 65537² is such a "modulus" by definition.
        let modulus = (65_537_u64 * 65_537).to_be_bytes();
        assert!(is_weak(&modulus));
        assert!(!is_weak(&(65_537_u64 * 65_537 + 2).to_be_bytes()));
    }
}
