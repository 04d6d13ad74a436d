//! A line between a client and a server that can be cut, and that leads to wherever the server is just now.

use std::io::copy;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A listening port whose connections are passed on.
pub(crate) struct Line {
    /// Where clients connect.
    pub(crate) address: SocketAddr,
    server: Arc<Mutex<SocketAddr>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    /// A line to this server. It lasts as long as the test.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, server, open) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(server)), Arc::default());
        let line = Self { address, server: Arc::clone(&server), open: Arc::clone(&open) };
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let to = *server.lock().unwrap();
                // Nobody there: the client sees its connection end.
                let Ok(far) = TcpStream::connect(to) else { continue };
                for (mut from, mut to) in [(&near, &far), (&far, &near)].map(|(a, b)| (twin(a), twin(b))) {
                    thread::spawn(move || {
                        let _ = copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                open.lock().unwrap().extend([near, far]);
            }
        });
        line
    }

    /// Cuts every connection.
    pub(crate) fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// From now on it leads there.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.server.lock().unwrap() = server;
    }
}

fn twin(stream: &TcpStream) -> TcpStream {
    stream.try_clone().unwrap()
}
