//! From a WebSocket handshake to a bare connection.
//!
//! actix-http hands requests for an upgrade to this service, together with the connection itself. The application answers
//! them like any other request; when its answer is 101, it has a [`HandOver`] in it, which gets the connection: from then
//! on nothing of HTTP stands between a session and its socket, and nothing of it stays in memory.

use std::rc::Rc;

use actix_codec::{Framed, FramedParts};
use actix_http::body::{BodySize, MessageBody, to_bytes};
use actix_http::h1::{Codec, Message};
use actix_http::{Request, Response, StatusCode};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, fn_factory, fn_service, map_config};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::web::BytesMut;
use actix_web::{Error, HttpResponse, error};
use futures_util::SinkExt;

/// What a handler that answers 101 puts into its answer: it gets the connection, and what the client sent early.
pub(super) struct HandOver(Box<dyn FnOnce(TcpStream, BytesMut)>);

impl HandOver {
    /// Puts it into an answer.
    pub(super) fn put(response: &mut HttpResponse, take: impl FnOnce(TcpStream, BytesMut) + 'static) {
        response.extensions_mut().insert(Self(Box::new(take)));
    }
}

/// The service for requests that want to upgrade, made of the application that answers them. One per worker.
pub fn upgrade<F, I, S, B>(
    app: F,
) -> impl ServiceFactory<(Request, Framed<TcpStream, Codec>), Config = (), Response = (), Error = Error, InitError = ()>
where
    F: Fn() -> I + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error, InitError = ()>,
    S: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    fn_factory(move || {
        let app = map_config(app().into_factory(), |()| AppConfig::default()).new_service(());
        async move {
            let app = Rc::new(app.await?);
            Ok(fn_service(move |(request, framed)| answer(Rc::clone(&app), request, framed)))
        }
    })
}

async fn answer<S, B>(app: Rc<S>, request: Request, mut framed: Framed<TcpStream, Codec>) -> Result<(), Error>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (_, mut response) = match app.call(request).await {
        Ok(answered) => answered.into_parts(),
        Err(error) => return send(&mut framed, error.error_response().into()).await,
    };
    let hand_over = response.extensions_mut().remove::<HandOver>();
    match hand_over.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
        None => send(&mut framed, response.into()).await,
        Some(HandOver(take)) => {
            let (head, _) = Response::from(response).into_parts();
            framed.send(Message::Item((head, BodySize::None))).await.map_err(error::ErrorInternalServerError)?;
            let FramedParts { io, read_buf, .. } = framed.into_parts();
            take(io, read_buf);
            Ok(())
        }
    }
}

/// Sends a whole answer; the connection ends with it.
async fn send<B: MessageBody>(framed: &mut Framed<TcpStream, Codec>, response: Response<B>) -> Result<(), Error> {
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(|_| error::ErrorInternalServerError("the answer has no body"))?;
    let parts =
        [Message::Item((head, BodySize::Sized(body.len() as u64))), Message::Chunk(Some(body)), Message::Chunk(None)];
    for part in parts {
        framed.feed(part).await.map_err(error::ErrorInternalServerError)?;
    }
    SinkExt::<Message<_>>::flush(framed).await.map_err(error::ErrorInternalServerError)
}
