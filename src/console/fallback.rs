//! Requests that no route takes: 405 with the methods that there are when the address exists, else 404. Which addresses
//! exist is what the API's own description says.

use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use utoipa::openapi::{OpenApi, PathItem};

use super::{API, Console};
use crate::http::problem::Problem;

/// Every address of the API, with its methods.
pub(super) struct KnownPaths(Vec<(ResourceDef, String)>);

impl KnownPaths {
    pub(super) fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(paths.map(|(path, item)| (ResourceDef::new(format!("{API}{path}")), methods(item))).collect())
    }

    /// The methods for an address, as in `Allow`.
    fn methods(&self, path: &str) -> Option<String> {
        let found: Vec<&str> =
            self.0.iter().filter(|(known, _)| known.is_match(path)).map(|(_, methods)| methods.as_str()).collect();
        (!found.is_empty()).then(|| found.join(", "))
    }
}

fn methods(item: &PathItem) -> String {
    let known = [
        ("GET, HEAD", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    known.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// Refuses a request that no route took.
pub(super) async fn refuse(request: HttpRequest, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    match console.paths.methods(request.path()) {
        Some(methods) => Err(Problem::method_not_allowed(methods)),
        None => Err(Problem::not_found()),
    }
}

/// A middleware: `HEAD` is answered as `GET` is; the connection leaves the body out.
pub(super) async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}
