use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use admin_runtime::clock::Clock;
use proptest::prelude::*;

use super::*;
use crate::fleet::announcement::InstanceScheme;
use crate::fleet::instance_labels::InstanceLabels;

fn name(text: &str) -> InstanceName {
    text.parse().unwrap()
}

fn is_new(granted: &GrantedLease) -> bool {
    matches!(granted.change, LeaseChange::Registered { .. })
}

fn announced(port: u16, boot_id: Option<&str>, seconds: u64) -> ValidAnnouncement {
    ValidAnnouncement {
        address: SocketAddr::from(([127, 0, 0, 1], port)),
        scheme: InstanceScheme::Http,
        labels: InstanceLabels::default(),
        ttl: Duration::from_secs(seconds),
        boot_id: boot_id.map(str::to_owned),
    }
}

/// Times after a start, with a wall clock that says 1970.
struct Times(Instant);

impl Times {
    fn new() -> Self {
        Self(Clock::system().now())
    }

    fn at(&self, seconds: u64) -> DirectoryTime {
        let elapsed = Duration::from_secs(seconds);
        DirectoryTime {
            monotonic: self.0 + elapsed,
            wall: UNIX_EPOCH + elapsed,
        }
    }
}

fn names(directory: &mut InstanceDirectory, now: DirectoryTime) -> Vec<String> {
    let instances = directory.instances(now).into_iter();
    instances
        .map(|instance| instance.name.to_string())
        .collect()
}

#[test]
fn leases_end_unless_they_are_renewed() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    for text in ["b", "a"] {
        let granted = directory.register(&name(text), announced(1, None, 30), times.at(0));
        let expires = UNIX_EPOCH + Duration::from_secs(30);
        let granted = granted.unwrap();
        assert_eq!(granted.expires, expires);
        assert!(is_new(&granted));
    }
    let renewed = directory.register(&name("a"), announced(1, None, 30), times.at(20));
    assert_eq!(renewed.unwrap().change, LeaseChange::Renewed);
    assert_eq!(names(&mut directory, times.at(29)), ["a", "b"]);
    assert_eq!(names(&mut directory, times.at(30)), ["a"]);
    let instance = directory.instances(times.at(49)).remove(0);
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let shown = [instance.registered, instance.renewed, instance.expires].map(seconds);
    assert_eq!(shown, [0, 20, 50]);
    assert_eq!(names(&mut directory, times.at(50)), [""; 0]);
}

#[test]
fn wall_clock_may_jump() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory
        .register(&name("a"), announced(1, None, 30), times.at(0))
        .unwrap();
    let jumped = DirectoryTime {
        wall: UNIX_EPOCH + Duration::from_secs(1 << 30),
        ..times.at(29)
    };
    assert_eq!(names(&mut directory, jumped), ["a"]);
    let back = DirectoryTime {
        wall: UNIX_EPOCH,
        ..times.at(30)
    };
    assert_eq!(names(&mut directory, back), [""; 0]);
}

#[test]
fn name_belongs_to_one_process() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory
        .register(&name("a"), announced(1, Some("x"), 30), times.at(0))
        .unwrap();
    let expires = UNIX_EPOCH + Duration::from_secs(30);
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    let taken = Err(RegisterError::NameTaken {
        address,
        expires,
        retry_after: Duration::from_secs(1),
    });
    for other in [
        announced(2, Some("x"), 30),
        announced(1, Some("y"), 30),
        announced(1, None, 30),
    ] {
        assert_eq!(directory.register(&name("a"), other, times.at(29)), taken);
    }
    let other = announced(2, Some("y"), 30);
    let granted = directory.register(&name("a"), other, times.at(30));
    assert!(is_new(&granted.unwrap()));
}

