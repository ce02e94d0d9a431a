//! `/logs` over real sockets: what clients receive, and that nobody else notices.

mod bad_input;
mod client;
mod load;
mod process;
mod records;
mod requests;
mod unchanged;

use admin_tests::Case;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = bad_input::cases();
    cases.extend(load::cases());
    cases.extend(records::cases());
    cases.extend(requests::cases());
    cases.extend(unchanged::cases());
    cases
}
