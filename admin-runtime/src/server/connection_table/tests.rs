//! Which connection is closed first, and when.

use futures_util::future::join;

use super::*;

const SECOND: u64 = 1_000_000_000;

fn is_closed(connection: &OpenConnection) -> bool {
    connection.state.phase.load() == ConnectionPhase::Closing
}

async fn filled(count: usize) -> (Arc<ConnectionTable>, Vec<OpenConnection>) {
    let mut table = ConnectionTable::new(count);
    // Old enough for long waits.
    Arc::get_mut(&mut table).unwrap().made -= Duration::from_secs(3600);
    let mut open = Vec::new();
    for _ in 0..count {
        let connection = table.place().await;
        connection.state().begin(|| false);
        open.push(connection);
    }
    (table, open)
}

/// As if it had waited for so long.
fn wait_longer(connection: &OpenConnection, time: Duration) {
    let since = &connection.state.waiting_since;
    let time = u64::try_from(time.as_nanos()).unwrap();
    since.store(
        since.load(Ordering::SeqCst).saturating_sub(time),
        Ordering::SeqCst,
    );
}

#[tokio::test]
async fn the_longest_waiting_is_closed_first() {
    let (table, open) = filled(3).await;
    // The first answers a request and waits again: now the second has waited longest.
    assert!(open[0].state.begin_request());
    open[0].state.end_reply();
    open[0].state.written();
    for expected in [1, 2, 0] {
        assert!(table.close_longest_waiting());
        assert!(is_closed(&open[expected]), "{expected}");
        assert!(!open[expected].state.begin_request(), "{expected}");
    }
    assert!(!table.close_longest_waiting());
}

#[tokio::test]
async fn clients_with_unread_bytes_are_not_closed() {
    let table = ConnectionTable::new(3);
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(table.place().await);
    }
    // The first is not served yet, and the second has sent a request that is not read yet.
    open[1].state().begin(|| true);
    assert!(!table.close_longest_waiting());
    open[2].state().begin(|| false);
    assert!(table.close_longest_waiting() && is_closed(&open[2]));
    assert!(!table.close_longest_waiting());
}

#[tokio::test]
async fn requests_in_progress_are_not_closed() {
    let (table, open) = filled(1).await;
    let state = &open[0].state;
    assert!(state.begin_request());
    assert!(!table.close_longest_waiting() && !state.close_if_waiting());
    state.end_reply();
    assert!(!table.close_longest_waiting(), "the reply is not written");
    state.written();
    assert!(state.close_if_waiting());
}

#[tokio::test]
async fn clients_that_pause_are_closed() {
    for action in [AwaitedAction::SendBody, AwaitedAction::ReadReply] {
        let (table, open) = filled(2).await;
        for connection in &open {
            assert!(connection.state.begin_request());
        }
        open[1].state.wait_for(action);
        assert!(!table.close_longest_waiting(), "{action:?}: too early");
        wait_longer(&open[1], MAX_PAUSE);
        // It goes on, and pauses again.
        open[1].state.wait_for(action);
        assert!(!table.close_longest_waiting(), "{action:?}: it went on");
        wait_longer(&open[1], MAX_PAUSE);
        assert!(open[0].state.is_in_progress() && table.close_longest_waiting());
        assert!(is_closed(&open[1]) && !is_closed(&open[0]), "{action:?}");
        assert!(!open[1].state.continue_unless_closing(), "{action:?}");
    }
}

#[tokio::test]
async fn the_longest_pause_is_closed_before_the_idle() {
    let (table, open) = filled(2).await;
    assert!(open[0].state.begin_request());
    open[0].state.wait_for(AwaitedAction::SendBody);
    wait_longer(&open[0], MAX_PAUSE);
    assert!(open[1].state.begin_request());
    open[1].state.end_reply();
    open[1].state.written();
    assert!(table.close_longest_waiting() && is_closed(&open[0]));
    assert!(table.close_longest_waiting() && is_closed(&open[1]));
}

