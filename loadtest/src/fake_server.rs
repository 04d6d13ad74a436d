//! A server of one cell, for tests of the swarm: honest, or lying in one chosen way that the swarm must notice.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orrery_core::protocol::answer::{Collected, Entered, Goods, Lifetime, Navigated, ShipStats, Sold, Status};
use orrery_core::protocol::cell_frame::{CellsBody, WireCourse};
use orrery_core::protocol::client_message::Navigate;
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{
    CellEntry, CellFrame, ClientMessage, Encoding, Envelope, ErrorBody, ErrorCode, FrameKind, ServerMessage,
    decode_client, encode_server,
};
use orrery_core::types::{
    CommandId, Course, Credits, Millis, ObjectId, PlayerId, Point, Quantity, ShipId, ShipKindKey, Tick, TransferId,
    Volume, WorldKey,
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use uuid::Uuid;

use crate::floor::tape::Taping;
use crate::http::ServerUrl;
use crate::scenario::Scenario;
use crate::share::Share;
use crate::stats::lock;
use crate::swarm::Options;

/// How the server lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    /// Every second session sees ships a step beside their places.
    Places,
    /// `status` says a credit too many.
    Credits,
    /// A reliable number is left out now and then.
    Numbers,
    /// Objects stay where they are when they were collected.
    Objects,
    /// A repeated command gets another answer than before.
    Repeats,
    /// Nobody's session is resumed.
    Resume,
    /// The store never answers the first time.
    Store,
    /// The process dies after two seconds.
    Dies,
}

struct Account {
    player: PlayerId,
    ship: ShipId,
    credits: u64,
    ore: u64,
    number: u64,
    ring: Vec<Envelope<ServerMessage>>,
    done: HashMap<CommandId, Value>,
    sender: Option<UnboundedSender<Envelope<ServerMessage>>>,
    fresh: bool,
    asked: u64,
}

struct World {
    lie: Lie,
    tick: Tick,
    ships: BTreeMap<ShipId, Course>,
    objects: BTreeMap<ObjectId, Point>,
    accounts: BTreeMap<String, Account>,
    changes: Vec<CellEntry>,
    made: u64,
}

pub(crate) fn catalog() -> Value {
    json!({
        "start": {"sector": "sol", "ship": "sloop", "credits": 100},
        "economy": {
            "market": {"listing_fee_permille": 5, "sale_tax_permille": 20, "order_seconds": 600,
                       "orders_per_player": 9, "orders_per_hub": 99},
            "auction": {"seconds_min": 60, "seconds_max": 600, "extension_seconds": 60, "auctions_per_player": 9},
            "contract": {"seconds_min": 60, "seconds_max": 600, "contracts_per_player": 9, "hub_contracts": 0,
                         "hub_reward_permille": 1300, "hub_contract_seconds": 600},
            "craft": {"slots": 1, "jobs_max": 9, "runs_max": 9, "refund_permille": 500},
            "guild": {"founding_fee": 50, "members_max": 9, "invites_max": 9, "invite_seconds": 600,
                      "member_limit": 10, "officer_limit": 20},
            "season": {"seconds": 600, "kept": 9}
        },
        "items": {"ore": {"key": "ore", "name": "Ore", "volume": 1}},
        "ships": {"sloop": {"key": "sloop", "name": "Sloop", "speed_units": 50, "cargo_volume": 40,
                            "collect_range_units": 200, "price": 10}},
        "objects": {"rock": {"key": "rock", "name": "Rock", "item": "ore", "quantity_min": 2, "quantity_max": 2}},
        "techs": {},
        "blueprints": {},
        "missions": {},
        "sectors": {"sol": {"key": "sol", "number": 1, "name": "Sol", "size_units": 200, "entry": [50, 50],
            "gates": [], "spawns": [], "hubs": [{"key": "sol_hub", "name": "Hub", "at": [50, 50], "range_units": 300,
                                               "buys": {"ore": 7}}]}}
    })
}

/// What a guest is told first.
pub(crate) fn welcome() -> Welcome {
    let (world, position) = (WorldKey::parse("sol").unwrap(), Point::from_units(50, 50));
    Welcome {
        player: PlayerId(Uuid::from_u128(1)),
        name: "x".to_owned(),
        guest: true,
        account: None,
        resume_token: "session-0".to_owned(),
        resumed: false,
        resume_window_ms: 30_000,
        heartbeat_ms: 200,
        tick_hz: 20,
        cell_units: 200,
        interest_radius_units: 200,
        catalog: String::new(),
        world: Entered { world, world_number: 1, size_units: 200, ship: ShipId(1), tick: Tick(1_000), position },
        durable: 0,
    }
}

fn kind() -> ShipKindKey {
    ShipKindKey::parse("sloop").unwrap()
}

