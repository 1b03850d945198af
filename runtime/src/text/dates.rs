//! The Gregorian calendar, UTC.

/// A moment in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// The parts of a moment in milliseconds since 1970.
pub(crate) fn parts(ms: u64) -> Parts {
    let seconds = ms / 1000;
    let (days, rest) = ((seconds / 86_400) as i64, seconds % 86_400);
    // Days from 0000-03-01, in eras of 400 years.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    Parts {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u8,
        day: (day_of_year - (153 * shifted + 2) / 5 + 1) as u8,
        hour: (rest / 3600) as u8,
        minute: (rest / 60 % 60) as u8,
        second: (rest % 60) as u8,
    }
}

/// `21/Nov/2026:16:05:09 +0000`: `$context.requestTime`.
pub(crate) fn request_time(ms: u64) -> [u8; 26] {
    let p = parts(ms);
    let mut out = *b"00/Jan/0000:00:00:00 +0000";
    let two = |n: u8| [b'0' + n / 10 % 10, b'0' + n % 10];
    let year = p.year.clamp(0, 9999) as u16;
    let month = MONTHS
        .get(usize::from(p.month.saturating_sub(1)))
        .copied()
        .unwrap_or(b"Jan");
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(to) = out.get_mut(at..at + bytes.len()) {
            to.copy_from_slice(bytes);
        }
    };
    put(0, &two(p.day));
    put(3, month);
    put(7, &two((year / 100) as u8));
    put(9, &two((year % 100) as u8));
    put(12, &two(p.hour));
    put(15, &two(p.minute));
    put(18, &two(p.second));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_print_as_the_reference_prints_them() {
        for (ms, text) in [
            (0, "01/Jan/1970:00:00:00 +0000"),
            (951_782_400_000, "29/Feb/2000:00:00:00 +0000"),
            (1_763_856_000_999, "23/Nov/2025:00:00:00 +0000"),
            (4_102_444_799_000, "31/Dec/2099:23:59:59 +0000"),
        ] {
            assert_eq!(core::str::from_utf8(&request_time(ms)).unwrap(), text);
        }
    }
}
