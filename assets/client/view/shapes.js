// What ships and objects look like: paths around the origin, about 1 across (from -0.5 to 0.5). Ships look to the right. Used by sprites.js only.

/** The same irregular outline for the same seed. */
function rough(brush, seed, corners, inner) {
  brush.beginPath();
  for (let corner = 0; corner < corners; corner += 1) {
    const wobble = Math.abs(Math.sin(seed * 12.9898 + corner * 78.233) * 43758.5453) % 1;
    const radius = inner + (0.5 - inner) * wobble;
    const angle = (corner / corners) * 2 * Math.PI;
    brush.lineTo(Math.cos(angle) * radius, Math.sin(angle) * radius);
  }
  brush.closePath();
}

function polygon(brush, points) {
  brush.beginPath();
  for (const [x, y] of points) brush.lineTo(x, y);
  brush.closePath();
}

function lit(brush, dark, light) {
  const gradient = brush.createLinearGradient(-0.35, -0.4, 0.3, 0.45);
  gradient.addColorStop(0, light);
  gradient.addColorStop(0.45, dark);
  gradient.addColorStop(1, dark);
  return gradient;
}

/** The same colour, not to be seen: `transparent` is black, and would darken the way there. Colours are #rrggbb or hsl(…). */
const clear = (colour) => (colour.startsWith('#') ? `${colour}00` : colour.replace(')', ' / 0%)'));

function glow(brush, colour, radius, strength) {
  const gradient = brush.createRadialGradient(0, 0, 0, 0, 0, radius);
  gradient.addColorStop(0, colour);
  gradient.addColorStop(1, clear(colour));
  brush.globalAlpha = strength;
  brush.fillStyle = gradient;
  brush.fillRect(-radius, -radius, 2 * radius, 2 * radius);
  brush.globalAlpha = 1;
}

function outlined(brush, fill, edge, width = 0.05) {
  brush.fillStyle = fill;
  brush.fill();
  brush.strokeStyle = edge;
  brush.lineWidth = width;
  brush.lineJoin = 'round';
  brush.stroke();
}

