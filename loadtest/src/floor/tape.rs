//! What some members received from the real server, tick by tick, for the bare writer to give out again.
//!
//! A [`Recorder`] is shared by the members of a run; when the run is over it becomes a [`Tape`], which goes to the bare
//! writer's process as a file: a line of JSON, then the messages, each behind its recording, slot and length.

use std::collections::BTreeMap;
use std::io::{self, BufRead, ErrorKind, Write};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, ensure};
use orrery_core::catalog::Catalog;
use orrery_core::protocol::server_message::Welcome;
use serde::{Deserialize, Serialize};

use crate::cells_head::CellsHead;
use crate::stats::lock;

/// Members that keep what they receive: enough that their mean is near everybody's.
const RECORDINGS_MAX: usize = 64;
/// Ticks that are kept, half a minute at 20 Hz: in the densest crowds the tape is some 100 MB then. It is played in a loop.
const TICKS_MAX: u64 = 600;
/// No message is longer.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a run has to do with tapes.
#[derive(Clone, Debug, Default)]
pub enum Taping {
    /// Nothing.
    #[default]
    Off,
    /// Its members record.
    Record(Arc<Recorder>),
    /// Its server plays a tape: what members are shown is no picture of one world, and begins in its middle.
    Replayed,
}

impl Taping {
    /// The recorder for the member of this number out of so many, if it is one of those that record.
    #[must_use]
    pub fn recorder(&self, member: usize, members: usize) -> Option<Arc<Recorder>> {
        match self {
            Self::Record(recorder) if member.is_multiple_of(members.div_ceil(RECORDINGS_MAX).max(1)) => {
                Some(Arc::clone(recorder))
            }
            _ => None,
        }
    }

    /// Whether the server plays a tape.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        matches!(self, Self::Replayed)
    }
}

type Message = Box<[u8]>;

#[derive(Debug, Default)]
struct Recorded {
    welcome: Option<Welcome>,
    ticks: Option<(u64, u64)>,
    messages: BTreeMap<usize, Vec<(u64, Message)>>,
}

/// Gathers what members receive.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Recorded>);

impl Recorder {
    /// Notes what a member was told when it came; one is enough.
    pub fn welcomed(&self, welcome: &Welcome) {
        // Secrets are nothing for a file.
        let resume_token = String::new();
        lock(&self.0).welcome.get_or_insert_with(|| Welcome { account: None, resume_token, ..welcome.clone() });
    }

    /// Notes a `cells` message of a tick.
    pub fn record(&self, member: usize, tick: u64, message: &[u8]) {
        let mut recorded = lock(&self.0);
        let (first, last) = recorded.ticks.unwrap_or((tick, tick));
        // The ticks at both ends are only partly in the window, and left out.
        if tick < first || tick - first > TICKS_MAX + 1 {
            return;
        }
        recorded.ticks = Some((first, last.max(tick)));
        recorded.messages.entry(member).or_default().push((tick, message.into()));
    }

    /// What was recorded, for a server with this content.
    ///
    /// # Errors
    /// Nobody received anything for three ticks.
    pub fn into_tape(&self, catalog: Catalog) -> anyhow::Result<Tape> {
        let Recorded { welcome, ticks, messages } = std::mem::take(&mut *lock(&self.0));
        let welcome = welcome.context("no member was welcomed")?;
        let (first, last) = ticks.context("no member received a frame")?;
        let ticks = last.saturating_sub(first).saturating_sub(1);
        ensure!(ticks > 0, "the members received frames for less than three ticks");
        let recordings = messages.into_values().map(|messages| Recording::of(messages, first + 1, ticks)).collect();
        Ok(Tape { welcome, catalog, ticks, recordings })
    }
}

/// What one member received: messages by slot, which is the tick's number from the first tick on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording(Vec<Vec<Message>>);

impl Recording {
    fn of(messages: Vec<(u64, Message)>, first: u64, ticks: u64) -> Self {
        let mut recording = Self::blank(ticks);
        for (tick, message) in messages.into_iter().filter(|(tick, _)| *tick >= first) {
            recording.add(tick - first, message);
        }
        recording
    }

