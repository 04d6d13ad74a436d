//! `/operators`: other operators' accounts, for admins.

use actix_web::http::StatusCode;
use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Admin;
use super::problems::bad_field;
use crate::actors::operators::{Account, Adjust, Create, Done, List, OperatorError};
use crate::console::Console;
use crate::console::change::{self, Change, Changed, Edit};
use crate::game::operator::{Adjustment, OperatorRefusal, check_password};
use crate::http::problem::Problem;
use crate::types::{By, OperatorId, Role};

/// An operator's account.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorView {
    id: String,
    name: String,
    /// viewer, moderator or admin.
    role: String,
    /// Whether a second factor is on.
    totp: bool,
    /// Whether nobody can log in.
    disabled: bool,
    /// Until when it is locked after failed log-ins: for the network that they came from, or, after many, for all.
    locked_until_ms: Option<u64>,
    /// When somebody logged in last.
    last_login_ms: Option<u64>,
    created_ms: u64,
    version: u64,
}

/// All of them.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorList {
    items: Vec<OperatorView>,
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOperator {
    /// 3 to 24 letters, digits, _ or -, with single spaces between them.
    name: String,
    role: RoleName,
    /// 12 to 128 characters, not the name, none of the commonest.
    password: String,
    /// Why: 3 to 500 characters.
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// What an operator may do.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleName {
    /// Look at everything.
    Viewer,
    /// And keep order.
    Moderator,
    /// And everything else.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Moderator => Self::Moderator,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// What an admin changes about an account.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum OperatorChange {
    /// Another role; sessions end.
    Role {
        /// Which.
        role: RoleName,
    },
    /// Nobody can log in any more; sessions and tokens end.
    Disable {},
    /// Somebody can again.
    Enable {},
    /// Forgets failed log-ins.
    Unlock {},
    /// Another password; sessions and tokens end.
    ResetPassword {
        /// 12 to 128 characters, not the name, none of the commonest.
        password: String,
    },
    /// No second factor any more; sessions end.
    ResetTotp {},
}

fn view(account: Account) -> OperatorView {
    let operator = account.operator;
    OperatorView {
        id: account.id.to_string(),
        name: operator.name,
        role: operator.role.to_string(),
        totp: operator.totp.is_some(),
        disabled: operator.disabled,
        locked_until_ms: account.locked_until.map(|at| at.0),
        last_login_ms: operator.last_login.map(|at| at.0),
        created_ms: operator.created.0,
        version: account.version,
    }
}

fn changed(done: Done, dry_run: bool) -> Changed {
    let Done { before, after, version, audit, can_undo, .. } = done;
    Changed { dry_run, before, after, version, audit, can_undo }
}

/// All operators.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("admin"))),
    responses((status = 200, description = "All", body = OperatorList))
)]
#[get("/operators")]
pub(super) async fn list(_: Admin, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let items = console.node.operators.ask(List).await?.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(OperatorList { items }))
}

async fn find(console: &Console, id: &str) -> Result<Account, Problem> {
    let id = Uuid::try_parse(id).map(OperatorId).map_err(|_| OperatorError::from(OperatorRefusal::Unknown))?;
    let accounts = console.node.operators.ask(List).await?;
    let found = accounts.into_iter().find(|account| account.id == id);
    Ok(found.ok_or(OperatorError::from(OperatorRefusal::Unknown))?)
}

/// One operator.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("admin"))),
    params(("id" = Uuid, Path, description = "The operator")),
    responses((status = 200, description = "The account", body = OperatorView))
)]
#[get("/operators/{id}")]
pub(super) async fn show(
    _: Admin,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = view(find(&console, &id).await?);
    Ok(HttpResponse::Ok().insert_header((ETAG, change::tag(view.version))).json(view))
}

/// Makes an account.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("admin"))),
    request_body = NewOperator,
    responses((status = 201, description = "Made", body = OperatorView))
)]
#[post("/operators")]
pub(super) async fn create(
    request: HttpRequest,
    who: Admin,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form: NewOperator = change::read(&request, body).await?;
    change::check_reason(&form.reason)?;
    check_password(&form.name, &form.password).map_err(|rule| bad_field("password", rule))?;
    let (by, name, role, reason) = (who.0.by.clone(), form.name, form.role.into(), form.reason);
    // Tried first: what will be refused needs no hashing.
    let tried = Create { by, name, role, hash: String::new(), reason, dry_run: true, only_first: false };
    console.node.operators.ask(tried.clone()).await?;
    let hash = console.access.passwords.hash(form.password).await?;
    let done = console.node.operators.ask(Create { hash, dry_run: false, ..tried }).await?;
    let view = view(find(&console, &done.operator.to_string()).await?);
    Ok(HttpResponse::Created().insert_header((ETAG, change::tag(view.version))).json(view))
}

/// Changes an account. The last admin can neither be disabled nor get a smaller role.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("admin"))),
    params(("id" = Uuid, Path, description = "The operator")),
    request_body = Change<OperatorChange>,
    responses((status = 200, description = "Changed, or tried", body = Changed))
)]
#[post("/operators/{id}/changes")]
pub(super) async fn change_operator(
    request: HttpRequest,
    who: Admin,
    console: web::Data<Console>,
    id: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let Edit { form, expected } = change::edit::<OperatorChange>(&request, body).await?;
    let account = find(&console, &id).await?;
    let adjustment = match form.change {
        OperatorChange::Role { role } => Adjustment::Role(role.into()),
        OperatorChange::Disable {} => Adjustment::Disable,
        OperatorChange::Enable {} => Adjustment::Enable,
        OperatorChange::Unlock {} => Adjustment::Unlock,
        OperatorChange::ResetTotp {} => Adjustment::ClearTotp,
        OperatorChange::ResetPassword { password } => {
            let rule = check_password(&account.operator.name, &password);
            rule.map_err(|rule| bad_field("change.password", rule))?;
            let hash = if form.dry_run { String::new() } else { console.access.passwords.hash(password).await? };
            Adjustment::Password(hash)
        }
    };
    let (by, reason, dry_run) = (who.0.by.clone(), form.reason, form.dry_run);
    let adjust = Adjust { by, operator: account.id, adjustment, expected, reason, dry_run, undoes: None };
    Ok(changed(console.node.operators.ask(adjust).await?, dry_run).response())
}

/// Carries a compensating change of an account out.
///
/// # Errors
/// It is refused, or the caller is no admin.
pub(in crate::console) async fn undo(
    console: &Console,
    wanted: crate::console::audit::Undo,
) -> Result<Changed, Problem> {
    if wanted.role < Role::Admin {
        return Err(super::extract::not_allowed(Role::Admin));
    }
    let account = find(console, &wanted.target).await?;
    let adjustment = understood(&wanted.change).ok_or_else(|| {
        Problem::new(StatusCode::CONFLICT, "cannot_be_undone", "what undoes it is not known any more")
    })?;
    let (by, dry_run): (By, bool) = (wanted.by, wanted.dry_run);
    let adjust = Adjust {
        by,
        operator: account.id,
        adjustment,
        expected: wanted.expected,
        reason: wanted.reason,
        dry_run,
        undoes: Some(wanted.undoes),
    };
    Ok(changed(console.node.operators.ask(adjust).await?, dry_run))
}

fn understood(change: &Value) -> Option<Adjustment> {
    match change["kind"].as_str()? {
        "role" => Role::parse(change["role"].as_str()?).map(Adjustment::Role),
        "disable" => Some(Adjustment::Disable),
        "enable" => Some(Adjustment::Enable),
        _ => None,
    }
}