export const OBJECT_SHAPES = {
  rock(brush, fill, edge) {
    rough(brush, fill.length + edge.charCodeAt(1), 9, 0.34);
    outlined(brush, lit(brush, fill, edge), edge, 0.04);
    brush.fillStyle = 'rgb(0 0 0 / 28%)';
    for (const [x, y, radius] of [[0.12, 0.1, 0.1], [-0.14, 0.18, 0.07], [0.02, -0.2, 0.06]]) {
      brush.beginPath();
      brush.arc(x, y, radius, 0, 2 * Math.PI);
      brush.fill();
    }
  },
  shard(brush, fill, edge) {
    polygon(brush, [[-0.42, 0.12], [-0.2, -0.34], [0.18, -0.46], [0.44, -0.05], [0.26, 0.36], [-0.12, 0.46]]);
    outlined(brush, lit(brush, fill, edge), edge);
    polygon(brush, [[-0.2, -0.34], [0.02, -0.02], [0.44, -0.05], [0.02, -0.02], [-0.12, 0.46], [0.02, -0.02]]);
    brush.stroke();
  },
  facet(brush, fill, edge) {
    polygon(brush, [[-0.46, -0.06], [-0.18, -0.42], [0.3, -0.4], [0.48, 0.02], [0.2, 0.44], [-0.28, 0.38]]);
    outlined(brush, lit(brush, fill, edge), edge, 0.04);
    polygon(brush, [[-0.18, -0.42], [0.3, -0.4], [0.12, 0.02], [-0.22, 0]]);
    brush.globalAlpha = 0.55;
    brush.fillStyle = edge;
    brush.fill();
    brush.globalAlpha = 1;
  },
  cloud(brush, fill, edge) {
    glow(brush, fill, 0.5, 1);
    brush.save();
    brush.translate(-0.08, 0.05);
    glow(brush, edge, 0.32, 1);
    brush.restore();
    brush.strokeStyle = edge;
    brush.globalAlpha = 0.85;
    brush.lineWidth = 0.05;
    brush.beginPath();
    brush.arc(0, 0, 0.34, 0.4, 2.2);
    brush.moveTo(-0.3, -0.14);
    brush.arc(0, 0, 0.33, 3.6, 5.2);
    brush.stroke();
    brush.globalAlpha = 1;
  },
  wreck(brush, fill, edge) {
    polygon(brush, [[-0.48, -0.16], [-0.04, -0.3], [0.02, -0.06], [-0.12, 0.04], [-0.04, 0.2], [-0.4, 0.14]]);
    outlined(brush, fill, edge, 0.04);
    polygon(brush, [[0.14, -0.22], [0.48, -0.04], [0.3, 0.06], [0.36, 0.28], [0.1, 0.2], [0.2, 0.02]]);
    outlined(brush, fill, edge, 0.04);
    brush.beginPath();
    brush.moveTo(-0.2, 0.2);
    brush.lineTo(-0.08, 0.44);
    brush.moveTo(0.04, -0.4);
    brush.lineTo(0.12, -0.28);
    brush.stroke();
  },
  spikes(brush, fill, edge) {
    for (const [angle, length] of [[-1.57, 0.5], [-0.5, 0.42], [-2.6, 0.4], [0.5, 0.34], [2.5, 0.36]]) {
      brush.save();
      brush.rotate(angle);
      polygon(brush, [[-0.06, -0.09], [length * 0.65, -0.09], [length, 0], [length * 0.65, 0.09], [-0.06, 0.09]]);
      outlined(brush, fill, edge, 0.035);
      brush.restore();
    }
  },
  diamond(brush, fill, edge) {
    glow(brush, fill, 0.5, 0.5);
    polygon(brush, [[0, -0.42], [0.32, 0], [0, 0.42], [-0.32, 0]]);
    outlined(brush, lit(brush, fill, edge), edge);
    polygon(brush, [[0, -0.17], [0.13, 0], [0, 0.17], [-0.13, 0]]);
    brush.fillStyle = '#5a3d00';
    brush.fill();
  },
  blobs(brush, fill, edge) {
    for (const [x, y, radius] of [[-0.2, -0.12, 0.26], [0.18, -0.16, 0.22], [0.06, 0.2, 0.28], [-0.28, 0.2, 0.14], [0.36, 0.14, 0.1]]) {
      brush.beginPath();
      brush.arc(x, y, radius, 0, 2 * Math.PI);
      brush.globalAlpha = 0.75;
      outlined(brush, fill, edge, 0.03);
      brush.globalAlpha = 1;
    }
  },
  geode(brush, fill, edge) {
    rough(brush, 5, 10, 0.4);
    outlined(brush, fill, '#8f86a3', 0.05);
    rough(brush, 9, 8, 0.16);
    brush.save();
    brush.scale(0.6, 0.6);
    brush.fillStyle = edge;
    brush.fill();
    brush.restore();
    glow(brush, edge, 0.34, 0.7);
  },
  vein(brush, fill, edge) {
    rough(brush, 3, 10, 0.38);
    outlined(brush, lit(brush, fill, '#b6bfca'), '#b6bfca', 0.04);
    brush.lineWidth = 0.07;
    for (const [index, colour] of [edge, '#7fe3a0', '#8fb8ff'].entries()) {
      brush.strokeStyle = colour;
      brush.beginPath();
      brush.moveTo(-0.3, -0.18 + index * 0.17);
      brush.quadraticCurveTo(0, -0.28 + index * 0.22, 0.3, -0.12 + index * 0.15);
      brush.stroke();
    }
  },
  crate(brush, fill, edge) {
    polygon(brush, [[-0.4, -0.3], [0.4, -0.3], [0.4, 0.3], [-0.4, 0.3]]);
    outlined(brush, lit(brush, fill, '#8fc4e6'), '#bfe2f8', 0.05);
    brush.fillStyle = edge;
    brush.fillRect(-0.06, -0.3, 0.12, 0.6);
    brush.fillRect(-0.12, -0.1, 0.24, 0.2);
  },
};

