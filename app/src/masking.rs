//! How much of a phone number or mail address is shown to whoever needs no more than to know it when they see it (S11).
//!
//! The masked text has as many characters as the whole one. Of digits it shows:
//!
//! | number | shown | example |
//! |---|---|---|
//! | mobile: 11 digits from 1, with or without 86 before | the country, the first 3 and the last 4 | `138****1234` |
//! | 10 digits or more from 0 | the area code (3 digits of 010 and 02x, else 4) and the last 2 | `0553-*****67` |
//! | any other of 7 digits or more | the last 2 | `*****67` |
//! | shorter | none | `****` |
//!
//! Space and `+ - ( ) . , / ;` stay, every other character is masked. Of a mail address it shows the first character of
//! two or more before the last `@`, and what follows it; of a text without `@` nothing.

const MASK: char = '*';

/// A phone number, masked.
#[must_use]
pub fn phone(number: &str) -> String {
    let digits: Vec<u32> = number.chars().filter_map(digit).collect();
    let (head, tail) = shown(&digits);
    let hidden = head..digits.len() - tail;
    let mut place = 0;
    number
        .chars()
        .map(|character| {
            if digit(character).is_none() {
                return if separates(character) { character } else { MASK };
            }
            place += 1;
            if hidden.contains(&(place - 1)) { MASK } else { character }
        })
        .collect()
}

/// A mail address, masked.
#[must_use]
pub fn email(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return address.chars().map(|_| MASK).collect();
    };
    let shown = usize::from(local.chars().count() > 1);
    let local: String = local.chars().enumerate().map(|(n, c)| if n < shown { c } else { MASK }).collect();
    format!("{local}@{domain}")
}

/// How many digits are shown at the beginning and at the end; never more than there are.
fn shown(digits: &[u32]) -> (usize, usize) {
    let country = [[0, 0, 8, 6].as_slice(), &[8, 6], &[]]
        .into_iter()
        .find(|country| digits.strip_prefix(*country).is_some_and(|rest| rest.len() == 11 && rest.first() == Some(&1)));
    match (country, digits) {
        (Some(country), _) => (country.len() + 3, 4),
        (None, [0, 1, 0, ..] | [0, 2, ..]) if digits.len() >= 10 => (3, 2),
        (None, [0, ..]) if digits.len() >= 10 => (4, 2),
        (None, _) if digits.len() >= 7 => (0, 2),
        (None, _) => (0, 0),
    }
}

/// A digit, also a full-width one.
fn digit(character: char) -> Option<u32> {
    match character {
        '０'..='９' => Some(u32::from(character) - u32::from('０')),
        other => other.to_digit(10),
    }
}

fn separates(character: char) -> bool {
    " +-().,/;（）－".contains(character)
}

#[cfg(test)]
mod tests;