#[test]
fn changed_labels_are_not_a_renewal() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory
        .register(&name("a"), announced(1, None, 30), times.at(0))
        .unwrap();
    let labels = BTreeMap::from([("role".to_owned(), "worker".to_owned())]);
    let changed = ValidAnnouncement {
        labels: InstanceLabels::new(labels).unwrap(),
        ..announced(1, None, 30)
    };
    let granted = directory.register(&name("a"), changed, times.at(1));
    let LeaseChange::Updated { before, after } = granted.unwrap().change else {
        panic!("no change");
    };
    assert_eq!(before.to_string(), "a at http://127.0.0.1:1");
    assert_eq!(
        after.to_string(),
        "a at http://127.0.0.1:1, role=\"worker\""
    );
    let instance = directory.instances(times.at(2)).remove(0);
    assert_eq!(instance.labels.get("role"), Some("worker"));
}

#[test]
fn removal_asks_for_the_boot_id() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    let (now, a) = (times.at(0), name("a"));
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    assert_eq!(directory.remove(&a, None, now), Err(RemoveError::Unknown));
    directory
        .register(&a, announced(1, Some("x"), 30), now)
        .unwrap();
    let other = Err(RemoveError::OtherBoot { address });
    assert_eq!(directory.remove(&a, Some("y"), now), other);
    assert_eq!(directory.remove(&a, Some("x"), now), Ok(address));
    directory
        .register(&a, announced(1, Some("z"), 30), now)
        .unwrap();
    assert_eq!(directory.remove(&a, None, now), Ok(address));
    assert_eq!(names(&mut directory, now), [""; 0]);
}

#[test]
fn full_directory_says_when_to_retry() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    for number in 0..MAX_INSTANCES {
        let name = name(&format!("n{number}"));
        directory
            .register(&name, announced(1, None, 30), times.at(0))
            .unwrap();
    }
    let refused = directory.register(&name("more"), announced(1, None, 30), times.at(10));
    let retry_after = Duration::from_secs(20);
    assert_eq!(refused, Err(RegisterError::Full { retry_after }));
    assert!(
        directory
            .register(&name("n7"), announced(1, None, 30), times.at(10))
            .is_ok()
    );
    assert!(
        directory
            .register(&name("more"), announced(1, None, 30), times.at(30))
            .is_ok()
    );
}

/// Names with `!` behind those whose leases have ended.
fn listed(directory: &mut InstanceDirectory, now: DirectoryTime) -> Vec<String> {
    let listed = directory.listed(now).into_iter();
    let shown = listed.map(|(instance, lease)| match lease {
        LeaseState::Live => instance.name.to_string(),
        LeaseState::Ended => format!("{}!", instance.name),
    });
    shown.collect()
}

#[test]
fn ended_leases_are_listed_until_they_return() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory.keep_ended(Duration::from_secs(100));
    for (text, port) in [("b", 1), ("a", 2), ("c", 3), ("d", 4)] {
        let announced = announced(port, Some("x"), 30);
        directory
            .register(&name(text), announced, times.at(0))
            .unwrap();
    }
    directory
        .remove(&name("d"), Some("x"), times.at(1))
        .unwrap();
    assert_eq!(listed(&mut directory, times.at(30)), ["a!", "b!", "c!"]);
    assert_eq!(names(&mut directory, times.at(30)), [""; 0], "not asked");
    // Another start of the process; another name at the address of one; a removal.
    let returned = directory.register(&name("b"), announced(1, Some("y"), 30), times.at(40));
    assert!(returned.is_ok());
    directory
        .register(&name("e"), announced(2, None, 300), times.at(40))
        .unwrap();
    assert_eq!(listed(&mut directory, times.at(40)), ["b", "c!", "e"]);
    let of_another = directory.remove(&name("c"), Some("z"), times.at(41));
    assert!(matches!(of_another, Err(RemoveError::OtherBoot { .. })));
    let of_the_same = directory.remove(&name("c"), Some("x"), times.at(41));
    assert!(of_the_same.is_ok());
    let again = directory.remove(&name("c"), None, times.at(41));
    assert_eq!(again, Err(RemoveError::Unknown));
    assert_eq!(listed(&mut directory, times.at(70)), ["b!", "e"]);
    assert_eq!(listed(&mut directory, times.at(169)), ["b!", "e"]);
    assert_eq!(listed(&mut directory, times.at(170)), ["e"]);
}