/** Hulls as points of the upper half, from nose to stern; mirrored. Then where the engines are. */
const HULLS = {
  sloop: { half: [[0.5, 0], [0.05, -0.14], [-0.22, -0.38], [-0.4, -0.34], [-0.3, -0.1]], engines: [0] },
  hauler: { half: [[0.42, 0], [0.4, -0.14], [0.18, -0.2], [0.14, -0.34], [-0.36, -0.34], [-0.42, -0.16]], engines: [-0.2, 0.2] },
  prospector: { half: [[0.2, 0], [0.22, -0.12], [0.5, -0.2], [0.46, -0.3], [0.1, -0.32], [-0.34, -0.26], [-0.42, -0.1]], engines: [0] },
  courier: { half: [[0.5, 0], [-0.05, -0.09], [-0.4, -0.26], [-0.46, -0.2], [-0.34, -0.06]], engines: [-0.1, 0.1] },
  surveyor: { half: [[0.46, 0], [0.3, -0.12], [0.02, -0.14], [-0.04, -0.42], [-0.18, -0.42], [-0.2, -0.14], [-0.42, -0.12]], engines: [0] },
  freighter: { half: [[0.5, 0], [0.46, -0.16], [0.26, -0.18], [0.26, -0.26], [-0.4, -0.26], [-0.48, -0.14]], engines: [-0.16, 0, 0.16] },
  ark: { half: [[0.5, 0], [0.36, -0.2], [0.06, -0.32], [-0.28, -0.32], [-0.48, -0.18]], engines: [-0.18, 0, 0.18] },
};

export function drawShip(brush, kind, body, edge) {
  const { half, engines } = HULLS[kind] ?? HULLS.sloop;
  polygon(brush, [...half, ...half.slice().reverse().map(([x, y]) => [x, -y])]);
  const gradient = brush.createLinearGradient(0, -0.4, 0, 0.4);
  gradient.addColorStop(0, edge);
  gradient.addColorStop(0.5, body);
  gradient.addColorStop(1, 'rgb(16 24 40)');
  outlined(brush, gradient, edge, 0.05);
  brush.fillStyle = 'rgb(8 16 30 / 85%)';
  brush.beginPath();
  brush.ellipse(0.12, 0, 0.13, 0.055, 0, 0, 2 * Math.PI);
  brush.fill();
  brush.fillStyle = '#dff3ff';
  for (const y of engines) brush.fillRect(-0.46, y - 0.035, 0.1, 0.07);
}

export function drawHub(brush, colour) {
  glow(brush, colour, 0.5, 0.35);
  brush.strokeStyle = colour;
  brush.lineWidth = 0.045;
  brush.beginPath();
  brush.arc(0, 0, 0.34, 0, 2 * Math.PI);
  brush.stroke();
  brush.lineWidth = 0.03;
  brush.beginPath();
  for (let spoke = 0; spoke < 6; spoke += 1) {
    const angle = (spoke / 6) * 2 * Math.PI;
    brush.moveTo(Math.cos(angle) * 0.13, Math.sin(angle) * 0.13);
    brush.lineTo(Math.cos(angle) * 0.34, Math.sin(angle) * 0.34);
  }
  brush.stroke();
  brush.beginPath();
  brush.arc(0, 0, 0.14, 0, 2 * Math.PI);
  outlined(brush, '#0e2b2b', colour, 0.045);
  brush.fillStyle = colour;
  for (let pod = 0; pod < 3; pod += 1) {
    const angle = (pod / 3) * 2 * Math.PI + Math.PI / 6;
    brush.beginPath();
    brush.arc(Math.cos(angle) * 0.34, Math.sin(angle) * 0.34, 0.065, 0, 2 * Math.PI);
    brush.fill();
  }
}

export function drawGate(brush, colour) {
  glow(brush, colour, 0.5, 0.45);
  brush.strokeStyle = colour;
  brush.lineWidth = 0.06;
  for (let arc = 0; arc < 3; arc += 1) {
    const from = (arc / 3) * 2 * Math.PI;
    brush.beginPath();
    brush.arc(0, 0, 0.38, from + 0.2, from + 1.9);
    brush.stroke();
  }
  brush.lineWidth = 0.03;
  brush.globalAlpha = 0.8;
  for (const radius of [0.1, 0.18, 0.26]) {
    brush.beginPath();
    brush.arc(0, 0, radius, radius * 9, radius * 9 + 3.4);
    brush.stroke();
  }
  brush.globalAlpha = 1;
}
