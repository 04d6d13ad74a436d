//! The forms of cell frames, which are positional arrays and encode themselves.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::protocol::cell_frame::CellsBody;
use crate::protocol::{CellEntry, CellFrame};
use crate::types::{ObjectId, ObjectKindKey, ShipId, ShipKindKey, Tick};

fn tuple(about: &str, items: Vec<Schema>) -> Schema {
    let count = items.len();
    json_schema!({ "description": about, "type": "array", "prefixItems": items, "minItems": count, "maxItems": count })
}

fn list(of: Schema) -> Schema {
    json_schema!({ "type": "array", "items": of })
}

fn number(about: &str, format: &str) -> Schema {
    json_schema!({ "description": about, "type": "integer", "format": format, "minimum": 0 })
}

fn step(about: &str) -> Schema {
    json_schema!({ "description": about, "type": "integer", "format": "int32" })
}

fn cell(about: &str) -> Schema {
    number(about, "uint32")
}

impl JsonSchema for CellsBody {
    fn schema_name() -> Cow<'static, str> {
        "Cells".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let frames = list(generator.subschema_for::<CellFrame>());
        let tick = generator.subschema_for::<Tick>();
        tuple("What changed in the cells in view.", vec![number("The world's number.", "uint16"), tick, frames])
    }
}

impl JsonSchema for CellFrame {
    fn schema_name() -> Cow<'static, str> {
        "CellFrame".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let kind = json_schema!({
            "description": "0 delta: these things changed; 1 snapshot: this is all there is; 2 forget the cell; 3 reset: forget all.",
            "enum": [0, 1, 2, 3]
        });
        let entries = list(generator.subschema_for::<CellEntry>());
        tuple("What a cell's frame says.", vec![cell("Which cell."), kind, entries])
    }
}

impl JsonSchema for CellEntry {
    fn schema_name() -> Cow<'static, str> {
        "CellEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (ship, object) = (generator.subschema_for::<ShipId>(), generator.subschema_for::<ObjectId>());
        let kind = |number: u8| json_schema!({ "const": number });
        let course = || {
            let ends = ["x", "y", "to_x", "to_y"].map(step);
            let times =
                ["Ticks since it began.", "Ticks until it ends; 0 at rest."].map(|about| number(about, "uint64"));
            ends.into_iter().chain(times)
        };
        let with_course = |first: u8, more: Vec<Schema>| -> Vec<Schema> {
            [kind(first), ship.clone()].into_iter().chain(course()).chain(more).collect()
        };
        let looks = vec![generator.subschema_for::<ShipKindKey>(), json_schema!({ "type": "string" })];
        let thing = generator.subschema_for::<ObjectKindKey>();
        json_schema!({ "description": "One thing in a cell.", "oneOf": [
            tuple("A ship in the cell has a new course.", with_course(0, vec![])),
            tuple("A ship is in the cell: its course, its kind, its player's name.", with_course(1, looks)),
            tuple("A ship has left the world.", vec![kind(2), ship.clone()]),
            tuple("An object is in the cell.", vec![kind(3), object.clone(), step("x"), step("y"), thing]),
            tuple("An object is gone.", vec![kind(4), object]),
            tuple("A ship is not in this cell any more but in that one.", vec![kind(5), ship, cell("Which cell.")]),
        ]})
    }
}
