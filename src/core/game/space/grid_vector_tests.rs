//! `vectors/grid.json` of the protocol: which cell a point is in, which cells one sees, and how often they are told of.

use serde_json::json;

use super::{Grid, Interest, Level, TierBounds};
use crate::game::Rng;
use crate::protocol::conformance::{settle, vector_file};
use crate::types::{Point, units_to_fixed};

const ABOUT: &str = "Grids of orrery.v1. `points`: `[x, y, cell]`, in steps; points outside the world count to the nearest \
    cell. `views`: from an `anchor`, the cells that one sees, ascending; `near`, `middle` and `far` say which of them are told \
    of how often: with the periods, in ticks, of `periods`, by level and in that order. `anchors`: whether a ship at a place \
    (x, y) keeps an anchor, `[anchor, x, y, keeps]`. Radius, hysteresis and where the tiers begin are settings of a server: \
    a client needs none of them, but may foresee its view.";

const SEED: u64 = 6;

/// Sizes in units.
struct World {
    size: u32,
    cell: u32,
    radius: i32,
    hysteresis: i32,
    near: i32,
    middle: i32,
}

const WORLDS: &[World] = &[
    // The defaults.
    World { size: 2_000, cell: 100, radius: 200, hysteresis: 10, near: 150, middle: 190 },
    // The last column and row are cut.
    World { size: 1_050, cell: 100, radius: 120, hysteresis: 10, near: 50, middle: 110 },
    // Cells of which none divides the other; the radius is smaller than a cell.
    World { size: 777, cell: 64, radius: 30, hysteresis: 0, near: 10, middle: 20 },
    // One cell is as large as the world, or larger.
    World { size: 200, cell: 200, radius: 200, hysteresis: 10, near: 150, middle: 190 },
    World { size: 200, cell: 1_000, radius: 50, hysteresis: 5, near: 10, middle: 20 },
    // The largest.
    World { size: 20_000, cell: 250, radius: 500, hysteresis: 25, near: 300, middle: 450 },
];

fn interest(world: &World) -> Interest {
    let tiers = TierBounds { near: units_to_fixed(world.near), middle: units_to_fixed(world.middle) };
    let grid = Grid::new(world.size, world.cell);
    Interest::new(grid, units_to_fixed(world.radius), units_to_fixed(world.hysteresis), tiers)
}

/// Corners, the two sides of borders, beyond the ends, and some by chance.
fn points(world: &World, rng: &mut Rng) -> Vec<Point> {
    let (side, cell) = (units_to_fixed(world.size as i32), units_to_fixed(world.cell.min(world.size) as i32));
    let ends = [i32::MIN, -1, 0, 1, cell - 1, cell, cell + 1, side - 1, side, side + 1, i32::MAX];
    let mut points: Vec<Point> = ends.iter().map(|at| Point::new(*at, *at)).collect();
    points.extend(ends.iter().map(|at| Point::new(*at, side / 2)));
    points.extend(ends.iter().map(|at| Point::new(side / 3, *at)));
    let mut chance = || rng.between(0, i64::from(side)) as i32;
    points.extend((0..24).map(|_| Point::new(chance(), chance())));
    points
}

fn line(world: &World) -> String {
    let interest = interest(world);
    let grid = interest.grid();
    let mut rng = Rng::seeded(SEED);
    let points = points(world, &mut rng);
    let cells: Vec<_> = points.iter().map(|at| json!([at.x, at.y, grid.cell_of(*at)])).collect();
    let last = grid.cell_count() - 1;
    let mut anchors = vec![0, grid.columns() - 1, last, grid.columns() / 2 * (grid.columns() + 1)];
    anchors.dedup();
    let views = anchors.iter().map(|anchor| {
        let tiers = interest.tiers(*anchor);
        let of = |wanted| tiers.iter().filter(|(_, tier)| *tier == wanted).map(|(cell, _)| *cell).collect::<Vec<_>>();
        let [near, middle, far] = super::Tier::ALL.map(of);
        json!({"anchor": anchor, "cells": interest.neighbourhood(*anchor), "near": near, "middle": middle, "far": far})
    });
    let views: Vec<_> = views.collect();
    let kept: Vec<_> = border_points(&interest, anchors[anchors.len() - 1]);
    format!(
        "{{\"size_units\":{},\"cell_units\":{},\"radius_units\":{},\"hysteresis_units\":{},\"near_units\":{},\"middle_units\":{},\
         \"columns\":{},\"points\":{},\n \"views\":{},\n \"anchors\":{}}}",
        world.size,
        world.cell,
        world.radius,
        world.hysteresis,
        world.near,
        world.middle,
        grid.columns(),
        json!(cells),
        json!(views),
        json!(kept)
    )
}

/// Places around a cell's sides, at the hysteresis and a step beyond it.
fn border_points(interest: &Interest, anchor: u32) -> Vec<serde_json::Value> {
    let (column, row) = interest.grid().column_and_row(anchor);
    let side = interest.grid().cell_side();
    let (left, below) = (column as i32 * side, row as i32 * side);
    let mut found = Vec::new();
    for slack in [0, 1, 5 * 256, 10 * 256, 10 * 256 + 1, 25 * 256, 25 * 256 + 1] {
        for at in [
            Point::new(left - slack, below),
            Point::new(left + side + slack, below + side / 2),
            Point::new(left, below - slack),
            Point::new(left + side / 2, below + side + slack),
            Point::new(left + side + slack, below + side + slack),
        ] {
            found.push(json!([anchor, at.x, at.y, interest.keeps_anchor(anchor, at)]));
        }
    }
    found
}

#[test]
fn the_file_of_grids_is_current() {
    let periods: Vec<String> =
        Level::ALL.iter().map(|level| json!(super::Tier::ALL.map(|tier| level.period(tier))).to_string()).collect();
    let grids = WORLDS.iter().map(line).collect();
    settle("vectors/grid.json", &vector_file(ABOUT, &[("periods", periods), ("grids", grids)]));
}