#[test]
fn removed_start_is_not_registered_again() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    let register = |directory: &mut InstanceDirectory, boot, seconds| {
        let announced = announced(1, Some(boot), 30);
        directory.register(&name("a"), announced, times.at(seconds))
    };
    assert!(register(&mut directory, "x", 0).is_ok());
    assert!(directory.remove(&name("a"), Some("x"), times.at(1)).is_ok());
    assert_eq!(
        register(&mut directory, "x", 2),
        Err(RegisterError::Removed)
    );
    assert!(register(&mut directory, "y", 3).is_ok());
    // By hand: a process that lives may come back.
    assert!(directory.remove(&name("a"), None, times.at(4)).is_ok());
    assert!(register(&mut directory, "y", 5).is_ok());
}

#[test]
fn address_in_use_is_not_listed_as_ended() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory.keep_ended(Duration::from_secs(100));
    for (text, seconds) in [("old", 30), ("new", 60)] {
        let announced = announced(1, Some(text), seconds);
        directory
            .register(&name(text), announced, times.at(0))
            .unwrap();
    }
    assert_eq!(listed(&mut directory, times.at(30)), ["new"]);
    assert_eq!(listed(&mut directory, times.at(60)), ["new!"]);
}

#[test]
fn ended_leases_make_room() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory.keep_ended(Duration::from_secs(1000));
    for number in 0..MAX_INSTANCES {
        let (port, seconds) = (1 + number as u16, if number == 7 { 5 } else { 6 });
        let name = name(&format!("n{number}"));
        directory
            .register(&name, announced(port, None, seconds), times.at(0))
            .unwrap();
    }
    let announced = announced(u16::MAX, None, 30);
    directory
        .register(&name("more"), announced, times.at(10))
        .unwrap();
    let listed = listed(&mut directory, times.at(10));
    assert_eq!(listed.len(), MAX_INSTANCES);
    assert!(!listed.contains(&"n7!".to_owned()) && listed.contains(&"n8!".to_owned()));
}

/// One step of a random history.
#[derive(Clone, Copy, Debug)]
enum Step {
    Register {
        name: u8,
        port: u16,
        boot: u8,
        seconds: u64,
    },
    Remove {
        name: u8,
        boot: Option<u8>,
    },
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let register =
        (0..6_u8, 1..3_u16, 0..3_u8, 5..40_u64).prop_map(|(name, port, boot, seconds)| {
            Step::Register {
                name,
                port,
                boot,
                seconds,
            }
        });
    let remove = (0..6_u8, proptest::option::of(0..3_u8))
        .prop_map(|(name, boot)| Step::Remove { name, boot });
    prop_oneof![4 => register, 1 => remove, 2 => (1..20_u64).prop_map(Step::Wait)]
}

