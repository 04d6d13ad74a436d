// The colours of the picture: one place, so that canvas, mini-map and lists agree. The own ship alone is amber.

export const COLOURS = {
  space: '#070b14',
  own: '#ffc46b',
  ownSoft: 'rgb(255 196 107 / 55%)',
  ownFaint: 'rgb(255 196 107 / 16%)',
  ship: '#a9c7ee',
  trail: 'rgb(120 180 255 / 42%)',
  hub: '#5fe0c0',
  hubSoft: 'rgb(95 224 192 / 38%)',
  hubFaint: 'rgb(95 224 192 / 6%)',
  gate: '#b79bff',
  gateSoft: 'rgb(183 155 255 / 40%)',
  gateFaint: 'rgb(183 155 255 / 7%)',
  route: '#ffd98a',
  chosen: '#ffffff',
  label: '#c9d6e8',
  labelDim: '#8ea2bd',
  grid: 'rgb(130 165 215 / 9%)',
  border: 'rgb(130 165 215 / 45%)',
  outside: 'rgb(0 0 0 / 42%)',
  sight: 'rgb(130 190 255 / 17%)',
};

/** What an object is drawn as: [shape, fill, edge or second colour]. Kinds that a catalogue adds get a shape and a colour from their name. */
const OBJECTS = {
  ice_chunk: ['shard', '#a8e3ff', '#eefaff'],
  iron_asteroid: ['rock', '#9a5d43', '#d09273'],
  stony_asteroid: ['rock', '#6f7885', '#a7b1bf'],
  titanium_asteroid: ['facet', '#7f93ad', '#d7e4f5'],
  gas_pocket: ['cloud', '#5ff0c8', '#c9fff0'],
  wreck: ['wreck', '#8d8577', '#e0a35c'],
  crystal_cluster: ['spikes', '#f07be0', '#ffd6f8'],
  relic_cache: ['diamond', '#ffd45e', '#fff4cc'],
  carbon_rock: ['rock', '#33383f', '#78828f'],
  copper_asteroid: ['rock', '#b8672f', '#6fd0a0'],
  spore_mat: ['blobs', '#79c455', '#d3f5a8'],
  heavy_ice_chunk: ['shard', '#4f86f0', '#bcd2ff'],
  nebula_pocket: ['cloud', '#b07bff', '#ecdcff'],
  black_geode: ['geode', '#23202c', '#c06bff'],
  rare_earth_vein: ['vein', '#77808c', '#ff8fa0'],
  container: ['crate', '#3f7fa8', '#ffd45e'],
};

const SHAPES = ['rock', 'shard', 'facet', 'cloud', 'diamond', 'spikes'];

export function objectLook(kind) {
  if (OBJECTS[kind]) return OBJECTS[kind];
  let hash = 0;
  for (const letter of kind) hash = (hash * 31 + letter.charCodeAt(0)) % 360_000;
  return [SHAPES[hash % SHAPES.length], `hsl(${hash % 360} 45% 52%)`, `hsl(${hash % 360} 60% 78%)`];
}
