"""A small trader for Orrery, written from src/core/protocol/PROTOCOL.md: it collects what a hub buys, and sells it.
It comes as a guest. Lost connections and restarts of the server only make it wait; it ends with 0 after so many sales.
    python3 -m venv target/bot && target/bot/bin/pip install -r loadtest/examples/requirements.txt
    target/bot/bin/python loadtest/examples/bot.py --server http://127.0.0.1:8080 --sales 2"""
import argparse, contextlib, json, math, random, sys, time, urllib.request
import msgpack
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
UNDECIDED = {"busy", "rate_limited", "in_transit", "storage_unavailable", "internal", "maintenance"}

def position(course, now):
    """Where a ship on a course (from, to, departs, arrives) is at tick `now`, to the step."""
    (x, y), (to_x, to_y), departs, arrives = course
    elapsed, total = (1, 1) if now >= arrives else (max(now - departs, 0), max(arrives - departs, 1))
    return x + (to_x - x) * elapsed // total, y + (to_y - y) * elapsed // total

class Picture:
    """The world around the ship: what all `cells` messages add up to, by the six rules of the page."""
    def __init__(self, world=None):
        self.world, self.tick, self.cells, self.ships, self.objects = world, 0, set(), {}, {}
    def take(self, world, tick, frames):
        if world != self.world:
            self.__init__(world)
        self.tick = tick
        for cell, kind, entries in frames:
            if kind == 3:
                self.cells, self.ships, self.objects = set(), {}, {}
            elif kind in (1, 2):
                self.ships, self.objects = ({id: thing for id, thing in known.items() if thing["cell"] != cell}
                                            for known in (self.ships, self.objects))
                self.cells = self.cells | {cell} if kind == 1 else self.cells - {cell}
            for entry in entries if kind < 2 and cell in self.cells else []:
                self.enter(cell, *entry)
    def enter(self, cell, kind, id, *rest):
        ship = self.ships.get(id, {"cell": None})
        if kind == 1 or kind == 0 and id in self.ships:
            x, y, to_x, to_y, age, left, *who = rest
            course = (x, y), (to_x, to_y), self.tick - age, self.tick + left
            self.ships[id] = {"cell": cell, "course": course, "who": who or ship["who"]}
        elif kind == 5 and ship["cell"] == cell and rest[0] in self.cells:
            ship["cell"] = rest[0]
        elif kind in (2, 5) and ship["cell"] == cell:
            del self.ships[id]
        elif kind == 3:
            self.objects[id] = {"cell": cell, "at": (rest[0], rest[1]), "kind": rest[2]}
        elif kind == 4:
            self.objects.pop(id, None)