fn to_value(body: impl Serialize) -> Value {
    serde_json::to_value(body).unwrap()
}

impl World {
    fn entry(&self, ship: ShipId, course: &Course, introduce: bool) -> CellEntry {
        let wire = WireCourse::new(course, self.tick);
        if introduce { CellEntry::Ship(ship, wire, kind(), "x".to_owned()) } else { CellEntry::Course(ship, wire) }
    }

    fn step(&mut self) {
        self.tick = self.tick.after(1);
        while self.objects.len() < 20 {
            self.made += 1;
            let (id, at) = (ObjectId::new(1, self.made), Point::from_units((self.made * 37 % 200) as i32, 60));
            self.objects.insert(id, at);
            self.changes.push(CellEntry::Object(id, at, orrery_core::types::ObjectKindKey::parse("rock").unwrap()));
        }
        // Courses were queued with their ids only: what a ship does is said as of the tick it is said in.
        let queued = std::mem::take(&mut self.changes);
        let changes: Vec<CellEntry> = queued
            .into_iter()
            .map(|entry| match entry {
                CellEntry::Course(ship, _) => self.entry(ship, &self.ships[&ship], false),
                CellEntry::Ship(ship, ..) => self.entry(ship, &self.ships[&ship], true),
                other => other,
            })
            .collect();
        let all: Vec<CellEntry> =
            self.ships
                .iter()
                .map(|(ship, course)| self.entry(*ship, course, true))
                .chain(self.objects.iter().map(|(id, at)| {
                    CellEntry::Object(*id, *at, orrery_core::types::ObjectKindKey::parse("rock").unwrap())
                }))
                .collect();
        for account in self.accounts.values_mut().filter(|account| account.sender.is_some()) {
            let (kind, mut entries) = match std::mem::take(&mut account.fresh) {
                true => (FrameKind::Snapshot, all.clone()),
                false => (FrameKind::Delta, changes.clone()),
            };
            if self.lie == Lie::Places && account.ship.0 % 2 == 0 {
                entries.iter_mut().for_each(|entry| {
                    if let CellEntry::Course(_, course) | CellEntry::Ship(_, course, ..) = entry {
                        course.from.x += 1;
                        course.to.x += 1;
                    }
                });
            }
            if !entries.is_empty() {
                let frame = CellFrame { cell: 0, kind, entries };
                account.send(Envelope::from(ServerMessage::Cells(CellsBody(1, self.tick, vec![frame]))));
            }
        }
    }

    fn navigate(&mut self, ship: ShipId, navigate: &Navigate) -> Navigated {
        let tick = self.tick.after(1);
        let from = self.ships[&ship].position(tick);
        let clamp = |point: Point| {
            let edge = orrery_core::types::units_to_fixed(200);
            Point::new(point.x.clamp(0, edge), point.y.clamp(0, edge))
        };
        let to = match (navigate.to, navigate.heading) {
            (Some(to), _) => to,
            (_, Some(heading)) => Point::new(from.x.saturating_add(heading.x), from.y.saturating_add(heading.y)),
            _ => from,
        };
        let to = if navigate.heading.is_some() && clamp(to) != to { from } else { to };
        let steps = (from.distance_squared(to) as f64).sqrt() / f64::from(50 * 256 / 20);
        let course = Course { from, to, departs: tick, arrives: tick.after(steps.ceil() as u64) };
        self.ships.insert(ship, course);
        self.changes.push(CellEntry::Course(ship, WireCourse::new(&course, tick)));
        let Course { from, to, departs, arrives } = course;
        Navigated { from, to, departs, arrives }
    }

    fn command(&mut self, token: &str, message: &ClientMessage, id: Option<CommandId>) {
        let ship = self.accounts[token].ship;
        if let Some(mut answer) = id.and_then(|id| self.accounts[token].done.get(&id)).cloned() {
            if self.lie == Lie::Repeats {
                answer["quantity"] = json!(99);
            }
            return self.answer(token, id, Ok(answer));
        }
        if self.lie == Lie::Store && crate::account::is_economic(message.name()) {
            let account = self.accounts.get_mut(token).unwrap();
            account.asked += 1;
            if account.asked % 2 == 1 {
                let error = ErrorBody::new(ErrorCode::StorageUnavailable, "try again").retry_after_ms(100);
                return self.answer(token, id, Err(error));
            }
        }
        let answer = match message {
            ClientMessage::Navigate(navigate) => Ok(to_value(self.navigate(ship, navigate))),
            ClientMessage::Status(_) => Ok(to_value(self.status(token))),
            ClientMessage::ShipStats(_) => Ok(to_value(ShipStats {
                ship: kind(),
                speed: 50 * 256,
                cargo_capacity: Volume(40),
                collect_range: 200 * 256,
            })),
            ClientMessage::Collect(collect) => self.collect(token, collect.object),
            ClientMessage::Sell(sell) => self.sell(token, sell.quantity.0),
            _ => Err(ErrorBody::new(ErrorCode::Disabled, "not here")),
        };
        if let (Ok(answer), Some(id), true) = (&answer, id, crate::account::is_economic(message.name())) {
            self.accounts.get_mut(token).unwrap().done.insert(id, answer.clone());
        }
        self.answer(token, id, answer);
    }

