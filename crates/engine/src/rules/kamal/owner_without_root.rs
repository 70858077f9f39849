use crate::facts::kamal::Accessory;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let root = accessory.destination().root();
    let user = root
        .dig(&["ssh", "user"])
        .and_then(|user| user.text())
        .known()?;
    if *user == "root" {
        return None;
    }
    let user = user.labelled("who Kamal is on the server");
    for owner in accessory.owners() {
        // One may keep what is one's own.
        if owner.split(':').next() == Some(user.as_str()) {
            continue;
        }
        report
            .at(
                &owner,
                format!("{} is to belong to {owner}, and {user} may not give anything away", accessory.name()),
            )
            .because(&user)
            .help("leave `owner` to the image, or make the folder by hand, as root, before the first deploy and name its path");
    }
    None
}
