//! The unified social credit code (统一社会信用代码, GB 32100-2015).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// `3^(i−1) mod 31` for the first seventeen characters.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const LENGTH: usize = 18;

/// A valid USCC: 18 characters, normalised (trimmed, upper case, half width), check character proven.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = "uscc", min_length = 1, max_length = 64)]
pub struct Uscc(String);

/// Why a text is not a USCC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUscc {
    /// Not 18 characters long.
    #[error("a USCC has 18 characters, not {0}")]
    Length(usize),
    /// A character outside the code's alphabet (I, O, S, V and Z are not in it).
    #[error("`{0}` at place {1} is not a character of a USCC")]
    Character(char, usize),
    /// The region (characters 3 to 8) is not six digits.
    #[error("characters 3 to 8 (the region) are digits")]
    Region,
    /// The check character does not fit.
    #[error("the check character is `{expected}`, not `{found}`")]
    Check {
        /// What the first seventeen characters call for.
        expected: char,
        /// What was given.
        found: char,
    },
}

impl Uscc {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The check character that belongs to seventeen characters, if all are of the alphabet.
    #[must_use]
    pub fn check_character(first_seventeen: &str) -> Option<char> {
        let bytes = first_seventeen.as_bytes();
        if bytes.len() != LENGTH - 1 {
            return None;
        }
        let mut sum = 0;
        for (byte, weight) in bytes.iter().zip(WEIGHTS) {
            sum += ALPHABET.iter().position(|c| c == byte)? * weight;
        }
        Some(char::from(ALPHABET[(31 - sum % 31) % 31]))
    }
}

/// Trims, folds full width to half width, and raises to upper case.
fn normalise(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

impl FromStr for Uscc {
    type Err = InvalidUscc;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = normalise(text);
        let length = code.chars().count();
        if length != LENGTH {
            return Err(InvalidUscc::Length(length));
        }
        for (place, c) in code.chars().enumerate() {
            if !u8::try_from(c).is_ok_and(|b| ALPHABET.contains(&b)) {
                return Err(InvalidUscc::Character(c, place + 1));
            }
        }
        if !code.as_bytes()[2..8].iter().all(u8::is_ascii_digit) {
            return Err(InvalidUscc::Region);
        }
        let found = char::from(code.as_bytes()[LENGTH - 1]);
        match Self::check_character(&code[..LENGTH - 1]) {
            Some(expected) if expected == found => Ok(Self(code)),
            expected => Err(InvalidUscc::Check { expected: expected.unwrap_or('?'), found }),
        }
    }
}

impl TryFrom<String> for Uscc {
    type Error = InvalidUscc;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Uscc> for String {
    fn from(uscc: Uscc) -> Self {
        uscc.0
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_codes_are_valid() {
        for code in [
            "91350100M000100Y43",
            "91330100799655058B",
            "9144030071526726XG",
            "914403001922038216",
            "91330100MA2B000860",
            "91330100MA2B00430Y",
        ] {
            assert_eq!(code.parse::<Uscc>().map(String::from), Ok(code.to_owned()));
        }
    }

    #[test]
    fn a_wrong_check_character_names_the_right_one() {
        assert_eq!("91350100M000100Y44".parse::<Uscc>(), Err(InvalidUscc::Check { expected: '3', found: '4' }));
    }

    #[test]
    fn blanks_lower_case_and_full_width_are_folded() {
        let folded: Result<Uscc, _> = " 91350100m000100y４３ ".parse();
        assert_eq!(folded.map(String::from), Ok("91350100M000100Y43".to_owned()));
    }

    #[test]
    fn letters_outside_the_alphabet_and_other_lengths_are_refused() {
        assert_eq!("91350100M000100O43".parse::<Uscc>(), Err(InvalidUscc::Character('O', 16)));
        assert_eq!("9135".parse::<Uscc>(), Err(InvalidUscc::Length(4)));
        assert_eq!("91AB0100M000100Y43".parse::<Uscc>(), Err(InvalidUscc::Region));
    }
}
