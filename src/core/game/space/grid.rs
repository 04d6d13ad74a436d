//! The uniform grid over a square world: which cell a point is in, and how far cells are from points.

use crate::protocol::CellIndex;
use crate::types::{Point, units_to_fixed};

/// Square cells, numbered row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    cell: i32,
    columns: u32,
}

impl Grid {
    /// A grid over a world with this side, of cells with this side; in units, both at least 1.
    #[must_use]
    pub fn new(world_units: u32, cell_units: u32) -> Self {
        let cell_units = cell_units.clamp(1, world_units.max(1));
        let cell = units_to_fixed(i32::try_from(cell_units).unwrap_or(i32::MAX));
        Self { cell, columns: world_units.div_ceil(cell_units).max(1) }
    }

    /// How many cells there are.
    #[must_use]
    pub fn cell_count(&self) -> u32 {
        self.columns * self.columns
    }

    /// Cells in a row.
    #[must_use]
    pub fn columns(&self) -> u32 {
        self.columns
    }

    /// A cell's side, in fixed-point steps.
    #[must_use]
    pub fn cell_side(&self) -> i32 {
        self.cell
    }

    /// The cell of a point; points outside the world count to the nearest cell.
    #[must_use]
    pub fn cell_of(&self, at: Point) -> CellIndex {
        let line = |coordinate: i32| (coordinate.max(0) / self.cell).unsigned_abs().min(self.columns - 1);
        line(at.y) * self.columns + line(at.x)
    }

    /// The cell at this column and row, if there is one.
    #[must_use]
    pub fn cell_at(&self, column: i64, row: i64) -> Option<CellIndex> {
        let range = 0..i64::from(self.columns);
        let inside = range.contains(&column) && range.contains(&row);
        inside.then(|| u32::try_from(row * i64::from(self.columns) + column).ok()).flatten()
    }

    /// Column and row of a cell.
    #[must_use]
    pub fn column_and_row(&self, cell: CellIndex) -> (i64, i64) {
        (i64::from(cell % self.columns), i64::from(cell / self.columns))
    }

    /// How far a point is from the nearest point of a cell, per axis; 0 on the axes along which it is within.
    #[must_use]
    pub fn gap(&self, cell: CellIndex, at: Point) -> (i64, i64) {
        let (column, row) = self.column_and_row(cell);
        let along = |coordinate: i32, line: i64| {
            let low = line * i64::from(self.cell);
            let high = low + i64::from(self.cell);
            let coordinate = i64::from(coordinate);
            (low - coordinate).max(coordinate - high).max(0)
        };
        (along(at.x, column), along(at.y, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_cell_and_the_far_edge_belongs_to_the_last() {
        let grid = Grid::new(1_000, 100);
        assert_eq!((grid.columns(), grid.cell_count()), (10, 100));
        assert_eq!(grid.cell_of(Point::from_units(0, 0)), 0);
        assert_eq!(grid.cell_of(Point::from_units(99, 100)), 10);
        assert_eq!(grid.cell_of(Point::from_units(1_000, 1_000)), 99);
        assert_eq!(grid.cell_of(Point::new(-5, i32::MAX)), 90);
    }

    #[test]
    fn the_gap_is_zero_inside_and_measured_to_the_nearest_side_outside() {
        let grid = Grid::new(1_000, 100);
        assert_eq!(grid.gap(11, Point::from_units(150, 150)), (0, 0));
        assert_eq!(grid.gap(11, Point::from_units(90, 230)), (10 * 256, 30 * 256));
    }
}
