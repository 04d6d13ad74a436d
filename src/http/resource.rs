//! Resources that answer some methods, and every other one with 405 and the list of those.

use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

use super::problem::Problem;

/// A resource that can be read.
pub(crate) fn reading<F, A>(path: &str, handler: F) -> Resource
where
    F: Handler<A> + Clone,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path, "GET, HEAD").route(web::get().to(handler.clone())).route(web::head().to(handler))
}

/// A resource that things are sent to.
pub(crate) fn sending<F, A>(path: &str, handler: F) -> Resource
where
    F: Handler<A>,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    resource(path, "POST").route(web::post().to(handler))
}

/// A resource of both kinds.
pub(crate) fn reading_and_sending<F, A, G, B>(path: &str, read: F, send: G) -> Resource
where
    F: Handler<A> + Clone,
    A: FromRequest + 'static,
    F::Output: Responder + 'static,
    G: Handler<B>,
    B: FromRequest + 'static,
    G::Output: Responder + 'static,
{
    let reading = resource(path, "GET, HEAD, POST").route(web::get().to(read.clone())).route(web::head().to(read));
    reading.route(web::post().to(send))
}

/// A resource that answers other methods with 405.
fn resource(path: &str, allow: &'static str) -> Resource {
    let refuse = move || std::future::ready(Err::<HttpResponse, _>(Problem::method_not_allowed(allow)));
    web::resource(path).default_service(web::to(refuse))
}

/// For every address that nothing else answers.
pub(crate) async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}
