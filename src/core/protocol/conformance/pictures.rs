//! `vectors/pictures.json`: what `cells` messages add up to, by each rule of the picture.

use serde_json::{Value, json};

use super::{settle, vector_file};
use crate::protocol::cell_frame::CellsBody;
use crate::protocol::picture::Picture;

const ABOUT: &str = "Pictures of orrery.v1: what the cells messages of a world add up to. Begin each sequence with an empty \
    picture; take in the body `cells` of each step, and you have `picture`. `rule` is the number of the rule in PROTOCOL.md \
    that the sequence is about; `periods` are sequences in which cells are told of at some ticks only, `repeat` those in \
    which something comes twice. `ignored` steps hold something that a server never sends and a client ignores.";

/// Bodies of `cells`, in their order.
type Bodies = &'static [&'static str];

/// Rule, name, messages.
const SEQUENCES: &[(&str, &str, Bodies)] = &[
    (
        "1",
        "a cell that is forgotten takes along what belongs to it, and nothing else",
        &[
            r#"[1,10,[[0,3,[]],[7,1,[[1,1,100,200,100,200,0,0,"sloop","Ada"],[3,1099511627777,150,250,"ice_chunk"]]],[8,1,[[1,2,900,200,900,200,0,0,"sloop","Bo"],[3,1099511627778,950,250,"gas_pocket"]]]]]"#,
            "[1,11,[[7,2,[]]]]",
        ],
    ),
    (
        "1",
        "a snapshot is all there is in its cell",
        &[
            r#"[1,10,[[0,3,[]],[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"],[1,2,5,5,5,5,0,0,"sloop","Bo"],[3,1099511627777,1,1,"ice_chunk"],[3,1099511627778,2,2,"ice_chunk"]]]]]"#,
            r#"[1,12,[[7,1,[[1,2,5,5,65,5,0,6,"cutter","Bo"],[3,1099511627778,2,2,"ice_chunk"]]]]]"#,
        ],
    ),
    (
        "1",
        "an empty snapshot empties its cell and leaves it in view",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]]]]"#,
            "[1,11,[[7,1,[]]]]",
            r#"[1,12,[[7,0,[[3,1099511627777,1,1,"ice_chunk"]]]]]"#,
        ],
    ),
    (
        "1",
        "a ship belongs to the cell whose frame told of its course last",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]],[8,1,[]]]]"#,
            "[1,11,[[8,0,[[0,1,10,0,10,80,0,8]]]]]",
            "[1,12,[[7,2,[]]]]",
            "[1,13,[[8,2,[]]]]",
        ],
    ),
    (
        "1",
        "a ship that is introduced again belongs to the new cell",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]],[8,1,[]]]]"#,
            r#"[1,11,[[8,0,[[1,1,0,0,90,0,1,8,"cutter","Ada"]]]]]"#,
            "[1,12,[[7,1,[]]]]",
        ],
    ),
    (
        "2",
        "a ship leaves the world",
        &[r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]]]]"#, "[1,11,[[7,0,[[2,1]]]]]", "[1,12,[[7,0,[[2,1]]]]]"],
    ),
    (
        "2",
        "news of a cell that the ship has left do not remove it",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]],[8,1,[]],[9,1,[]]]]"#,
            r#"[1,11,[[8,0,[[1,1,0,0,90,0,1,8,"sloop","Ada"]]]]]"#,
            "[1,12,[[7,0,[[2,1]]]]]",
            "[1,13,[[7,0,[[5,1,9]]]]]",
        ],
    ),
    (
        "2",
        "a ship crosses a border: the old cell speaks first",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,1,9,"sloop","Ada"]]],[8,1,[]]]]"#,
            r#"[1,11,[[7,0,[[5,1,8]]],[8,0,[[1,1,0,0,90,0,2,8,"sloop","Ada"]]]]]"#,
        ],
    ),
    (
        "2",
        "a ship crosses a border: the new cell speaks first",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,1,9,"sloop","Ada"]]],[8,1,[]]]]"#,
            r#"[1,11,[[8,0,[[1,1,0,0,90,0,2,8,"sloop","Ada"]]],[7,0,[[5,1,8]]]]]"#,
        ],
    ),
    (
        "2",
        "a ship flies on in its new cell until that speaks",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,1,9,"sloop","Ada"]]],[8,1,[]]]]"#,
            "[1,11,[[7,0,[[5,1,8]]]]]",
            "[1,12,[[7,2,[]]]]",
            "[1,13,[[8,0,[[0,1,30,0,30,0,0,0]]]]]",
        ],
    ),
    (
        "2",
        "a ship goes to a cell that is not in view",
        &[r#"[1,10,[[7,1,[[1,1,0,0,90,0,1,9,"sloop","Ada"]]],[8,1,[]]]]"#, "[1,11,[[7,0,[[5,1,99]]]]]"],
    ),
    (
        "2",
        "a ship goes to a cell that comes into view with the same message, after",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,1,9,"sloop","Ada"]]]]]"#,
            r#"[1,11,[[7,0,[[5,1,8]]],[8,1,[[1,1,0,0,90,0,2,8,"sloop","Ada"]]]]]"#,
        ],
    ),
    (
        "2",
        "a ship goes to a cell that comes into view with the same message, before",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,1,9,"sloop","Ada"]]]]]"#,
            r#"[1,11,[[8,1,[[1,1,0,0,90,0,2,8,"sloop","Ada"]]],[7,0,[[5,1,8]]]]]"#,
        ],
    ),
    (
        "2",
        "a ship that is not known goes to another cell, and another one leaves",
        &["[1,10,[[7,1,[]],[8,1,[]]]]", "[1,11,[[7,0,[[5,3,8],[2,4]]]]]"],
    ),
    (
        "3",
        "a cell is forgotten, then told of anew",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]]]]"#,
            r#"[1,11,[[7,2,[]],[7,1,[[1,2,5,5,5,5,0,0,"sloop","Bo"]]]]]"#,
        ],
    ),
    ("3", "a cell is told of, then forgotten", &[r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]],[7,2,[]]]]"#]),
    (
        "3",
        "a reset takes only what came before",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]]]]"#,
            r#"[1,11,[[8,1,[[1,2,5,5,5,5,0,0,"sloop","Bo"]]],[0,3,[]],[9,1,[[1,3,7,7,7,7,0,0,"sloop","Cy"]]]]]"#,
        ],
    ),
    (
        "3",
        "entries of a frame, in their order",
        &[
            r#"[1,10,[[7,1,[]]]]"#,
            r#"[1,11,[[7,0,[[3,1099511627777,1,1,"ice_chunk"],[4,1099511627777],[4,1099511627778],[3,1099511627778,2,2,"ice_chunk"],[1,1,0,0,9,9,0,3,"sloop","Ada"],[0,1,0,0,0,0,0,0]]]]]"#,
        ],
    ),
    (
        "4",
        "a message about another world begins an empty picture",
        &[
            r#"[1,500,[[0,3,[]],[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"],[3,1099511627777,1,1,"ice_chunk"]]]]]"#,
            r#"[2,12,[[7,1,[[3,2199023255553,3,3,"gas_pocket"]]]]]"#,
            r#"[2,13,[[8,1,[[1,1,5,5,5,5,0,0,"sloop","Ada"]]]]]"#,
        ],
    ),
    (
        "5",
        "a world that was started anew begins with a reset and an earlier tick",
        &[
            r#"[1,5000,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]]]]"#,
            r#"[1,3,[[0,3,[]],[7,1,[[1,1,18,0,18,0,0,0,"sloop","Ada"]]]]]"#,
        ],
    ),
    (
        "5",
        "several messages of the same tick",
        &[r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]]]]"#, "[1,10,[[8,1,[]]]]", "[1,10,[[7,0,[[5,1,8]]]]]"],
    ),
    (
        "6",
        "a delta of a cell that is not in view is ignored, all of it",
        &[
            "[1,10,[[7,1,[]]]]",
            r#"[1,11,[[8,0,[[1,1,0,0,90,0,0,9,"sloop","Ada"],[3,1099511627777,1,1,"ice_chunk"]]],[7,0,[[3,1099511627778,2,2,"ice_chunk"]]]]]"#,
        ],
    ),
    (
        "6",
        "a course of a ship that is not known is ignored, but not what follows",
        &["[1,10,[[7,1,[]]]]", r#"[1,11,[[7,0,[[0,1,0,0,90,0,0,9],[3,1099511627777,1,1,"ice_chunk"]]]]]"#],
    ),
    (
        "periods",
        "a cell with a period of 4: a ship flies on as it is known until the cell is due",
        &[
            r#"[1,4,[[7,1,[[1,1,0,0,100,0,0,10,"sloop","Ada"]]]]]"#,
            "[1,5,[]]",
            "[1,8,[[7,0,[[0,1,10,0,10,80,3,5]]]]]",
            "[1,12,[]]",
        ],
    ),
    (
        "periods",
        "what happened in between and is over is not told",
        &[
            r#"[1,16,[[7,1,[[1,1,0,0,0,0,0,0,"sloop","Ada"],[3,1099511627777,1,1,"ice_chunk"]]]]]"#,
            r#"[1,32,[[7,0,[[0,1,40,-40,40,-40,0,0],[4,1099511627777],[3,1099511627779,9,9,"ice_chunk"]]]]]"#,
        ],
    ),
    (
        "periods",
        "a ship goes from a near cell to a far one, which tells of it later",
        &[
            r#"[1,4,[[7,1,[[1,1,0,0,100,0,0,20,"sloop","Ada"]]],[8,1,[]]]]"#,
            "[1,6,[[7,0,[[5,1,8]]]]]",
            r#"[1,8,[[8,0,[[1,1,10,0,10,60,1,11,"sloop","Ada"]]]]]"#,
            "[1,12,[]]",
            "[1,20,[]]",
        ],
    ),
    (
        "periods",
        "a ship comes from a far cell into a near one, and the far one tells of it afterwards",
        &[
            r#"[1,4,[[7,1,[]],[8,1,[[1,1,100,0,0,0,0,20,"sloop","Ada"]]]]]"#,
            r#"[1,6,[[7,0,[[1,1,100,0,0,0,2,18,"sloop","Ada"]]]]]"#,
            "[1,8,[[8,0,[[5,1,7]]]]]",
        ],
    ),
    (
        "repeat",
        "the same message twice changes nothing",
        &[
            r#"[1,10,[[7,1,[[1,1,0,0,90,0,0,9,"sloop","Ada"]]],[8,1,[[3,1099511627777,1,1,"ice_chunk"]]]]]"#,
            r#"[1,11,[[7,0,[[5,1,8]]],[8,0,[[1,1,0,0,90,0,1,8,"sloop","Ada"],[4,1099511627777]]]]]"#,
            r#"[1,11,[[7,0,[[5,1,8]]],[8,0,[[1,1,0,0,90,0,1,8,"sloop","Ada"],[4,1099511627777]]]]]"#,
        ],
    ),
];