    fn collect(&mut self, token: &str, object: ObjectId) -> Result<Value, ErrorBody> {
        if !self.objects.contains_key(&object) {
            return Err(ErrorBody::new(ErrorCode::ObjectGone, "gone"));
        }
        if self.lie != Lie::Objects {
            self.objects.remove(&object);
            self.changes.push(CellEntry::ObjectGone(object));
        }
        self.accounts.get_mut(token).unwrap().ore += 2;
        let (item, transfer) = (orrery_core::types::ItemKey::parse("ore").unwrap(), TransferId::of_collected(object));
        Ok(to_value(Collected { object, item, quantity: Quantity(2), transfer }))
    }

    fn sell(&mut self, token: &str, quantity: u64) -> Result<Value, ErrorBody> {
        let account = self.accounts.get_mut(token).unwrap();
        if account.ore < quantity {
            return Err(ErrorBody::new(ErrorCode::NotEnoughGoods, "fewer").with("have", account.ore));
        }
        account.ore -= quantity;
        account.credits += 7 * quantity;
        Ok(to_value(Sold {
            hub: orrery_core::types::HubKey::parse("sol_hub").unwrap(),
            item: orrery_core::types::ItemKey::parse("ore").unwrap(),
            quantity: Quantity(quantity),
            paid: Credits(7 * quantity),
            tax: Credits::ZERO,
            balance: Credits(account.credits),
        }))
    }

    fn status(&self, token: &str) -> Status {
        let account = &self.accounts[token];
        let item = orrery_core::types::ItemKey::parse("ore").unwrap();
        let lie = if self.lie == Lie::Credits && account.number > 5 { 1 } else { 0 };
        Status {
            name: "x".to_owned(),
            credits: Credits(account.credits + lie),
            ship: kind(),
            cargo_used: Volume(account.ore),
            cargo_capacity: Volume(40),
            cargo: vec![Goods { item, quantity: Quantity(account.ore) }],
            research: None,
            known: vec![],
            lifetime: Lifetime::default(),
        }
    }

    fn answer(&mut self, token: &str, id: Option<CommandId>, answer: Result<Value, ErrorBody>) {
        if id.is_none() {
            return;
        }
        let lie = self.lie;
        let account = self.accounts.get_mut(token).unwrap();
        account.number += 1;
        if lie == Lie::Numbers && account.number == 4 {
            account.number += 1;
        }
        let message = match answer {
            Ok(body) => ServerMessage::Ok(body),
            Err(error) => ServerMessage::Error(error),
        };
        let envelope = Envelope { message, id, number: Some(account.number) };
        account.ring.push(envelope.clone());
        account.send(envelope);
    }

    fn hello(&mut self, hello: orrery_core::protocol::client_message::Hello, sender: &Sender) -> String {
        let resumed = hello.resume.filter(|_| self.lie != Lie::Resume);
        let (token, resumed, seen) = match resumed {
            Some(resume) => (resume.token, true, resume.seen),
            None => (format!("session-{}", self.accounts.len()), false, 0),
        };
        if !resumed {
            let number = u32::try_from(self.accounts.len()).unwrap() + 1;
            let ship = ShipId(number);
            self.ships.insert(ship, Course::rest(Point::from_units(50, 50), self.tick));
            self.changes.push(self.entry(ship, &self.ships[&ship], true));
            self.accounts.insert(token.clone(), Account::new(ship));
        }
        let (tick, position) = (self.tick, Point::from_units(50, 50));
        let account = self.accounts.get_mut(&token).unwrap();
        let world = WorldKey::parse("sol").unwrap();
        let world = Entered { world, world_number: 1, size_units: 200, ship: account.ship, tick, position };
        let welcome = Welcome { player: account.player, resume_token: token.clone(), resumed, world, ..welcome() };
        account.sender = Some(sender.clone());
        account.fresh = true;
        account.send(ServerMessage::Welcome(Box::new(welcome)).into());
        account.ring.iter().filter(|sent| sent.number > Some(seen)).for_each(|sent| account.send(sent.clone()));
        token
    }
}

type Sender = UnboundedSender<Envelope<ServerMessage>>;

impl Account {
    fn new(ship: ShipId) -> Self {
        let player = PlayerId(Uuid::from_u128(ship.0.into()));
        let (ring, done) = (Vec::new(), HashMap::new());
        Self { player, ship, credits: 100, ore: 0, number: 0, ring, done, sender: None, fresh: true, asked: 0 }
    }