class Client:
    """A session that outlives its connections."""
    def __init__(self, server):
        self.server, self.picture, self.account, self.resume, self.losses = server, Picture(), None, None, 0
        self.seen, self.last_id, self.messages, self.place = 0, random.randrange(2**52), self.receive(), {"ship": None}
    def http(self, path, body=None):
        address, data = f"{self.server}/api/v1/{path}", body and json.dumps(body).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=10))
    def hello(self):
        if self.account and not self.resume:  # the session is gone, and the token too old
            self.account = self.http("auth/refresh", {"refresh_token": self.account["refresh_token"]})
        come = {"token": self.account["access_token"]} if self.account else {"guest": {}}
        return come | ({"resume": {"token": self.resume, "seen": self.seen}} if self.resume else {})
    def receive(self):
        """Everything that comes, over one connection after the other, as (type, body, id)."""
        while True:
            self.losses, wait = self.losses + 1, min(2**self.losses, 30)
            try:
                hello, options = self.hello(), {"compression": None, "max_size": None, "max_queue": None}
                with connect(f"ws{self.server[4:]}/ws", subprotocols=["orrery.v1.msgpack"], **options) as self.socket:
                    self.send("hello", hello)
                    for frame in self.socket:
                        kind, body, id, number = (msgpack.unpackb(frame) + [None, None])[:4]
                        self.seen = number or self.seen
                        if kind == "welcome":
                            print("welcome", body["name"], "resumed" if body["resumed"] else "new session", flush=True)
                            self.account, self.resume = body["account"] or self.account, body["resume_token"]
                            self.place, self.losses, self.seen = body["world"], 0, self.seen if body["resumed"] else 0
                        elif kind == "entered":
                            self.place = body
                        elif kind == "heartbeat":
                            self.place["tick"] = body["tick"]
                        elif kind == "cells":
                            self.picture.take(*body)
                        elif kind == "bye":
                            body["reconnect"] or body["code"] == 4001 and self.resume or sys.exit(f"sent away: {body}")
                            self.resume, wait = body["code"] != 4001 and self.resume, body["retry_after_ms"] / 1000
                        yield kind, body, id
            except (OSError, WebSocketException) as loss:  # a refusal is one of them, and has headers
                headers = getattr(getattr(loss, "response", loss), "headers", {"Retry-After": wait})
                wait = int(headers.get("Retry-After") or sys.exit(f"not let in: {loss}"))
            print(f"no connection, back in {wait} s", flush=True)
            time.sleep(wait * random.uniform(1, 1.03))
    def send(self, *message):
        with contextlib.suppress(WebSocketException):  # `receive` meets it too, and connects anew
            self.socket.send(msgpack.packb(message))
    def command(self, type, **fields):
        """Sends a command, with one id, until it is decided; gives the answer, or None when it is refused."""
        self.last_id, kind, id = self.last_id + 1, "welcome", None
        while True:
            if kind == "welcome" or id == self.last_id:  # for the first time, on a new connection, or not decided
                self.send(type, fields, self.last_id)
            kind, body, id = next(self.messages)
            if id == self.last_id and (kind == "ok" or body["code"] not in UNDECIDED):
                print(json.dumps([type, fields, kind, body]), flush=True)
                return body if kind == "ok" else None
            time.sleep(body.get("retry_after_ms", 1000) / 1000 if id == self.last_id else 0)
    def fly(self, to, object=None):
        """Flies to a point; false when the object there is gone, or the ship may be somewhere else since a welcome."""
        place, arrives = self.place, self.command("navigate", to=to)["arrives"]
        while place is self.place and place["tick"] < arrives and (not object or object in self.picture.objects):
            time.sleep(0.2)
            self.send("heartbeat", {"seen": self.seen})  # far sooner than the server wants: the answer tells the tick
            next(kind for kind, _, _ in self.messages if kind in ("heartbeat", "welcome"))
        return place is self.place and place["tick"] >= arrives

def collect(client, kinds, size):
    """Flies to the nearest object of these kinds and collects it; looks elsewhere when there is none."""
    ship, objects = client.picture.ships[client.place["ship"]], client.picture.objects
    way = lambda id: math.dist(objects[id]["at"], position(ship["course"], client.picture.tick))
    id = min((id for id in objects if objects[id]["kind"] in kinds), key=way, default=None)
    to = objects[id]["at"] if id else [random.randrange(size), random.randrange(size)]
    if client.fly(to, id) and id:
        client.command("collect", object=id)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--sales", type=int, default=2)
    options, sales = parser.parse_args(), 0
    client = Client(options.server)
    with contextlib.closing(client.messages):
        next(client.messages)  # the server is there
        catalog = client.http("catalog")
        while sales < options.sales:
            cargo = client.command("status")["cargo"]
            while client.place["ship"] not in client.picture.ships:
                next(client.messages)
            worth = lambda hub: sum(goods["quantity"] * hub["buys"].get(goods["item"], 0) for goods in cargo)
            hub = max(catalog["sectors"][client.place["world"]]["hubs"], key=worth)
            if worth(hub) < 30:  # sizes and the catalogue's places are in units, the socket's points in steps
                kinds = [kind for kind, object in catalog["objects"].items() if object["item"] in hub["buys"]]
                collect(client, kinds, 256 * client.place["size_units"])
            elif client.fly([256 * part for part in hub["at"]]):
                goods = next(goods for goods in cargo if goods["item"] in hub["buys"])
                sales += client.command("sell", hub=hub["key"], **goods) is not None
        client.command("status")
        client.send("leave", {})

if __name__ == "__main__":
    main()
