//! A thread that owns one connection. rusqlite blocks and is not `Sync`, so work comes to the connection.

use std::sync::mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::StoreError;

type Work = Box<dyn FnOnce(Result<&mut Connection, StoreError>) + Send>;

enum Job {
    Run(Work),
    Close(oneshot::Sender<()>),
}

/// The thread's handle; the thread ends when it is dropped. The connection is opened when the first work arrives,
/// and again after [`ConnectionThread::close`] or a failure to open.
pub(super) struct ConnectionThread {
    jobs: mpsc::Sender<Job>,
}

impl ConnectionThread {
    /// Starts the thread; nothing is opened yet.
    pub(super) fn start(
        name: &str,
        open: impl Fn() -> Result<Connection, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        // Unbounded, but the callers bound it: the persister awaits each write, a loading actor each read.
        let (jobs, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || serve(&queue, &open))
            .map_err(|error| StoreError::Unavailable(format!("no thread for the database: {error}")))?;
        Ok(Self { jobs })
    }

    /// Does the work on the thread, after everything that was asked for before.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, outcome) = oneshot::channel();
        let job = move |connection: Result<&mut Connection, StoreError>| {
            // Nobody waits any more: the work was done all the same.
            let _ = done.send(connection.and_then(work));
        };
        let gone = || StoreError::Unavailable("the database's thread has ended".to_owned());
        self.jobs.send(Job::Run(Box::new(job))).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }

    /// Closes the connection and returns when it is closed.
    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).is_ok() {
            let _ = closed.await;
        }
    }
}

fn serve(queue: &mpsc::Receiver<Job>, open: &dyn Fn() -> Result<Connection, StoreError>) {
    let mut connection = None;
    for job in queue {
        match job {
            Job::Run(work) => work(opened(&mut connection, open)),
            Job::Close(done) => {
                connection = None;
                let _ = done.send(());
            }
        }
    }
}

fn opened<'a>(
    connection: &'a mut Option<Connection>,
    open: &dyn Fn() -> Result<Connection, StoreError>,
) -> Result<&'a mut Connection, StoreError> {
    match connection {
        Some(connection) => Ok(connection),
        None => Ok(connection.insert(open()?)),
    }
}