/// A picture as it stands in a vector.
pub(crate) fn shown(picture: &Picture) -> Value {
    let ship = |(id, ship): (&_, &crate::protocol::picture::SeenShip)| {
        let course = ship.course;
        let course =
            json!({"from": course.from, "to": course.to, "departs": course.departs, "arrives": course.arrives});
        let at = ship.course.position(picture.tick);
        json!({"id": id, "cell": ship.cell, "course": course, "kind": ship.kind, "name": ship.name, "position": at})
    };
    let object = |(id, object): (&_, &crate::protocol::picture::SeenObject)| json!({"id": id, "cell": object.cell, "at": object.at, "kind": object.kind});
    json!({
        "world_number": picture.world_number,
        "tick": picture.tick,
        "cells": picture.cells,
        "ships": picture.ships.iter().map(ship).collect::<Vec<_>>(),
        "objects": picture.objects.iter().map(object).collect::<Vec<_>>(),
    })
}

fn body(text: &str) -> CellsBody {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn line((rule, name, bodies): &(&str, &str, Bodies)) -> String {
    let mut picture = Picture::default();
    let steps: Vec<String> = bodies
        .iter()
        .map(|text| {
            let consistent = picture.apply(&body(text)).is_ok();
            assert!(consistent || *rule == "6", "{name}: only sequences about rule 6 have faults of the server");
            format!("{{\"cells\":{text},\"ignored\":{},\"picture\":{}}}", !consistent, shown(&picture))
        })
        .collect();
    format!("{{\"rule\":\"{rule}\",\"name\":\"{name}\",\"steps\":[\n  {}\n]}}", steps.join(",\n  "))
}

#[test]
fn the_file_of_pictures_is_current() {
    settle("vectors/pictures.json", &vector_file(ABOUT, &[("pictures", SEQUENCES.iter().map(line).collect())]));
}

#[test]
fn every_rule_of_the_picture_has_a_sequence() {
    let page = include_str!("../PROTOCOL.md");
    let rules = page.split("Rules of the picture:").nth(1).unwrap().split("###").next().unwrap();
    let numbers = rules.lines().filter_map(|line| line.split_once(". ").map(|(number, _)| number));
    for rule in numbers.filter(|number| number.parse::<u8>().is_ok()) {
        assert!(SEQUENCES.iter().any(|(about, ..)| *about == rule), "no sequence is about rule {rule}");
    }
}