    fn send(&self, envelope: Envelope<ServerMessage>) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(envelope);
        }
    }
}

async fn serve(listener: TcpListener, lie: Lie) {
    let world = Arc::new(Mutex::new(World {
        lie,
        tick: Tick(1_000),
        ships: BTreeMap::new(),
        objects: BTreeMap::new(),
        accounts: BTreeMap::new(),
        changes: Vec::new(),
        made: 0,
    }));
    let stepping = world.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            lock(&stepping).step();
        }
    });
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(client(stream, world.clone()));
    }
}

async fn client(mut stream: TcpStream, world: Arc<Mutex<World>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with("GET /debug/echo ") {
        return echo(stream).await;
    }
    if !head.starts_with("GET /ws ") {
        let body = if head.starts_with("GET /api") { catalog().to_string() } else { "orrery_ticks_total 5\n".into() };
        let length = body.len();
        return stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").as_bytes()).await;
    }
    let (encoding, subprotocol) = if head.contains("orrery.v1.json") {
        (Encoding::Json, "orrery.v1.json")
    } else {
        (Encoding::MessagePack, "orrery.v1.msgpack")
    };
    let upgrade = format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n");
    stream.write_all(upgrade.as_bytes()).await?;
    let (mut from, mut to) = stream.into_split();
    let (sender, mut receiver) = unbounded_channel::<Envelope<ServerMessage>>();
    let writing = tokio::spawn(async move {
        while let Some(envelope) = receiver.recv().await {
            let payload = encode_server(encoding, &envelope);
            let mut frame = vec![0x82, 127];
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
            frame.extend_from_slice(&payload);
            to.write_all(&frame).await?;
        }
        std::io::Result::Ok(())
    });
    let mut token = String::new();
    while let Ok(payload) = read_frame(&mut from).await {
        let Ok(envelope) = decode_client(encoding, &payload) else { break };
        let mut world = lock(&world);
        match envelope.message {
            ClientMessage::Hello(hello) => token = world.hello(hello, &sender),
            ClientMessage::Heartbeat(_) => {
                let beat = orrery_core::protocol::server_message::ServerHeartbeat {
                    tick: world.tick,
                    time_ms: Millis(0),
                    durable: 0,
                    session_durable: 0,
                };
                world.accounts[&token].send(ServerMessage::Heartbeat(beat).into());
            }
            ClientMessage::Leave(_) => break,
            message => world.command(&token, &message, envelope.id),
        }
    }
    if let Some(account) = lock(&world)
        .accounts
        .get_mut(&token)
        .filter(|account| account.sender.as_ref().is_some_and(|current| current.same_channel(&sender)))
    {
        account.sender = None;
    }
    drop(sender);
    let _ = writing.await;
    Ok(())
}

async fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").await?;
    let (mut from, mut to) = stream.into_split();
    loop {
        let payload = read_frame(&mut from).await?;
        to.write_all(&[&[0x82, u8::try_from(payload.len()).unwrap()], &payload[..]].concat()).await?;
    }
}

async fn read_frame(from: &mut OwnedReadHalf) -> std::io::Result<Vec<u8>> {
    from.read_u8().await?;
    let length = match from.read_u8().await? & 0x7f {
        126 => usize::from(from.read_u16().await?),
        short => usize::from(short),
    };
    let mask = from.read_u32().await?.to_be_bytes();
    let mut payload = vec![0; length];
    from.read_exact(&mut payload).await?;
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Ok(payload)
}

/// Starts a server that lies this way; its address.
fn start(lie: Lie) -> String {
    let (tell, port) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap().port()).unwrap();
            let life = if lie == Lie::Dies { 2 } else { 600 };
            let _ = tokio::time::timeout(Duration::from_secs(life), serve(listener, lie)).await;
        });
    });
    format!("http://127.0.0.1:{}", port.recv().unwrap())
}

/// Starts an honest server; its address.
pub(crate) fn start_honest() -> String {
    start(Lie::None)
}

/// Thirty bots for three seconds.
pub(crate) fn options_for(address: &str) -> Options {
    let mut scenario = Scenario::load("mixed").unwrap();
    scenario.pause_ms = 150;
    Options {
        server: ServerUrl::parse(address).unwrap(),
        bots: 30,
        duration: Duration::from_secs(3),
        scenario,
        seed: 5,
        encoding: Encoding::MessagePack,
        ramp_per_second: 300,
        acks: None,
        until_disconnect: false,
        server_pid: None,
        threads: 1,
        progress: false,
        neighbours: false,
        taping: Taping::Off,
        share: Share::default(),
        start_at: None,
    }
}

mod tests;