#[tokio::test]
async fn idle_clients_are_closed_before_slow_uploads() {
    let (table, open) = filled(2).await;
    assert!(open[0].state.begin_request());
    open[0].state.wait_for(AwaitedAction::SendBody);
    wait_longer(&open[0], 2 * MAX_PAUSE);
    open[1].state.wait_for(AwaitedAction::SendHead);
    wait_longer(&open[1], MAX_PAUSE);
    assert!(table.close_longest_waiting() && is_closed(&open[1]));
    assert!(table.close_longest_waiting() && is_closed(&open[0]));
}

#[tokio::test]
async fn received_bytes_do_not_renew_the_turn() {
    let (table, open) = filled(2).await;
    open[0].state.received();
    assert!(open[0].state.has_head_bytes());
    assert!(table.close_longest_waiting());
    assert!(is_closed(&open[0]));
}

#[tokio::test]
async fn each_wait_has_its_own_limit() {
    let (_table, open) = filled(1).await;
    let state = &open[0].state;
    let seconds = Duration::from_secs;
    let limits = Limits::default()
        .with_header_read_timeout(seconds(10))
        .with_write_timeout(seconds(30));
    let rest_at = |age| state.rest(&limits, seconds(age));
    state.waiting_since.store(3 * SECOND, Ordering::SeqCst);
    let head = Some(AwaitedAction::SendHead);
    assert_eq!(rest_at(4), (head, seconds(9)));
    assert_eq!(rest_at(13), (head, seconds(0)));
    assert_eq!(rest_at(60), (head, seconds(0)));
    assert!(state.begin_request());
    assert_eq!(rest_at(60), (None, seconds(10)), "a request is in progress");
    state.wait_for(AwaitedAction::SendBody);
    assert_eq!(rest_at(60), (None, seconds(10)), "the handler's side waits");
    state.wait_for(AwaitedAction::ReadReply);
    state.waiting_since.store(3 * SECOND, Ordering::SeqCst);
    let read = Some(AwaitedAction::ReadReply);
    assert_eq!(
        rest_at(4),
        (read, seconds(10)),
        "looked at again in between"
    );
    assert_eq!(rest_at(31), (read, seconds(2)));
    assert_eq!(rest_at(33), (read, seconds(0)));
}

#[tokio::test]
async fn new_refusals_are_closed_last() {
    let (table, open) = filled(2).await;
    assert!(open[0].state.begin_request());
    open[0].state.wait_for(AwaitedAction::EndRefused);
    assert!(table.close_longest_waiting() && is_closed(&open[1]));
    assert!(table.close_longest_waiting() && is_closed(&open[0]));
}

#[tokio::test]
async fn long_refusals_are_closed_before_new_connections() {
    let (table, open) = filled(3).await;
    assert!(open[1].state.begin_request());
    open[1].state.wait_for(AwaitedAction::EndRefused);
    wait_longer(&open[1], MAX_PAUSE);
    wait_longer(&open[2], MAX_PAUSE);
    for expected in [2, 1, 0] {
        assert!(table.close_longest_waiting());
        assert!(is_closed(&open[expected]), "{expected}");
    }
}

#[tokio::test]
async fn a_place_waits_for_a_finished_request() {
    let (table, mut open) = filled(1).await;
    let only = open.remove(0);
    assert!(only.state.begin_request());
    let table = &table;
    let next = async { table.place().await };
    let end = async move {
        yield_now().await;
        only.state.end_reply();
        only.state.written();
        // At once: the next request may already be there.
        assert!(!only.state.begin_request());
        only.closed().await;
        drop(only);
    };
    let (next, ()) = join(next, end).await;
    drop(next);
    table.all_ended().await;
}

#[tokio::test]
async fn one_client_closes_one_connection() {
    let (table, mut open) = filled(3).await;
    for connection in &open {
        assert!(connection.state.begin_request());
    }
    let table = &table;
    let next = async { table.place().await };
    let end = async move {
        yield_now().await;
        for connection in &open {
            connection.state.end_reply();
            connection.state.written();
        }
        let closed = open.iter().filter(|one| is_closed(one)).count();
        assert_eq!(closed, 1);
        drop(open.remove(0));
        open
    };
    let (_next, open) = join(next, end).await;
    assert!(!open.iter().any(is_closed));
}