    /// Silence for so many ticks.
    #[must_use]
    pub fn blank(ticks: u64) -> Self {
        Self((0..ticks).map(|_| Vec::new()).collect())
    }

    /// Adds a message; beyond the end it is left out.
    pub fn add(&mut self, slot: u64, message: impl Into<Box<[u8]>>) {
        if let Some(messages) = usize::try_from(slot).ok().and_then(|slot| self.0.get_mut(slot)) {
            messages.push(message.into());
        }
    }

    /// The messages of a slot.
    pub fn at(&self, slot: u64) -> impl Iterator<Item = &[u8]> {
        let messages = usize::try_from(slot).ok().and_then(|slot| self.0.get(slot));
        messages.into_iter().flatten().map(|message| &**message)
    }
}

/// All recordings, and what a client must be told before.
#[derive(Clone, Debug)]
pub struct Tape {
    /// The answer to `hello`.
    pub welcome: Welcome,
    /// The content of the recorded server.
    pub catalog: Catalog,
    /// Ticks until it begins again; not 0.
    pub ticks: u64,
    /// One for each member that recorded.
    pub recordings: Vec<Recording>,
}

/// The first line of the file.
#[derive(Serialize, Deserialize)]
struct Label {
    welcome: Welcome,
    catalog: Catalog,
    ticks: u64,
    recordings: usize,
}

impl Tape {
    /// Payload bytes per recording and tick: the mean.
    #[must_use]
    pub fn bytes_per_tick(&self) -> f64 {
        let bytes: usize = self
            .recordings
            .iter()
            .flat_map(|recording| recording.0.iter().flatten())
            .map(|message| message.len())
            .sum();
        bytes as f64 / (self.ticks as f64 * self.recordings.len().max(1) as f64)
    }

    /// Writes it to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, mut to: impl Write) -> io::Result<()> {
        let (welcome, catalog, recordings) = (self.welcome.clone(), self.catalog.clone(), self.recordings.len());
        serde_json::to_writer(&mut to, &Label { welcome, catalog, ticks: self.ticks, recordings })?;
        to.write_all(b"\n")?;
        for (number, recording) in self.recordings.iter().enumerate() {
            let slots = recording.0.iter().enumerate();
            for (slot, message) in
                slots.flat_map(|(slot, messages)| messages.iter().map(move |message| (slot, message)))
            {
                for part in [number, slot, message.len()] {
                    to.write_all(&(part as u64).to_le_bytes())?;
                }
                to.write_all(message)?;
            }
        }
        to.flush()
    }

    /// Reads what [`Tape::write`] wrote.
    ///
    /// # Errors
    /// The file cannot be read, or is something else.
    pub fn read(mut from: impl BufRead) -> io::Result<Self> {
        let wrong = |what: &str| io::Error::new(ErrorKind::InvalidData, what.to_owned());
        let mut line = String::new();
        from.read_line(&mut line)?;
        let label: Label = serde_json::from_str(&line)?;
        let Label { welcome, catalog, ticks, recordings } = label;
        if !(1..=TICKS_MAX).contains(&ticks) || !(1..=RECORDINGS_MAX).contains(&recordings) {
            return Err(wrong("less or more than a tape holds"));
        }
        let mut recordings: Vec<_> = (0..recordings).map(|_| Recording::blank(ticks)).collect();
        while let Some([number, slot, length]) = read_numbers(&mut from)? {
            let length = usize::try_from(length).ok().filter(|length| *length <= MESSAGE_BYTES_MAX);
            let mut message = vec![0; length.ok_or_else(|| wrong("a message is too long"))?];
            from.read_exact(&mut message)?;
            let recording = usize::try_from(number).ok().and_then(|number| recordings.get_mut(number));
            let message = with_a_tick(message).ok_or_else(|| wrong("a message has no tick"))?;
            recording.ok_or_else(|| wrong("there is no such recording"))?.add(slot, message);
        }
        Ok(Self { welcome, catalog, ticks, recordings })
    }
}

/// Whoever plays a tape relies on it.
fn with_a_tick(message: Vec<u8>) -> Option<Vec<u8>> {
    CellsHead::parse(&message).is_some().then_some(message)
}

