//! A number that says how likely something is, kept apart from logits and scores.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A probability, 0 to 1. Not an `f32`, so that a logit cannot reach a threshold by accident.
///
/// It is written with four decimals: more would be noise of the arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Probability(f32);

impl Probability {
    /// `value`, if it is a number from 0 to 1.
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The logistic function of a calibrated logit; 0.5 if the logit is not a number.
    pub fn from_logit(logit: f32) -> Self {
        if logit.is_nan() {
            Self(0.5)
        } else {
            Self(1.0 / (1.0 + (-logit).exp()))
        }
    }

    /// The number, 0 to 1.
    pub fn value(self) -> f32 {
        self.0
    }

    /// The number as files give it: rounded to four decimals.
    pub fn rounded(self) -> f64 {
        (f64::from(self.0) * 1e4).round() / 1e4
    }
}

impl Serialize for Probability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.rounded())
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f32::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| {
            serde::de::Error::custom(format!("probability {value} is not between 0 and 1"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logit_of_any_size_gives_a_probability() {
        for logit in [f32::NEG_INFINITY, -1e30, 0.0, 1e30, f32::INFINITY, f32::NAN] {
            assert!(
                (0.0..=1.0).contains(&Probability::from_logit(logit).value()),
                "{logit}"
            );
        }
    }

    #[test]
    fn what_is_not_between_0_and_1_is_refused() {
        assert_eq!(Probability::new(1.01), None);
        assert_eq!(Probability::new(f32::NAN), None);
        assert!(serde_json::from_str::<Probability>("-0.1").is_err());
        assert_eq!(
            serde_json::to_string(&Probability::new(0.123_45).unwrap()).unwrap(),
            "0.1235"
        );
    }
}
