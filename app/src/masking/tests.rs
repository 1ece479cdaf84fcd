//! What is shown, and that it is never more.

use proptest::prelude::*;

use super::*;

#[test]
fn s11_a_mobile_shows_three_and_four_digits_however_it_is_written() {
    for (whole, masked) in [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138 **** 1234"),
        ("+86 138-1234-1234", "+86 138-****-1234"),
        ("008613812341234", "0086138****1234"),
        ("１３８１２３４１２３４", "１３８****１２３４"),
    ] {
        assert_eq!(phone(whole), masked);
    }
}

#[test]
fn s11_other_numbers_show_their_area_and_two_digits_at_most() {
    for (whole, masked) in [
        ("0553-1234567", "0553-*****67"),
        ("010-12345678", "010-******78"),
        ("(021) 12345678", "(021) ******78"),
        ("0553-1234567转8012", "0553-**********12"),
        ("400-123-4567", "***-***-**67"),
        ("12345678", "******78"),
        ("12345", "*****"),
        ("8012", "****"),
        ("13812341234/13912341234", "***********/*********34"),
        ("微信 abc", "** ***"),
        ("", ""),
    ] {
        assert_eq!(phone(whole), masked);
    }
}

#[test]
fn s11_a_mail_address_shows_its_first_character_and_where_it_is() {
    for (whole, masked) in [
        ("zhang@example.org", "z****@example.org"),
        ("张三@example.org", "张*@example.org"),
        ("z@example.org", "*@example.org"),
        ("@example.org", "@example.org"),
        ("a@b@example.org", "a**@example.org"),
        ("no address", "**********"),
    ] {
        assert_eq!(email(whole), masked);
    }
}

proptest! {
    #[test]
    fn s11_a_masked_number_has_the_same_length_and_hides_four_digits_or_all(
        number in "[0-9０-９+() 转a-z-]{0,30}|(\\+?86|0086)? ?1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}",
    ) {
        let masked = phone(&number);
        prop_assert_eq!(masked.chars().count(), number.chars().count());
        let mut shown = 0;
        for (before, after) in number.chars().zip(masked.chars()) {
            prop_assert!(after == before || after == MASK);
            if after == MASK {
                prop_assert!(!separates(before));
            } else {
                shown += usize::from(digit(before).is_some());
                prop_assert!(digit(before).is_some() || separates(before), "{} is shown", before);
            }
        }
        let digits = number.chars().filter(|c| digit(*c).is_some()).count();
        prop_assert!(digits - shown >= digits.min(4));
        // A country, three and four digits.
        prop_assert!(shown <= 11);
    }

    #[test]
    fn s11_a_masked_address_has_the_same_length_and_shows_one_character_before_its_place(address in ".{0,40}") {
        let masked = email(&address);
        prop_assert_eq!(masked.chars().count(), address.chars().count());
        let local = address.rsplit_once('@').map_or(address.as_str(), |(local, _)| local).chars().count();
        let shown = address.chars().zip(masked.chars()).take(local).filter(|(b, a)| b == a && *b != MASK).count();
        prop_assert!(shown <= usize::from(local > 1));
    }
}
