"""Checks the bot's codec, courses and picture against the conformance vectors beside the protocol's page.

    target/bot/bin/python loadtest/examples/test_vectors.py
"""
import json, pathlib
import msgpack
from bot import Picture, position

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "src/core/protocol/vectors"

def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text())

def told(picture):
    """The picture in the form of the vectors."""
    ships = [{"id": id, "cell": ship["cell"], "kind": ship["who"][0], "name": ship["who"][1],
              "position": list(position(ship["course"], picture.tick)),
              "course": dict(zip(("from", "to", "departs", "arrives"), [list(part) if isinstance(part, tuple) else part
                                                                        for part in ship["course"]]))}
             for id, ship in sorted(picture.ships.items())]
    objects = [{"id": id, **object, "at": list(object["at"])} for id, object in sorted(picture.objects.items())]
    return {"world_number": picture.world, "tick": picture.tick, "cells": sorted(picture.cells),
            "ships": ships, "objects": objects}

def main():
    messages, courses, pictures = load("messages")["messages"], load("courses")["courses"], load("pictures")["pictures"]
    for message in messages:
        packed = bytes.fromhex(message["msgpack"])
        assert msgpack.unpackb(packed) == message["value"], message["name"]
        assert msgpack.packb(message["value"]) == packed, message["name"]
    for course in courses:
        whole = course["from"], course["to"], course["departs"], course["arrives"]
        for tick, *at in course["positions"]:
            assert position(whole, tick) == tuple(at), (course["name"], tick)
            for seen, x, y, to_x, to_y, age, left in course["frames"]:
                if tick >= seen:
                    assert position(((x, y), (to_x, to_y), seen - age, seen + left), tick) == tuple(at), course["name"]
    for sequence in pictures:
        picture = Picture()
        for step in sequence["steps"]:
            picture.take(*step["cells"])
            assert told(picture) == step["picture"], (sequence["name"], told(picture), step["picture"])
    picture, ticks = Picture(), load("worlds")["ticks"]
    for at in ticks:
        for message in at["messages"]:
            picture.take(*message)
        assert "picture" not in at or told(picture) == at["picture"], at["tick"]
        for ship, tick, x, y in at.get("later", []):
            assert position(picture.ships[ship]["course"], tick) == (x, y), (at["tick"], ship)
    before, gone = told(picture), [[2, id] for id in picture.ships] + [[4, id] for id in picture.objects]
    picture.take(picture.world, picture.tick, [[cell, 9, gone] for cell in picture.cells])
    assert gone and told(picture) == before, "a frame of a kind that is not known yet says nothing"
    print(f"{len(messages)} messages, {len(courses)} courses, {len(pictures)} pictures, {len(ticks)} ticks: all as they should be")

if __name__ == "__main__":
    main()
