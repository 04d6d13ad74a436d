//! Log-ins, second factors and who stays.

use uuid::Uuid;

use super::*;
use crate::types::OperatorId;

const RULE: LockRule = LockRule { failures: 3, seconds: 60 };
const WRONG: Attempt = Attempt { password_right: false, code: None };
const RIGHT: Attempt = Attempt { password_right: true, code: None };

fn operator(role: Role) -> Operator {
    Operator::new("Ada".to_owned(), role, "hash".to_owned(), Millis(0))
}

fn id(number: u128) -> OperatorId {
    OperatorId(Uuid::from_u128(number))
}

fn with_code(step: Option<u64>, hash: u8) -> Attempt {
    Attempt { password_right: true, code: Some(Code { step, hash: [hash; 32] }) }
}

#[test]
fn failures_in_a_row_lock_the_account_and_a_right_password_does_not_open_it() {
    let mut ada = operator(Role::Viewer);
    let mut here = Failures::default();
    for second in 0..3 {
        assert_eq!(ada.log_in(WRONG, &mut here, RULE, Millis(second)), Err(LogInRefusal::Wrong));
    }
    let until = Millis(60_002);
    assert_eq!(ada.log_in(RIGHT, &mut here, RULE, Millis(60_001)), Err(LogInRefusal::Locked { until }));
    assert_eq!(ada.log_in(WRONG, &mut here, RULE, until), Err(LogInRefusal::Wrong), "counted anew: one failure");
    assert_eq!(ada.log_in(RIGHT, &mut here, RULE, until), Ok(()));
    assert_eq!((ada.failures, ada.last_login), (Failures::default(), Some(until)));
    assert_eq!(here, Failures::default());
}

#[test]
fn one_network_locks_nobody_out_elsewhere_and_many_do() {
    let mut ada = operator(Role::Viewer);
    let mut networks = [Failures::default(); 11];
    for here in &mut networks[..9] {
        for _ in 0..3 {
            assert_eq!(ada.log_in(WRONG, here, RULE, Millis(0)), Err(LogInRefusal::Wrong));
        }
        assert!(matches!(ada.log_in(RIGHT, here, RULE, Millis(0)), Err(LogInRefusal::Locked { .. })));
    }
    assert_eq!(ada.clone().log_in(RIGHT, &mut networks[10], RULE, Millis(0)), Ok(()), "from elsewhere");
    let locks = [(); 3].map(|()| ada.fail(&mut networks[9], RULE, Millis(0)));
    assert_eq!(locks, [false, false, true]);
    let until = Millis(60_000);
    assert_eq!(ada.log_in(RIGHT, &mut networks[10], RULE, Millis(0)), Err(LogInRefusal::Locked { until }));
    assert!(!ada.fail(&mut networks[10], RULE, Millis(0)), "it is locked already, and this network is not");
}

#[test]
fn failures_that_are_not_in_a_row_do_not_lock() {
    let mut ada = operator(Role::Viewer);
    let mut here = Failures::default();
    for _ in 0..5 {
        assert!(ada.log_in(WRONG, &mut here, RULE, Millis(0)).is_err());
        assert!(ada.log_in(WRONG, &mut here, RULE, Millis(0)).is_err());
        assert_eq!(ada.log_in(RIGHT, &mut here, RULE, Millis(0)), Ok(()));
    }
}

#[test]
fn a_disabled_account_answers_as_with_a_wrong_password() {
    let mut ada = operator(Role::Admin);
    let mut here = Failures::default();
    ada.disabled = true;
    assert_eq!(ada.log_in(RIGHT, &mut here, RULE, Millis(0)), Err(LogInRefusal::Wrong));
    assert_eq!(ada.failures.count, 1);
}

#[test]
fn a_code_is_asked_for_after_the_password_and_no_step_is_good_twice() {
    let mut ada = operator(Role::Admin);
    let mut here = Failures::default();
    ada.set_totp(vec![1], 100, vec![[7; 32]]);
    assert_eq!(ada.log_in(RIGHT, &mut here, RULE, Millis(0)), Err(LogInRefusal::CodeRequired));
    assert_eq!(ada.failures.count, 0, "no failure: the password was right");
    let wrong_password = Attempt { password_right: false, ..with_code(Some(101), 0) };
    assert_eq!(ada.log_in(wrong_password, &mut here, RULE, Millis(0)), Err(LogInRefusal::Wrong));
    assert_eq!(
        ada.log_in(with_code(Some(100), 0), &mut here, RULE, Millis(0)),
        Err(LogInRefusal::WrongCode),
        "it set it up"
    );
    assert_eq!(ada.log_in(with_code(Some(101), 0), &mut here, RULE, Millis(0)), Ok(()));
    for replayed in [Some(101), Some(100), None] {
        assert_eq!(
            ada.log_in(with_code(replayed, 0), &mut here, RULE, Millis(0)),
            Err(LogInRefusal::WrongCode),
            "{replayed:?}"
        );
    }
    assert!(matches!(
        ada.log_in(with_code(Some(102), 0), &mut here, RULE, Millis(0)),
        Err(LogInRefusal::Locked { .. })
    ));
}