proptest! {
    /// Against a list that is searched from end to end.
    #[test]
    fn no_instance_is_lost_or_doubled(kept_seconds in prop_oneof![Just(0_u64), Just(10)], steps in proptest::collection::vec(step(), 1..120)) {
        let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
        directory.keep_ended(Duration::from_secs(kept_seconds));
        let mut expected: Vec<(String, u16, u8, u64)> = Vec::new(); // name, port, boot, end
        let mut ended: Vec<(String, u16, u8, u64)> = Vec::new(); // the last one is the end of the time kept
        let mut removed: Vec<(String, u8, u64)> = Vec::new(); // name, boot, time
        let mut seconds_now = 0;
        for step in steps {
            let now = times.at(seconds_now);
            match step {
                Step::Wait(seconds) => seconds_now += seconds,
                Step::Register { name: number, port, boot, seconds } => {
                    let text = format!("n{number}");
                    let boot_id = boot.to_string();
                    let announced = announced(port, Some(&boot_id), seconds);
                    let granted = directory.register(&name(&text), announced, now);
                    let end = seconds_now + seconds;
                    match expected.iter_mut().find(|lease| lease.0 == text) {
                        Some(lease) if (lease.1, lease.2) == (port, boot) => {
                            lease.3 = end;
                            prop_assert!(granted.is_ok_and(|granted| granted.change == LeaseChange::Renewed));
                        }
                        Some(_) => prop_assert!(granted.is_err()),
                        None if removed.iter().any(|(name, start, time)| {
                            (name, *start) == (&text, boot) && seconds_now < time + 60
                        }) => prop_assert_eq!(granted, Err(RegisterError::Removed)),
                        None => {
                            ended.retain(|one| one.0 != text && one.1 != port);
                            expected.push((text, port, boot, end));
                            prop_assert!(granted.is_ok_and(|granted| is_new(&granted)));
                        }
                    }
                }
                Step::Remove { name: number, boot } => {
                    let text = format!("n{number}");
                    let boot_id = boot.map(|boot| boot.to_string());
                    let result = directory.remove(&name(&text), boot_id.as_deref(), now);
                    let before = expected.len() + ended.len();
                    for list in [&mut expected, &mut ended] {
                        list.retain(|lease| {
                            lease.0 != text || boot.is_some_and(|boot| boot != lease.2)
                        });
                    }
                    prop_assert_eq!(result.is_ok(), expected.len() + ended.len() < before);
                    if let (Ok(_), Some(boot)) = (result, boot) {
                        removed.push((text, boot, seconds_now));
                    }
                }
            }
            let (live, just_ended): (Vec<_>, Vec<_>) =
                expected.into_iter().partition(|lease| lease.3 > seconds_now);
            expected = live;
            let is_free = |port| expected.iter().all(|lease| lease.1 != port);
            let kept = just_ended.into_iter().filter(|lease| is_free(lease.1));
            ended.extend(kept.map(|lease| (lease.0, lease.1, lease.2, lease.3 + kept_seconds)));
            ended.retain(|one| one.3 > seconds_now);
            expected.sort();
            let now = times.at(seconds_now);
            let live: Vec<_> = expected.iter().map(|lease| lease.0.as_str()).collect();
            prop_assert_eq!(names(&mut directory, now), live);
            prop_assert_eq!(directory.ends.len(), directory.leases.len());
            let live = expected.iter().map(|lease| lease.0.clone());
            let mut all: Vec<_> = live.chain(ended.iter().map(|one| format!("{}!", one.0))).collect();
            all.sort();
            prop_assert_eq!(listed(&mut directory, now), all);
        }
    }
}

#[test]
fn number_of_changes_follows_the_list() {
    let (times, mut directory) = (Times::new(), InstanceDirectory::new(UNIX_EPOCH));
    directory.keep_ended(Duration::from_secs(60));
    let mut last = directory.changes(times.at(0));
    let mut is_changed = |directory: &mut InstanceDirectory, seconds| {
        let before = std::mem::replace(&mut last, directory.changes(times.at(seconds)));
        before != last
    };
    let register = |directory: &mut InstanceDirectory, scheme, seconds| {
        let announced = ValidAnnouncement {
            scheme,
            ..announced(1, None, 30)
        };
        directory
            .register(&name("a"), announced, times.at(seconds))
            .unwrap();
    };
    register(&mut directory, InstanceScheme::Http, 0);
    assert!(is_changed(&mut directory, 0), "a new instance");
    register(&mut directory, InstanceScheme::Http, 10);
    assert!(!is_changed(&mut directory, 10), "a renewal");
    register(&mut directory, InstanceScheme::Https, 20);
    assert!(is_changed(&mut directory, 20), "another scheme");
    assert!(!is_changed(&mut directory, 49), "a lease that lives");
    assert!(is_changed(&mut directory, 50), "the end of the lease");
    assert!(is_changed(&mut directory, 110), "no longer listed");
    register(&mut directory, InstanceScheme::Http, 120);
    assert!(is_changed(&mut directory, 120), "it is back");
    directory.remove(&name("a"), None, times.at(121)).unwrap();
    assert!(is_changed(&mut directory, 121), "a removal");
}