/// Three numbers; `None` at the end of the file.
fn read_numbers(from: &mut impl BufRead) -> io::Result<Option<[u64; 3]>> {
    if from.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut numbers = [0; 3];
    for number in &mut numbers {
        let mut bytes = [0; 8];
        from.read_exact(&mut bytes)?;
        *number = u64::from_le_bytes(bytes);
    }
    Ok(Some(numbers))
}

#[cfg(test)]
mod tests {
    use orrery_core::protocol::{Encoding, cell_frame};
    use orrery_core::types::Tick;

    use super::*;
    use crate::fake_server;

    fn message(tick: u64, length: usize) -> Vec<u8> {
        let (frame, mut out) = (vec![7; length], Vec::new());
        cell_frame::join(Encoding::MessagePack, 1, Tick(tick), [frame.as_slice()].into_iter(), &mut out);
        out
    }

    fn content() -> Catalog {
        serde_json::from_value(fake_server::catalog()).unwrap()
    }

    fn recorded() -> Tape {
        let recorder = Recorder::default();
        recorder.welcomed(&fake_server::welcome());
        for tick in 500..510 {
            recorder.record(0, tick, &message(tick, 3));
            if tick % 3 == 0 {
                recorder.record(1, tick, &message(tick, 5));
                recorder.record(1, tick, &message(tick, 300));
            }
        }
        recorder.into_tape(content()).unwrap()
    }

    fn lengths(recording: &Recording, ticks: u64) -> Vec<usize> {
        (0..ticks).map(|slot| recording.at(slot).map(<[u8]>::len).sum()).collect()
    }

    #[test]
    fn ticks_that_were_only_partly_seen_are_left_out_and_silence_is_kept() {
        let tape = recorded();
        let (short, long) = (message(505, 3).len(), message(505, 5).len() + message(505, 300).len());
        assert_eq!((tape.ticks, tape.recordings.len()), (8, 2));
        assert_eq!(lengths(&tape.recordings[0], 8), [short; 8]);
        assert_eq!(lengths(&tape.recordings[1], 8), [long, 0, 0, long, 0, 0, long, 0]);
        let mean = (8 * short + 3 * long) as f64 / 16.0;
        assert!((tape.bytes_per_tick() - mean).abs() < 1e-9);
        assert_eq!(tape.welcome.resume_token, "");
    }

    #[test]
    fn a_tape_is_read_as_it_was_written() {
        let (tape, mut file) = (recorded(), Vec::new());
        tape.write(&mut file).unwrap();
        let read = Tape::read(file.as_slice()).unwrap();
        assert_eq!((read.ticks, &read.recordings, &read.welcome), (tape.ticks, &tape.recordings, &tape.welcome));
        assert_eq!(read.catalog.start.sector, tape.catalog.start.sector);
        for cut in [1, 10, 200, file.len() - 1] {
            assert!(Tape::read(&file[..file.len() - cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_run_without_frames_makes_no_tape() {
        let recorder = Recorder::default();
        assert!(recorder.into_tape(content()).is_err());
        recorder.welcomed(&fake_server::welcome());
        recorder.record(0, 7, &message(7, 3));
        recorder.record(0, 8, &message(8, 3));
        assert!(recorder.into_tape(content()).is_err());
    }

    #[test]
    fn a_long_window_is_recorded_at_its_beginning() {
        let recorder = Recorder::default();
        recorder.welcomed(&fake_server::welcome());
        (0..2 * TICKS_MAX).for_each(|tick| recorder.record(3, tick, &message(tick, 1)));
        let tape = recorder.into_tape(content()).unwrap();
        assert_eq!(tape.ticks, TICKS_MAX);
        assert!((0..TICKS_MAX).all(|slot| tape.recordings[0].at(slot).count() == 1));
    }

    #[test]
    fn recorders_are_few_and_spread() {
        let taping = Taping::Record(Arc::default());
        for members in [1, 20, 64, 65, 200, 7_000] {
            let recorders = (0..members).filter(|member| taping.recorder(*member, members).is_some()).count();
            assert!((members.min(32)..=RECORDINGS_MAX).contains(&recorders), "{recorders} of {members}");
        }
        assert!(Taping::Off.recorder(0, 10).is_none() && Taping::Replayed.recorder(0, 10).is_none());
    }
}