#[test]
fn a_recovery_code_is_good_once() {
    let mut ada = operator(Role::Admin);
    let mut here = Failures::default();
    ada.set_totp(vec![1], 100, vec![[7; 32], [8; 32]]);
    assert_eq!(ada.log_in(with_code(None, 7), &mut here, RULE, Millis(0)), Ok(()));
    assert_eq!(ada.log_in(with_code(None, 7), &mut here, RULE, Millis(0)), Err(LogInRefusal::WrongCode));
    assert_eq!(ada.recovery, [[8; 32]]);
}

#[test]
fn the_last_admin_stays() {
    let mut all = Operators::default();
    all.insert(id(1), 1, operator(Role::Admin));
    all.insert(id(2), 1, operator(Role::Moderator));
    for adjustment in [Adjustment::Disable, Adjustment::Role(Role::Moderator)] {
        assert_eq!(all.adjust(id(1), &adjustment, None), Err(OperatorRefusal::LastAdmin), "{adjustment:?}");
    }
    let second = all.adjust(id(2), &Adjustment::Role(Role::Admin), Some(1)).unwrap();
    all.insert(id(2), second.version, second.after);
    let disabled = all.adjust(id(1), &Adjustment::Disable, Some(1)).unwrap();
    all.insert(id(1), disabled.version, disabled.after);
    assert_eq!(all.adjust(id(2), &Adjustment::Disable, None), Err(OperatorRefusal::LastAdmin), "the other is disabled");
}

#[test]
fn a_change_says_which_version_it_was_decided_on() {
    let mut all = Operators::default();
    all.insert(id(1), 4, operator(Role::Viewer));
    assert_eq!(all.adjust(id(1), &Adjustment::Unlock, Some(3)), Err(OperatorRefusal::Conflict { current: 4 }));
    assert_eq!(all.adjust(id(1), &Adjustment::Unlock, Some(4)).unwrap().version, 5);
    assert_eq!(all.adjust(id(9), &Adjustment::Unlock, None), Err(OperatorRefusal::Unknown));
}

fn token(number: u128, scope: Role, expires: Option<Millis>) -> ApiToken {
    let (id, name) = (Uuid::from_u128(number), "bot".to_owned());
    ApiToken { id, name, hash: [0; 32], scope, created: Millis(0), expires, last_used: None }
}

#[test]
fn tokens_may_do_no_more_than_their_owner() {
    let mut ada = operator(Role::Moderator);
    assert_eq!(ada.add_token(token(1, Role::Admin, None), Millis(0)), Err(OperatorRefusal::ScopeTooLarge));
    ada.add_token(token(2, Role::Moderator, None), Millis(0)).unwrap();
    ada.add_token(token(3, Role::Viewer, None), Millis(0)).unwrap();
    let mut all = Operators::default();
    all.insert(id(1), 1, ada);
    let demoted = all.adjust(id(1), &Adjustment::Role(Role::Viewer), None).unwrap().after;
    assert_eq!(demoted.tokens.iter().map(|token| token.scope).collect::<Vec<_>>(), [Role::Viewer]);
}

#[test]
fn another_password_ends_the_tokens() {
    let mut ada = operator(Role::Admin);
    ada.add_token(token(1, Role::Admin, None), Millis(0)).unwrap();
    let mut all = Operators::default();
    all.insert(id(1), 1, ada);
    let after = all.adjust(id(1), &Adjustment::Password("another".to_owned()), None).unwrap().after;
    assert_eq!((after.password_hash.as_str(), after.tokens), ("another", Vec::new()));
}

#[test]
fn an_account_has_so_many_tokens_and_expired_ones_make_room() {
    let mut ada = operator(Role::Admin);
    for number in 0..TOKENS_MAX {
        ada.add_token(token(number as u128, Role::Viewer, Some(Millis(10))), Millis(0)).unwrap();
    }
    let one_more = || token(99, Role::Viewer, None);
    assert_eq!(ada.add_token(one_more(), Millis(9)), Err(OperatorRefusal::TooManyTokens));
    assert_eq!(ada.add_token(one_more(), Millis(10)), Ok(()));
    assert_eq!(ada.remove_token(Uuid::from_u128(99)).map(|token| token.name), Some("bot".to_owned()));
    assert_eq!(ada.remove_token(Uuid::from_u128(99)), None);
}
