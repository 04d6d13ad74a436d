//! `GET /actors`: every live actor with its figures; `POST /actors/{kind}/{id}/passivate` and `/restart`.

mod ending;
mod list;

use actix_web::web;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(list::list_actors, ending::passivate_actor, ending::restart_actor),
    components(schemas(list::ActorSort))
)]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list::list_actors).service(ending::passivate_actor).service(ending::restart_actor);
}
