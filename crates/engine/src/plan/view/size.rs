//! How large the image will be.

use super::basis::Basis;
use super::image::ImageView;

/// A part of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it is.
    pub name: String,
    /// Its size on disk, in bytes.
    pub bytes: u64,
}

/// The expected size of the image, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// The parts, in the order of their layers.
    pub components: Vec<Component>,
}

pub(super) fn estimate(_basis: &Basis<'_>, _image: &ImageView) -> Estimate {
    Estimate::default()
}
