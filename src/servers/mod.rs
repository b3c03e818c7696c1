//! Every server ever seen: its state and since when, what comes next, who holds it, and how near it
//! is to a limit of the stop budget.
//!
//! Owns the search by a part of a name or by the state, and the description of one server. `audit` reads the facts.
//! [`stop_limit`](crate::stop_limit) says which rules act on a server; `why` tells its past.

mod limits;
mod next;
mod now;
mod only;
mod search;

pub use limits::KeptLimits;
pub use next::NextFiring;
pub use now::{NearLimit, ServerHold, ServerNow, described, read};
pub use only::{Identities, Only};
pub use search::{Wanted, in_order};
