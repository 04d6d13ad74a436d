// Orrery's client library: everything that speaks to a server with the protocol `orrery.v1`. One module without any
// dependency, for browsers and for Node; PROTOCOL.md says what goes over the wire and why.
//
//   import { Api, Client, positionAt } from './orrery.js';
//
//   const client = new Client({ url: 'wss://example.org/ws', name: 'my-client/1.0' });
//   client.on('notification', ({ notice }) => console.log(notice));
//   client.on('state', ({ phase, reason }) => console.log(phase, reason));
//   await client.connect({ guest: { name: 'Ada' } });            // or { token }, from new Api(…).login(name, password)
//
//   await client.command('navigate', { to: [256000, 276480] });
//   for (const ship of client.picture.ships.values()) console.log(ship.name, positionAt(ship.course, client.picture.tick));
//   try {
//     const { item, quantity } = await client.command('collect', { object: 1099511628309 });
//   } catch (refusal) {                                          // always a Refusal: { code, message, retryAfterMs, details }
//     if (refusal.code === 'out_of_range') console.log(`${refusal.details.distance} steps away`);
//   }
//   client.leave();
//
// A runtime without `WebSocket`, such as Node before 22, needs the option `socket`: (url, protocols) => new WS(url, protocols), of a
// package like `ws`.
//
// A guest gets an account, `client.account`: the only way back. Its access token is good for minutes (15, unless the server is set up
// otherwise), so a guest who may lose the connection for longer than the session's window needs this, right after `connect`:
//
//   let account = client.account;                                // keep it, and what replaces it
//   client.useToken(async (renew) => {
//     if (renew) account = await api.refresh(account.refresh_token);
//     return account.access_token;
//   });
//
// A lost connection is not your concern: the client comes back by itself when the server wants it, resumes the session, and repeats
// economic commands with their old ids until they are decided, so that each takes effect once. What is under way can
// be kept over a reload of the page: see Client.savePending().
//
// In this order: what a refusal is · arithmetic of courses and the grid · the two encodings · the picture · the clock ·
// commands under way · one connection · the client · HTTP · a simulator of bad networks.

/** Steps of a point's coordinate that make one unit. */
export const STEPS_PER_UNIT = 256;

/** The subprotocol of each encoding. */
const SUBPROTOCOLS = { json: 'orrery.v1.json', msgpack: 'orrery.v1.msgpack' };

// ---------------------------------------------------------------------------------------------------------------------
// Types
// ---------------------------------------------------------------------------------------------------------------------

/**
 * A place, `[x, y]` in steps.
 * @typedef {[number, number]} Point
 */

/**
 * How a ship moves: from one point to another, in a straight line, between two ticks; it rests before and after.
 * @typedef {object} Course
 * @property {Point} from
 * @property {Point} to
 * @property {number} departs the tick at which it is at `from`
 * @property {number} arrives the tick from which on it is at `to`
 */

/** @typedef {{ id: number, cell: number, course: Course, kind: string, name: string }} SeenShip */
/** @typedef {{ id: number, cell: number, at: Point, kind: string }} SeenObject */

/**
 * What one `cells` message changed. A ship that went out of one cell and into another is in `ships` alone.
 * @typedef {object} Changes
 * @property {Set<number>} ships came into view, or have a new course or cell
 * @property {Set<number>} shipsGone
 * @property {Set<number>} objects came into view
 * @property {Set<number>} objectsGone
 * @property {boolean} reset everything was told anew
 */

/**
 * The body of `cells`: `[world_number, tick, [[cell, kind, [entry, …]], …]]`.
 * @typedef {[number, number, [number, number, any[]][]]} CellsBody
 */

/** @typedef {'json' | 'msgpack'} Encoding */

/**
 * One message, of either side.
 * @typedef {object} Message
 * @property {string} type
 * @property {any} body
 * @property {number | null} id the command's id
 * @property {number | null} number of a reliable message of the server's
 */

/** @typedef {{ world: string, world_number: number, size_units: number, ship: number, tick: number, position: Point }} Entered */

/**
 * @typedef {object} Welcome
 * @property {string} player
 * @property {string} name
 * @property {boolean} guest
 * @property {{ access_token: string, refresh_token: string } | null} account
 * @property {string} resume_token
 * @property {boolean} resumed
 * @property {number} resume_window_ms
 * @property {number} heartbeat_ms
 * @property {number} tick_hz
 * @property {number} cell_units
 * @property {number} interest_radius_units
 * @property {string} catalog
 * @property {Entered} world
 * @property {number} durable
 */

/**
 * The world that the ship is in.
 * @typedef {object} World
 * @property {string} key
 * @property {number} number
 * @property {number} sizeUnits side of the square
 * @property {number} ship id of the own ship here
 * @property {number} tickHz
 * @property {number} cellUnits
 * @property {number} interestRadiusUnits
 * @property {Point} position where the ship came in, at `tick`
 * @property {number} tick
 */

/**
 * How the client stands with the server.
 * @typedef {object} State
 * @property {'idle' | 'connecting' | 'online' | 'waiting' | 'closed'} phase `waiting`: for the next attempt; `closed`: nothing
 *   happens any more until `connect` is called
 * @property {number} attempt attempts since the client was online
 * @property {number | null} retryAtMs when the next attempt is due, on the clock of `Date.now()`; only while waiting
 * @property {number | null} code the last close code; 1006 for a connection that was lost without a word
 * @property {string} reason of the last close, for people
 * @property {boolean} reconnect whether the client comes back by itself
 * @property {Refusal | null} refusal the refusal that came with the last close: `busy`, `maintenance`, `banned`, …
 */

/**
 * An economic command that is not decided yet.
 * @typedef {object} PendingCommand
 * @property {number} id
 * @property {string} type
 * @property {any} body
 * @property {number} sinceMs when it was given, on the clock of `Date.now()`
 * @property {string | null} player whose command it is; null before the welcome that tells
 */

/**
 * What the client needs of a WebSocket. One that can read HTTP answers (no browser's can) may set `retryAfterMs` from `Retry-After`
 * when the server refuses the connection.
 * @typedef {object} SocketLike
 * @property {string} binaryType
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {((event: any) => void) | null} onerror
 * @property {(data: any) => void} send
 * @property {(code?: number, reason?: string) => void} close
 * @property {number} [retryAfterMs]
 */

/** @typedef {(url: string, protocols: string[]) => SocketLike} SocketFactory */

/**
 * Who connects: one of `token`, `guest` and `resume`; a `token` may stand beside `resume`. A function is asked for a token before
 * each connection, with `true` when the last one was refused; it should keep the token while that is good.
 * @typedef {object} Credentials
 * @property {string | ((renew: boolean) => string | Promise<string>)} [token]
 * @property {{ name?: string }} [guest]
 * @property {{ token: string, seen: number }} [resume] as `client.resumption` told, of a page before
 */

/**
 * @typedef {object} ClientOptions
 * @property {string} [url] of the server's `/ws`, as `ws:`, `wss:`, `http:` or `https:`; that of the page when left out
 * @property {Encoding} [encoding] `json` when left out
 * @property {string} [name] name and version of the program, at most 64 characters
 * @property {SocketFactory} [socket] how to open a WebSocket; needed where there is no global `WebSocket`. When it throws, the client
 *   does not try again.
 * @property {() => number} [now] a clock in milliseconds that never goes back
 * @property {() => number} [random] from 0 to less than 1; spreads reconnections
 * @property {PendingCommand[]} [pending] what `savePending()` gave
 */

/**
 * Bodies of what `client.on` can listen to: the server's messages and the client's own events. Types that a newer
 * server sends beside these can be listened to as well.
 * @typedef {object} Events
 * @property {State} state
 * @property {{ tick: number, changes: Changes }} cells after the picture took them in
 * @property {Map<number, PendingCommand>} pending economic commands under way have changed
 * @property {{ command: PendingCommand, answer: any, refusal: Refusal | null }} settled an economic command is decided
 * @property {Welcome} welcome
 * @property {Entered} entered
 * @property {{ tech: string }} research_done
 * @property {{ seq: number, at_ms: number, notice: Record<string, any> }} notification
 * @property {{ unread: number, last: number }} unread
 * @property {{ channel: string | { direct: string }, line: { seq: number, at_ms: number, player: string, name: string, text: string } }} chat
 * @property {{ player: string, online: boolean }} presence
 * @property {{ hub: string, item: string, last: number | null, quantity: number, bid: number | null, ask: number | null, at_ms: number }} ticker
 * @property {{ hub: string, auction: number, bid: number | null, ends_ms: number, over: boolean }} auction_changed
 * @property {{ mission: string, state: string, phase: number, needs: any[], participants: number, top: any[] }} mission_progress
 * @property {{ announcement: string, text: string, level: 'info' | 'warning' | 'maintenance', at_ms: number,
 *   until_ms: number | null, starts_ms: number | null, over: boolean }} announcement
 * @property {{ world_number: number, tick_ms: number }} dilation
 * @property {{ tick: number, time_ms: number, durable: number, session_durable: number }} heartbeat
 * @property {Bye} bye
 * @property {{ code: string, message: string, retry_after_ms?: number }} error one that answers no command of ours
 */

/** @typedef {{ code: number, reason: string, reconnect: boolean, retry_after_ms: number }} Bye */

// ---------------------------------------------------------------------------------------------------------------------
// Refusals
// ---------------------------------------------------------------------------------------------------------------------

/**
 * Why something was not done. `code` is one of PROTOCOL.md's error codes, or one of this library's own: `connection_lost` (the
 * answer will never come), `not_connected` (nothing was sent), `outcome_unknown` (too old to be repeated safely).
 */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} message for people
   * @param {number | null} [retryAfterMs] another try makes sense after this long
   * @param {Record<string, any>} [details] the numbers behind it; over HTTP also `status` and `errors`
   */
  constructor(code, message, retryAfterMs = null, details = {}) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.details = details;
  }

  /**
   * From the body of an `error`.
   * @param {Record<string, any>} body
   */
  static of(body) {
    const { code, message, retry_after_ms: retryAfterMs = null, ...details } = body;
    return new Refusal(String(code), String(message ?? code), retryAfterMs, details);
  }
}

const connectionLost = () => new Refusal('connection_lost', 'the connection was lost before the answer came');

// ---------------------------------------------------------------------------------------------------------------------
// Courses and the grid: whole numbers only, equal to the server's to the step
// ---------------------------------------------------------------------------------------------------------------------

/**
 * `floor(way * elapsed / total)` of whole numbers, rounded towards minus infinity, exact for any size.
 * @param {number} way
 * @param {number} elapsed
 * @param {number} total at least 1
 */
function floorShare(way, elapsed, total) {
  const product = way * elapsed;
  if (Number.isSafeInteger(product)) {
    const over = ((product % total) + total) % total;
    return (product - over) / total;
  }
  const [exact, divisor] = [BigInt(way) * BigInt(elapsed), BigInt(total)];
  const over = ((exact % divisor) + divisor) % divisor;
  return Number((exact - over) / divisor);
}

/**
 * Where a course's ship is at a tick, to the step; of a tick with a fraction, where it is at the whole tick before.
 * @param {Course} course
 * @param {number} tick
 * @returns {Point}
 */
export function positionAt({ from, to, departs, arrives }, tick) {
  if (tick >= arrives) return [to[0], to[1]];
  if (tick <= departs) return [from[0], from[1]];
  const [elapsed, total] = [Math.floor(tick) - departs, arrives - departs];
  return [from[0] + floorShare(to[0] - from[0], elapsed, total), from[1] + floorShare(to[1] - from[1], elapsed, total)];
}

/**
 * Where to draw a course's ship at a time between two ticks: not rounded.
 * @param {Course} course
 * @param {number} tick
 * @returns {Point}
 */
export function positionBetween({ from, to, departs, arrives }, tick) {
  if (tick >= arrives) return [to[0], to[1]];
  if (tick <= departs) return [from[0], from[1]];
  const share = (tick - departs) / (arrives - departs);
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

/**
 * The square of the distance in steps; exact as long as the points are less than 2^26 steps apart along each axis, which is 262,144 units.
 * @param {Point} a
 * @param {Point} b
 */
export function distance2(a, b) {
  const [dx, dy] = [a[0] - b[0], a[1] - b[1]];
  return dx * dx + dy * dy;
}

/**
 * Whether two points are at most `range` steps apart, as the server decides it; exact for all points that there are.
 * @param {Point} a
 * @param {Point} b
 * @param {number} range
 */
export function within(a, b, range) {
  const [dx, dy] = [Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
  if (dx > range || dy > range) return false;
  if (range < 2 ** 26) return dx * dx + dy * dy <= range * range;
  return BigInt(dx) ** 2n + BigInt(dy) ** 2n <= BigInt(range) ** 2n;
}

/** A world's grid of square cells, numbered row by row. */
export class Grid {
  /** @param {{ sizeUnits: number, cellUnits: number }} sides of the world and of a cell, as `welcome` tells them */
  constructor({ sizeUnits, cellUnits }) {
    const cell = Math.min(Math.max(cellUnits, 1), Math.max(sizeUnits, 1));
    /** A cell's side, in steps. */
    this.cellSteps = cell * STEPS_PER_UNIT;
    /** Cells in a row. */
    this.columns = Math.max(Math.ceil(sizeUnits / cell), 1);
    /** Cells there are. */
    this.cellCount = this.columns * this.columns;
  }

  /**
   * The cell of a point; points outside the world count to the nearest cell.
   * @param {Point} at
   */
  cellOf([x, y]) {
    return this.#line(y) * this.columns + this.#line(x);
  }

  /**
   * The cell at a column and row, or null outside the world.
   * @param {number} column
   * @param {number} row
   */
  cellAt(column, row) {
    const inside = column >= 0 && row >= 0 && column < this.columns && row < this.columns;
    return inside ? row * this.columns + column : null;
  }

  /**
   * Column and row of a cell.
   * @param {number} cell
   * @returns {[number, number]}
   */
  columnAndRow(cell) {
    return [cell % this.columns, Math.floor(cell / this.columns)];
  }

  /**
   * How many steps a point is from the nearest point of a cell, per axis; 0 along the axes on which it is within.
   * @param {number} cell
   * @param {Point} at
   * @returns {[number, number]}
   */
  gap(cell, [x, y]) {
    const [column, row] = this.columnAndRow(cell);
    return [this.#gapAlong(x, column), this.#gapAlong(y, row)];
  }

  /**
   * The cells that come within a radius of some point of this cell, itself too, ascending. With the hysteresis that the server is
   * configured with, it is what a ship whose anchor is this cell sees.
   * @param {number} cell
   * @param {number} radiusUnits
   * @param {number} [hysteresisUnits]
   * @returns {number[]}
   */
  neighbours(cell, radiusUnits, hysteresisUnits = 0) {
    const [column, row] = this.columnAndRow(cell);
    const [radius, slack] = [radiusUnits * STEPS_PER_UNIT, hysteresisUnits * STEPS_PER_UNIT];
    const span = Math.ceil((radius + slack) / this.cellSteps) + 1;
    /** @param {number} cells */
    const gap = (cells) => Math.max(0, Math.max(0, Math.abs(cells) - 1) * this.cellSteps - (cells === 0 ? 0 : slack));
    const found = [];
    for (let dy = -span; dy <= span; dy++) {
      for (let dx = -span; dx <= span; dx++) {
        const other = this.cellAt(column + dx, row + dy);
        if (other !== null && gap(dx) ** 2 + gap(dy) ** 2 <= radius ** 2) found.push(other);
      }
    }
    return found;
  }

  /** @param {number} coordinate */
  #line(coordinate) {
    return Math.min(Math.floor(Math.max(coordinate, 0) / this.cellSteps), this.columns - 1);
  }

  /**
   * @param {number} coordinate
   * @param {number} line
   */
  #gapAlong(coordinate, line) {
    const low = line * this.cellSteps;
    return Math.max(low - coordinate, coordinate - (low + this.cellSteps), 0);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Encodings
// ---------------------------------------------------------------------------------------------------------------------

/**
 * The bytes (or, in JSON, the text) of a message of the client's.
 * @param {Encoding} encoding
 * @param {{ type: string, body?: any, id?: number | null }} message
 * @returns {string | Uint8Array<ArrayBuffer>}
 */
export function encode(encoding, { type, body = {}, id = null }) {
  const envelope = id === null ? [type, body] : [type, body, id];
  return encoding === 'json' ? JSON.stringify(envelope) : encodeMessagePack(envelope);
}

/**
 * A message from what a WebSocket received, text or bytes.
 * @param {Encoding} encoding
 * @param {string | ArrayBuffer | Uint8Array} data
 * @returns {Message}
 * @throws {TypeError} when it is no message
 */
export function decode(encoding, data) {
  const value = encoding === 'json' ? JSON.parse(textOf(data)) : decodeMessagePack(bytesOf(data));
  if (!Array.isArray(value) || value.length < 2 || typeof value[0] !== 'string') throw new TypeError('not a message');
  const [type, body, id = null, number = null] = value;
  return { type, body, id, number };
}

/** @param {string | ArrayBuffer | Uint8Array} data */
const textOf = (data) => (typeof data === 'string' ? data : new TextDecoder().decode(data));

/** @param {string | ArrayBuffer | Uint8Array} data */
function bytesOf(data) {
  if (typeof data === 'string') throw new TypeError('text where bytes were expected');
  return data instanceof Uint8Array ? data : new Uint8Array(data);
}

/** How deeply arrays and maps may be nested; as on the server. */
const NESTING_MAX = 32;

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * A value that JSON could hold, as MessagePack. Numbers take the shortest form that holds them; those that are not whole are doubles.
 * @param {any} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeMessagePack(value) {
  const writer = new MessagePackWriter();
  writer.value(value, 0);
  return writer.bytes();
}

/**
 * A value from MessagePack.
 * @param {Uint8Array} bytes
 * @returns {any}
 * @throws {TypeError | RangeError} when the bytes are not one whole value, or hold a whole number beyond 2^53 - 1
 */
export function decodeMessagePack(bytes) {
  const reader = new MessagePackReader(bytes);
  const value = reader.value(0);
  if (!reader.isAtEnd()) throw new TypeError('bytes after the end');
  return value;
}

class MessagePackWriter {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  bytes() {
    return this.#buffer.slice(0, this.#length);
  }

  /**
   * @param {any} value
   * @param {number} depth
   */
  value(value, depth) {
    if (depth > NESTING_MAX) throw new RangeError(`nested deeper than ${NESTING_MAX}`);
    if (value === null || value === undefined) this.#byte(0xc0);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (Array.isArray(value)) this.#array(value, depth);
    else if (typeof value === 'object') this.#map(value, depth);
    else throw new TypeError(`a ${typeof value} cannot be sent`);
  }

  /** @param {number} value */
  #number(value) {
    if (!Number.isInteger(value)) return this.#double(value);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is beyond 2^53 - 1`);
    return value < 0 ? this.#negative(value) : this.#whole(value);
  }

  /** @param {number} value */
  #double(value) {
    this.#byte(0xcb);
    this.#view.setFloat64(this.#take(8), value);
  }

  /** @param {number} value */
  #whole(value) {
    if (value < 0x80) return this.#byte(value);
    if (value < 0x100) return this.#sized(0xcc, 1, value);
    if (value < 0x10000) return this.#sized(0xcd, 2, value);
    if (value < 0x100000000) return this.#sized(0xce, 4, value);
    this.#byte(0xcf);
    this.#view.setBigUint64(this.#take(8), BigInt(value));
  }

  /** @param {number} value */
  #negative(value) {
    if (value >= -0x20) return this.#byte(value + 0x100);
    if (value >= -0x80) return this.#sized(0xd0, 1, value + 0x100);
    if (value >= -0x8000) return this.#sized(0xd1, 2, value + 0x10000);
    if (value >= -0x80000000) return this.#sized(0xd2, 4, value + 0x100000000);
    this.#byte(0xd3);
    this.#view.setBigInt64(this.#take(8), BigInt(value));
  }

  /** @param {string} value */
  #text(value) {
    const bytes = utf8Encoder.encode(value);
    if (bytes.length < 0x20) this.#byte(0xa0 | bytes.length);
    else if (bytes.length < 0x100) this.#sized(0xd9, 1, bytes.length);
    else if (bytes.length < 0x10000) this.#sized(0xda, 2, bytes.length);
    else this.#sized(0xdb, 4, bytes.length);
    const at = this.#take(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /**
   * @param {any[]} values
   * @param {number} depth
   */
  #array(values, depth) {
    if (values.length < 0x10) this.#byte(0x90 | values.length);
    else if (values.length < 0x10000) this.#sized(0xdc, 2, values.length);
    else this.#sized(0xdd, 4, values.length);
    for (const value of values) this.value(value, depth + 1);
  }

  /**
   * @param {Record<string, any>} map fields that are undefined are left out, as in JSON
   * @param {number} depth
   */
  #map(map, depth) {
    const entries = Object.entries(map).filter(([, value]) => value !== undefined);
    if (entries.length < 0x10) this.#byte(0x80 | entries.length);
    else if (entries.length < 0x10000) this.#sized(0xde, 2, entries.length);
    else this.#sized(0xdf, 4, entries.length);
    for (const [key, value] of entries) {
      this.#text(key);
      this.value(value, depth + 1);
    }
  }

  /** @param {number} byte */
  #byte(byte) {
    const at = this.#take(1);
    this.#buffer[at] = byte;
  }

  /**
   * @param {number} marker
   * @param {1 | 2 | 4} size
   * @param {number} value
   */
  #sized(marker, size, value) {
    this.#byte(marker);
    const at = this.#take(size);
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }

  /**
   * Makes room; returns where it begins.
   * @param {number} count
   */
  #take(count) {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

class MessagePackReader {
  #bytes;
  #view;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  isAtEnd() {
    return this.#at === this.#bytes.length;
  }

  /**
   * @param {number} depth
   * @returns {any}
   */
  value(depth) {
    if (depth > NESTING_MAX) throw new TypeError(`nested deeper than ${NESTING_MAX}`);
    const marker = this.#view.getUint8(this.#take(1));
    if (marker < 0x80) return marker;
    if (marker < 0x90) return this.#map(marker & 0x0f, depth);
    if (marker < 0xa0) return this.#array(marker & 0x0f, depth);
    if (marker < 0xc0) return this.#text(marker & 0x1f);
    if (marker >= 0xe0) return marker - 0x100;
    return this.#marked(marker, depth);
  }

  /**
   * @param {number} marker
   * @param {number} depth
   * @returns {any}
   */
  #marked(marker, depth) {
    switch (marker) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xc4: return this.#binary(this.#count(1));
      case 0xc5: return this.#binary(this.#count(2));
      case 0xc6: return this.#binary(this.#count(4));
      case 0xca: return this.#view.getFloat32(this.#take(4));
      case 0xcb: return this.#view.getFloat64(this.#take(8));
      case 0xcc: return this.#count(1);
      case 0xcd: return this.#count(2);
      case 0xce: return this.#count(4);
      case 0xcf: return safe(this.#view.getBigUint64(this.#take(8)));
      case 0xd0: return this.#view.getInt8(this.#take(1));
      case 0xd1: return this.#view.getInt16(this.#take(2));
      case 0xd2: return this.#view.getInt32(this.#take(4));
      case 0xd3: return safe(this.#view.getBigInt64(this.#take(8)));
      case 0xd9: return this.#text(this.#count(1));
      case 0xda: return this.#text(this.#count(2));
      case 0xdb: return this.#text(this.#count(4));
      case 0xdc: return this.#array(this.#count(2), depth);
      case 0xdd: return this.#array(this.#count(4), depth);
      case 0xde: return this.#map(this.#count(2), depth);
      case 0xdf: return this.#map(this.#count(4), depth);
      default: throw new TypeError(`no value begins with ${marker}`);
    }
  }

  /** @param {1 | 2 | 4} size */
  #count(size) {
    const at = this.#take(size);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** @param {number} length */
  #text(length) {
    const at = this.#take(length);
    return utf8Decoder.decode(this.#bytes.subarray(at, at + length));
  }

  /** @param {number} length */
  #binary(length) {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #array(count, depth) {
    this.#mustHold(count);
    const values = new Array(count);
    for (let index = 0; index < count; index++) values[index] = this.value(depth + 1);
    return values;
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #map(count, depth) {
    this.#mustHold(count * 2);
    /** @type {Record<string, any>} */
    const map = {};
    for (let index = 0; index < count; index++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw new TypeError('a key that is no text');
      const value = this.value(depth + 1);
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
      else map[key] = value;
    }
    return map;
  }

  /**
   * Each value takes a byte at least: a longer array cannot be.
   * @param {number} count
   */
  #mustHold(count) {
    if (count > this.#bytes.length - this.#at) throw new TypeError('the bytes end too soon');
  }

  /** @param {number} count */
  #take(count) {
    this.#mustHold(count);
    const at = this.#at;
    this.#at += count;
    return at;
  }
}

/** @param {bigint} value */
function safe(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is beyond 2^53 - 1`);
  return number;
}

// ---------------------------------------------------------------------------------------------------------------------
// The picture
// ---------------------------------------------------------------------------------------------------------------------

const FRAME = { delta: 0, snapshot: 1, forget: 2, reset: 3 };
const ENTRY = { course: 0, ship: 1, shipLeft: 2, object: 3, objectGone: 4, shipMoved: 5 };

/**
 * What is in view: the sum of the `cells` messages received, by the rules of PROTOCOL.md. Can be used without a client.
 */
export class Picture {
  /** Number of the world it is of; 0 before the first message. */
  worldNumber = 0;
  /** The last tick that a message spoke of. */
  tick = 0;
  /**
   * The cells in view.
   * @type {Set<number>}
   */
  cells = new Set();
  /** @type {Map<number, SeenShip>} */
  ships = new Map();
  /** @type {Map<number, SeenObject>} */
  objects = new Map();
  /** What was wrong with the last message, a fault of the server's; null when nothing was. */
  fault = /** @type {string | null} */ (null);

  /**
   * Takes the body of one `cells` message in. What makes no sense is left out, and told in `fault`.
   * @param {CellsBody} body
   * @returns {Changes}
   */
  apply([worldNumber, tick, frames]) {
    const changes = noChanges();
    this.fault = null;
    if (worldNumber !== this.worldNumber) this.begin(worldNumber, changes);
    const anew = frames[0]?.[1] === FRAME.reset;
    if (tick < this.tick && !anew) this.#wrong(`tick ${tick} after tick ${this.tick}`);
    this.tick = tick;
    for (const [cell, kind, entries] of frames) this.#frame(cell, kind, entries, changes);
    return settled(changes, this);
  }

  /**
   * Begins an empty picture of a world.
   * @param {number} worldNumber
   * @param {Changes} [changes]
   */
  begin(worldNumber, changes = noChanges()) {
    this.#clear(changes);
    this.worldNumber = worldNumber;
    this.tick = 0;
  }

  /**
   * @param {number} cell
   * @param {number} kind
   * @param {any[]} entries
   * @param {Changes} changes
   */
  #frame(cell, kind, entries, changes) {
    if (kind === FRAME.reset) return this.#clear(changes);
    if (kind === FRAME.forget) return this.#forget(cell, changes);
    if (kind === FRAME.snapshot) {
      this.#forget(cell, changes);
      this.cells.add(cell);
    } else if (kind !== FRAME.delta) {
      return;
    } else if (!this.cells.has(cell)) {
      return this.#wrong(`a delta of cell ${cell}, which is not in view`);
    }
    for (const entry of entries) this.#entry(cell, entry, changes);
  }

  /**
   * @param {number} cell
   * @param {any[]} entry
   * @param {Changes} changes
   */
  #entry(cell, entry, changes) {
    const id = entry[1];
    switch (entry[0]) {
      case ENTRY.course: return this.#turn(cell, id, courseOf(entry, this.tick), changes);
      case ENTRY.ship:
        this.ships.set(id, { id, cell, course: courseOf(entry, this.tick), kind: entry[8], name: entry[9] });
        changes.ships.add(id);
        return;
      case ENTRY.shipLeft:
        if (this.ships.get(id)?.cell === cell) this.#dropShip(id, changes);
        return;
      case ENTRY.object:
        this.objects.set(id, { id, cell, at: [entry[2], entry[3]], kind: entry[4] });
        changes.objects.add(id);
        return;
      case ENTRY.objectGone: return this.#dropObject(id, changes);
      case ENTRY.shipMoved: return this.#move(cell, id, entry[2], changes);
      default: // Of a newer server.
    }
  }

  /**
   * @param {number} cell
   * @param {number} id
   * @param {Course} course
   * @param {Changes} changes
   */
  #turn(cell, id, course, changes) {
    const ship = this.ships.get(id);
    if (!ship) return this.#wrong(`a course for ship ${id}, which is not in the picture`);
    ship.course = course;
    ship.cell = cell;
    changes.ships.add(id);
  }

  /**
   * A ship that crossed a border flies on in its new cell, unless that is out of view. When the ship is in another cell
   * than the frame's, newer frames have told of it.
   * @param {number} from
   * @param {number} id
   * @param {number} to
   * @param {Changes} changes
   */
  #move(from, id, to, changes) {
    const ship = this.ships.get(id);
    if (ship?.cell !== from) return;
    if (!this.cells.has(to)) return this.#dropShip(id, changes);
    ship.cell = to;
    changes.ships.add(id);
  }

  /**
   * @param {number} cell
   * @param {Changes} changes
   */
  #forget(cell, changes) {
    if (!this.cells.delete(cell)) return;
    for (const ship of this.ships.values()) if (ship.cell === cell) this.#dropShip(ship.id, changes);
    for (const object of this.objects.values()) if (object.cell === cell) this.#dropObject(object.id, changes);
  }

  /** @param {Changes} changes */
  #clear(changes) {
    changes.reset = true;
    this.cells.clear();
    for (const id of this.ships.keys()) this.#dropShip(id, changes);
    for (const id of this.objects.keys()) this.#dropObject(id, changes);
  }

  /**
   * @param {number} id
   * @param {Changes} changes
   */
  #dropShip(id, changes) {
    if (this.ships.delete(id)) changes.shipsGone.add(id);
  }

  /**
   * @param {number} id
   * @param {Changes} changes
   */
  #dropObject(id, changes) {
    if (this.objects.delete(id)) changes.objectsGone.add(id);
  }

  /** @param {string} what */
  #wrong(what) {
    this.fault ??= what;
  }
}

/** @returns {Changes} */
const noChanges = () => ({ ships: new Set(), shipsGone: new Set(), objects: new Set(), objectsGone: new Set(), reset: false });

/**
 * What went and came within one message has only changed; what came and went is gone.
 * @param {Changes} changes
 * @param {Picture} picture
 */
function settled(changes, picture) {
  for (const id of changes.shipsGone) (picture.ships.has(id) ? changes.shipsGone : changes.ships).delete(id);
  for (const id of changes.objectsGone) (picture.objects.has(id) ? changes.objectsGone : changes.objects).delete(id);
  return changes;
}

/**
 * The course of an entry `[kind, ship, x, y, to_x, to_y, age, left, …]` in a frame of this tick.
 * @param {any[]} entry
 * @param {number} tick
 * @returns {Course}
 */
function courseOf([, , x, y, toX, toY, age, left], tick) {
  return { from: [x, y], to: [toX, toY], departs: Math.max(0, tick - age), arrives: tick + left };
}

// ---------------------------------------------------------------------------------------------------------------------
// The clock
// ---------------------------------------------------------------------------------------------------------------------

/** News this recent say what tick it is; the least delayed of them is believed. */
const CLOCK_WINDOW_MS = 1_500;
/** So many are always kept, where news are rare, but none longer than this. */
const CLOCK_NEWS_MIN = 2;
const CLOCK_KEPT_MS = 20_000;
/** News so far off are of another run of the world, or this machine has slept. */
const CLOCK_JUMP_MS = 10_000;

/**
 * Follows a moving target smoothly: never back, never at much more or less than its pace, faster the farther it is off.
 */
class Follower {
  /** @type {number | null} */
  #value = null;
  #atMs = 0;

  forget() {
    this.#value = null;
  }

  /**
   * @param {number} nowMs
   * @param {number} target
   * @param {number} tickMs
   */
  at(nowMs, target, tickMs) {
    const passedMs = nowMs - this.#atMs;
    if (this.#value === null) this.#value = target;
    else if (passedMs > 1_000) this.#value = Math.max(this.#value, target); // Nobody was looking.
    else if (passedMs > 0) this.#value = this.#step(this.#value, target, passedMs, tickMs);
    this.#atMs = Math.max(this.#atMs, nowMs);
    return this.#value;
  }

  /**
   * @param {number} value
   * @param {number} target
   * @param {number} passedMs
   * @param {number} tickMs
   */
  #step(value, target, passedMs, tickMs) {
    const step = passedMs / tickMs;
    const error = target - (value + step);
    if (error > 2_000 / tickMs) return target;
    const most = step * Math.min(1, Math.max(0.1, (Math.abs(error) * tickMs) / 500));
    const wanted = error * Math.min(1, passedMs / 250);
    return value + step + Math.min(most, Math.max(-most, wanted));
  }
}

/**
 * The server's current tick, guessed from the ticks that news name and from when they came. Smooth and never going back,
 * whatever delays the news. Can be used without a client.
 */
export class TickClock {
  #now;
  #fullPaceMs = 50;
  #tickMs = 50;
  #leadMs = 0;
  /** @type {{ tick: number, ms: number }[]} */
  #news = [];
  /** @type {{ tick: number, ms: number } | null} */
  #best = null;
  #doubts = 0;
  #current = new Follower();
  #arrived = new Follower();

  /** @param {{ now?: () => number, tickMs?: number }} [options] */
  constructor({ now = () => performance.now(), tickMs = 50 } = {}) {
    this.#now = now;
    this.#fullPaceMs = this.#tickMs = tickMs;
  }

  /** How long a tick lasts, in ms; longer than usual while the world is slowed down. */
  get tickMs() {
    return this.#tickMs;
  }

  /** How much slower than at full pace the world goes: 1 when it does not. */
  get dilation() {
    return this.#tickMs / this.#fullPaceMs;
  }

  /**
   * The server's tick at this moment: what news name that are being sent just now. 0 before any came.
   * @param {number} [nowMs]
   */
  tick(nowMs = this.#now()) {
    const target = this.#guess(nowMs);
    return target === null ? 0 : this.#current.at(nowMs, target + this.#leadMs / this.#tickMs, this.#tickMs);
  }

  /**
   * The tick that news name that are arriving just now: behind `tick` by the way from the server to here. Who draws the world at this
   * time, or a little before it, knows all courses in time.
   * @param {number} [nowMs]
   */
  arriving(nowMs = this.#now()) {
    const target = this.#guess(nowMs);
    return target === null ? 0 : this.#arrived.at(nowMs, target, this.#tickMs);
  }

  /**
   * News of this tick came.
   * @param {number} tick
   * @param {number} [nowMs]
   * @param {boolean} [sure] false: it may be of another world, so that a jump needs a second one
   */
  observe(tick, nowMs = this.#now(), sure = true) {
    const guess = this.#guess(nowMs);
    if (guess !== null && Math.abs(tick - guess) * this.#tickMs > CLOCK_JUMP_MS) {
      if (!sure && this.#doubts++ === 0) return;
      this.reset();
    }
    this.#doubts = 0;
    this.#news.push({ tick, ms: nowMs });
    this.#forgetOld(nowMs);
    this.#best = this.#leastDelayed();
  }

  /**
   * The world's pace.
   * @param {number} tickMs
   * @param {number} [nowMs]
   */
  setPace(tickMs, nowMs = this.#now()) {
    if (tickMs === this.#tickMs) return;
    const guess = this.#guess(nowMs);
    this.#tickMs = tickMs;
    if (guess === null) return;
    this.#best = { tick: guess, ms: nowMs };
    this.#news = [this.#best];
  }

  /**
   * A tick's length when the world is not slowed down.
   * @param {number} tickMs
   */
  setFullPace(tickMs) {
    this.#fullPaceMs = tickMs;
    this.setPace(tickMs);
  }

  /**
   * How long news are on their way.
   * @param {number} ms
   */
  setLead(ms) {
    this.#leadMs = ms;
  }

  /** Forgets what it knows: another world begins. */
  reset() {
    this.#news = [];
    this.#best = null;
    this.#doubts = 0;
    this.#current.forget();
    this.#arrived.forget();
  }

  /**
   * @param {number} nowMs
   * @returns {number | null}
   */
  #guess(nowMs) {
    return this.#best && this.#best.tick + (nowMs - this.#best.ms) / this.#tickMs;
  }

  /** @param {number} nowMs */
  #forgetOld(nowMs) {
    const news = this.#news;
    let old = 0;
    const isOld = (/** @type {number} */ ageMs, /** @type {number} */ left) =>
      ageMs > CLOCK_KEPT_MS || (ageMs > CLOCK_WINDOW_MS && left > CLOCK_NEWS_MIN);
    while (old < news.length - 1 && isOld(nowMs - news[old].ms, news.length - old)) old++;
    if (old > 0) news.splice(0, old);
  }

  #leastDelayed() {
    const zero = (/** @type {{ tick: number, ms: number }} */ { tick, ms }) => tick * this.#tickMs - ms;
    return this.#news.reduce((best, each) => (zero(each) >= zero(best) ? each : best));
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Commands under way
// ---------------------------------------------------------------------------------------------------------------------

const FLIGHT = new Set(['navigate', 'jump', 'debug_panic']);
const QUESTIONS = new Set([
  'status', 'ship_stats', 'tech_tree', 'market', 'auctions', 'contracts', 'my_offers', 'price_history', 'storage', 'jobs', 'missions',
  'mission_ranks', 'season_ranks', 'guild', 'chat_history', 'notifications', 'friends', 'subscribe', 'unsubscribe',
]);

/** After these nobody knows whether the command took effect. */
const UNKNOWN_EFFECT = new Set(['storage_unavailable', 'internal']);
/** These decide nothing and speak of one sending: of a command that was sent before, an earlier sending may have taken effect. */
const OF_THIS_SENDING = new Set(['rate_limited', 'busy', 'maintenance', 'in_transit']);

/** An economic command without an answer is repeated after this long, and then ever more seldom. */
const REPEAT_AFTER_MS = 10_000;
const REPEAT_AFTER_MS_MAX = 60_000;
/** After a refusal that decided nothing it is repeated after this long, or as the refusal says. */
const AGAIN_AFTER_MS = 1_000;
const AGAIN_AFTER_MS_MAX = 30_000;
/** A question or a flight command without an answer is given up after this long. */
const ANSWER_WAIT_MS = 30_000;
/** So many commands a second are repeated after a welcome: half of what the server lets through at once. */
const REPEATS_PER_SECOND = 10;
/**
 * After a welcome, commands are repeated that were sent for the first time at most so long ago. The server remembers the last 1,000
 * answers of a player, who may play elsewhere meanwhile: 20 and then 10 economic commands a second, 100 and then 100 deals a minute
 * make a thousand within 75 s. An older command might have been forgotten, and would take effect twice.
 */
const REPEATED_AGE_MS_MAX = 70_000;

/** @param {string} type */
function kindOf(type) {
  if (FLIGHT.has(type)) return 'flight';
  return QUESTIONS.has(type) ? 'question' : 'economic';
}

/** An id that no command of the player had, but for one chance in 2^42. */
function randomId() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high % 2 ** 20) * 2 ** 32 + low;
}

/**
 * One command without an answer.
 * @typedef {object} Under
 * @property {number} id
 * @property {string} type
 * @property {any} body
 * @property {'economic' | 'question' | 'flight'} kind
 * @property {number} sinceMs
 * @property {string | null} player null until a welcome tells who gives it; before that nothing is sent
 * @property {number} sent how often it may have been sent
 * @property {number} firstSentMs when it may have been sent for the first time; without meaning before that
 * @property {number} againMs the next wait after a refusal that decided nothing
 * @property {ReturnType<typeof setTimeout> | undefined} timer of its next sending, or of giving it up; none while there is no connection
 * @property {(answer: any) => void} resolve
 * @property {(refusal: Refusal) => void} reject
 */

/** All commands without an answer, across connections and sessions: what is repeated when, and who is told. */
class Commands {
  #send;
  #changed;
  #settled;
  #online = false;
  #repeatsWait = false;
  /** @type {string | null} */
  #player = null;
  #nextId = randomId();
  /** @type {Map<number, Under>} */
  #under = new Map();

  /**
   * @param {object} hooks
   * @param {(message: Message) => void} hooks.send over the connection that there is
   * @param {() => void} hooks.changed economic commands under way have changed; called before the command is sent
   * @param {(under: Under, answer: any, refusal: Refusal | null) => void} hooks.settled an economic command is decided
   * @param {PendingCommand[]} restored
   */
  constructor({ send, changed, settled }, restored) {
    this.#send = send;
    this.#changed = changed;
    this.#settled = settled;
    const nobody = () => {};
    for (const { id, type, body, sinceMs, player } of restored) {
      const sent = player === null ? 0 : 1;
      this.#under.set(id, { ...this.#fresh(id, type, body, nobody, nobody), sinceMs, player, sent, firstSentMs: sinceMs });
    }
  }

  /** The economic commands of this player, oldest first. */
  pending() {
    const own = this.#economic().filter(({ player }) => this.#isOwn(player));
    return new Map(own.map((under) => [under.id, asPending(under)]));
  }

  /** All economic commands, those of other players too that this page has had. */
  saved() {
    return this.#economic().map(asPending);
  }

  /**
   * @param {string} type
   * @param {any} body
   * @returns {Promise<any>}
   */
  give(type, body) {
    return new Promise((resolve, reject) => {
      const under = this.#fresh(this.#drawId(), type, body, resolve, reject);
      if (under.kind === 'flight') {
        if (!this.#online && type !== 'navigate') return reject(connectionLost());
        this.#giveUpWaitingCourse();
      }
      this.#under.set(under.id, under);
      if (under.kind === 'economic') this.#changed();
      if (this.#online) this.#transmit(under);
    });
  }

  /**
   * @param {number} id
   * @param {any} answer
   */
  succeeded(id, answer) {
    const under = this.#remove(id);
    if (!under) return; // A second answer to the same command.
    under.resolve(answer);
    this.#tell(under, answer, null);
  }

  /**
   * @param {number} id
   * @param {Refusal} refusal
   */
  refused(id, refusal) {
    const under = this.#under.get(id);
    if (!under) return;
    if (under.kind === 'economic' && isUndecided(under, refusal.code)) return this.#repeatLater(under, refusal);
    if (refusal.code === 'id_reused') this.#nextId = randomId();
    this.#giveUp(under, refusal);
  }

  /**
   * Somebody connects, perhaps somebody else than before: only what was given from now on is of whoever is welcomed next.
   * @param {Refusal} refusal for what nobody knows the player of
   */
  newLogin(refusal) {
    this.closed(refusal);
    this.#player = null;
    for (const under of this.#economic()) if (under.player === null) this.#giveUp(under, refusal);
  }

  /**
   * Welcomed. What has no answer yet is sent again; in a resumed session only after what was missed has come.
   * @param {string} player
   * @param {boolean} resumed whether the session of before goes on
   */
  welcomed(player, resumed) {
    this.#online = true;
    this.#player = player;
    this.#repeatsWait = true;
    for (const under of this.#under.values()) under.player ??= player;
    this.#giveUpOld();
    this.#changed();
    if (resumed) return;
    this.#giveUpOfSession();
    this.missedCame();
  }

  /** All that was missed has come, as far as the server had it. The rest is sent again, not faster than the server takes it. */
  missedCame() {
    if (!this.#repeatsWait) return;
    this.#repeatsWait = false;
    const waiting = [...this.#under.values()].filter((under) => under.player === this.#player && under.timer === undefined);
    for (const [index, under] of waiting.entries()) this.#transmitAfter(under, Math.floor(index / REPEATS_PER_SECOND) * 1_000);
  }

  /** The connection is gone; the session perhaps not. Of flight commands only the newest course is worth a repeat. */
  disconnected() {
    this.#online = this.#repeatsWait = false;
    for (const under of this.#under.values()) {
      clearTimeout(under.timer);
      under.timer = undefined;
    }
    const flights = this.#of('flight');
    const newest = flights.findLast(({ type }) => type === 'navigate');
    for (const under of flights) if (under !== newest) this.#giveUp(under, connectionLost());
  }

  /**
   * Nothing will be sent any more: only economic commands wait for another connection.
   * @param {Refusal} refusal
   */
  closed(refusal) {
    this.disconnected();
    for (const under of [...this.#of('question'), ...this.#of('flight')]) this.#giveUp(under, refusal);
  }

  /** @param {Under} under */
  #transmit(under) {
    clearTimeout(under.timer);
    if (under.sent === 0) under.firstSentMs = Date.now();
    under.sent += 1;
    const { id, type, body } = under;
    const wait = Math.min(REPEAT_AFTER_MS * 2 ** Math.min(under.sent - 1, 8), REPEAT_AFTER_MS_MAX);
    const [ms, then] = under.kind === 'economic'
      ? [wait, () => this.#transmit(under)]
      : [ANSWER_WAIT_MS, () => this.#giveUp(under, new Refusal('connection_lost', 'no answer came'))];
    under.timer = setTimeout(then, ms);
    try {
      this.#send({ type, body, id, number: null });
    } catch (error) {
      this.#giveUp(under, new Refusal('bad_request', `the command cannot be written: ${error}`));
    }
  }

  /**
   * @param {Under} under
   * @param {number} ms
   */
  #transmitAfter(under, ms) {
    if (ms === 0) return this.#transmit(under);
    clearTimeout(under.timer);
    under.timer = setTimeout(() => this.#transmit(under), ms);
  }

  /**
   * @param {Under} under
   * @param {Refusal} refusal
   */
  #repeatLater(under, { retryAfterMs }) {
    if (this.#online) this.#transmitAfter(under, Math.max(retryAfterMs ?? 0, under.againMs));
    under.againMs = Math.min(under.againMs * 2, AGAIN_AFTER_MS_MAX);
  }

  /** A course that waits for the connection, or for what was missed: another one is given now, and it must not come after that. */
  #giveUpWaitingCourse() {
    for (const older of this.#of('flight')) if (older.timer === undefined) this.#giveUp(older, connectionLost());
  }

  #giveUpOld() {
    const oldest = Date.now() - REPEATED_AGE_MS_MAX;
    const refusal = () => new Refusal('outcome_unknown', 'whether this took effect is not known any more');
    for (const under of this.#economic()) {
      if (under.sent > 0 && under.firstSentMs < oldest) this.#giveUp(under, refusal());
    }
  }

  /** What belonged to a session that is lost for good. */
  #giveUpOfSession() {
    for (const under of this.#of('question')) if (under.sent > 0) this.#giveUp(under, connectionLost());
    for (const under of this.#of('flight')) this.#giveUp(under, connectionLost());
  }

  /**
   * @param {Under} under
   * @param {Refusal} refusal
   */
  #giveUp(under, refusal) {
    this.#remove(under.id);
    under.reject(refusal);
    this.#tell(under, null, refusal);
  }

  /** @param {number} id */
  #remove(id) {
    const under = this.#under.get(id);
    if (under) clearTimeout(under.timer);
    this.#under.delete(id);
    return under;
  }

  /**
   * @param {Under} under
   * @param {any} answer
   * @param {Refusal | null} refusal
   */
  #tell(under, answer, refusal) {
    if (under.kind !== 'economic') return;
    this.#changed();
    this.#settled(under, answer, refusal);
  }

  /**
   * @param {number} id
   * @param {string} type
   * @param {any} body
   * @param {(answer: any) => void} resolve
   * @param {(refusal: Refusal) => void} reject
   * @returns {Under}
   */
  #fresh(id, type, body, resolve, reject) {
    const rest = { sinceMs: Date.now(), player: this.#player, sent: 0, firstSentMs: 0, againMs: AGAIN_AFTER_MS, timer: undefined };
    return { id, type, body, kind: kindOf(type), resolve, reject, ...rest };
  }

  #drawId() {
    while (this.#under.has(this.#nextId)) this.#nextId += 1;
    return this.#nextId++;
  }

  /** @param {Under['kind']} kind */
  #of(kind) {
    return [...this.#under.values()].filter((under) => under.kind === kind);
  }

  #economic() {
    return this.#of('economic');
  }

  /** @param {string | null} player */
  #isOwn(player) {
    return player === null || this.#player === null || player === this.#player;
  }
}

/** @param {Under} under */
const asPending = ({ id, type, body, sinceMs, player }) => ({ id, type, body, sinceMs, player });

/**
 * @param {Under} under
 * @param {string} code
 */
const isUndecided = (under, code) => UNKNOWN_EFFECT.has(code) || (under.sent > 1 && OF_THIS_SENDING.has(code));

// ---------------------------------------------------------------------------------------------------------------------
// One connection
// ---------------------------------------------------------------------------------------------------------------------

/** A heartbeat is sent this often, or more often where the server wants it: the sooner a dead connection is found out. */
const HEARTBEAT_MS_MAX = 5_000;
/** So soon after the first heartbeat of a connection comes the second one. */
const SECOND_BEAT_MS = 1_000;
/** A connection on which a heartbeat stays without any frame in return for so long is dead. */
const DEAD_AFTER_MS = 10_000;
/** From the first step of connecting to the welcome. */
const WELCOME_WAIT_MS = 15_000;
/** An error without an id explains the `bye` that follows within this time. */
const EXPLAINS_MS = 2_000;
/** Round trips of which the median is told. */
const ROUND_TRIPS = 5;

/**
 * Why a connection ended.
 * @typedef {object} End
 * @property {number} code
 * @property {string} reason
 * @property {Bye | null} bye
 * @property {Refusal | null} refusal the error that came before
 * @property {number | null} retryAfterMs of the HTTP answer that refused the connection
 */

/** One WebSocket from opening to end: encoding, hello, heartbeats, and finding out that it is dead. It ends once. */
class Link {
  #socket;
  #encoding;
  #now;
  #hooks;
  #ended = false;
  #welcomed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #heartbeatMs = HEARTBEAT_MS_MAX;
  #beatAt = 0;
  /** @type {number | null} */
  #unansweredSince = null;
  /** @type {number | null} */
  #awaitedSince = null;
  /** @type {number[]} */
  #roundTrips = [];
  /** @type {{ refusal: Refusal, ms: number } | null} */
  #error = null;

  /**
   * @param {SocketLike} socket
   * @param {object} options
   * @param {Encoding} options.encoding
   * @param {() => number} options.now
   * @param {any} options.hello body of the first message
   * @param {{ message: (message: Message) => void, end: (end: End) => void, seen: () => number, latency: (ms: number, samples: number) => void }} hooks
   */
  constructor(socket, { encoding, now, hello }, hooks) {
    this.#socket = socket;
    this.#encoding = encoding;
    this.#now = now;
    this.#hooks = hooks;
    this.#timer = setTimeout(() => this.#lost('no welcome came'), WELCOME_WAIT_MS);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#hello(hello);
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => this.#end({ code: code ?? 1006, reason: String(reason ?? '') });
    socket.onerror = () => {}; // The close that follows says as much as is known.
  }

  /**
   * Throws when the body cannot be written: that is the fault of whoever gives it, not of the connection.
   * @param {string} type
   * @param {any} body
   * @param {number | null} [id]
   */
  send(type, body, id = null) {
    if (this.#ended) return;
    const data = encode(this.#encoding, { type, body, id });
    try {
      this.#socket.send(data);
    } catch (error) {
      this.#lost(String(error));
    }
  }

  /**
   * Welcomed: heartbeats begin.
   * @param {number} heartbeatMs
   */
  live(heartbeatMs) {
    this.#welcomed = true;
    this.#heartbeatMs = Math.min(heartbeatMs * 0.6, HEARTBEAT_MS_MAX);
    clearTimeout(this.#timer);
    this.#beat();
    this.#watch();
  }

  /** @param {any} hello */
  #hello(hello) {
    try {
      this.send('hello', hello);
    } catch (error) {
      this.#lost(String(error));
    }
  }

  /** Ends it from this side, without a word to whoever uses it. */
  close() {
    this.#detach();
    try {
      this.#socket.close(1000);
    } catch {
      // It was closed, or not open yet: in both cases nothing is left to do.
    }
  }

  /** @param {any} data */
  #received(data) {
    if (this.#ended) return;
    this.#unansweredSince = null;
    let message;
    try {
      message = decode(this.#encoding, data);
    } catch (error) {
      return this.#lost(`the server sent what cannot be read: ${error}`);
    }
    this.#take(message);
    // Also from here, not only by the timer: browsers slow down the timers of pages in the background.
    if (this.#welcomed && !this.#ended) this.#beatIfDue();
  }

  /** @param {Message} message */
  #take(message) {
    if (message.type === 'heartbeat') this.#answered();
    if (message.type === 'error' && message.id === null) this.#error = { refusal: Refusal.of(message.body), ms: this.#now() };
    this.#hooks.message(message);
    if (message.type === 'bye') this.#end({ code: message.body.code, reason: message.body.reason, bye: message.body });
  }

  #watch() {
    this.#timer = setTimeout(() => {
      if (this.#unansweredSince !== null && this.#now() - this.#unansweredSince >= DEAD_AFTER_MS) return this.#lost('the server fell silent');
      this.#beatIfDue();
      this.#watch();
    }, Math.min(1_000, this.#heartbeatMs / 2));
  }

  #beatIfDue() {
    // The first answer gets another one beside it soon.
    const gapMs = this.#roundTrips.length === 1 ? Math.min(SECOND_BEAT_MS, this.#heartbeatMs) : this.#heartbeatMs;
    if (this.#now() - this.#beatAt >= gapMs) this.#beat();
  }

  #beat() {
    this.#beatAt = this.#now();
    this.#unansweredSince ??= this.#beatAt;
    this.#awaitedSince ??= this.#beatAt;
    this.send('heartbeat', { seen: this.#hooks.seen() });
  }

  /** A heartbeat came. One in a while is not an answer but the server's own; the median, of two the lesser, leaves it out. */
  #answered() {
    if (this.#awaitedSince === null) return;
    this.#roundTrips.push(this.#now() - this.#awaitedSince);
    this.#awaitedSince = null;
    if (this.#roundTrips.length > ROUND_TRIPS) this.#roundTrips.shift();
    const sorted = [...this.#roundTrips].sort((a, b) => a - b);
    this.#hooks.latency(sorted[Math.floor((sorted.length - 1) / 2)], sorted.length);
  }

  /** @param {string} reason */
  #lost(reason) {
    this.#end({ code: 1006, reason });
  }

  /** @param {{ code: number, reason: string, bye?: Bye }} how */
  #end({ code, reason, bye }) {
    if (this.#ended) return;
    this.close();
    const recent = this.#error && this.#now() - this.#error.ms < EXPLAINS_MS;
    const refusal = recent && this.#error ? this.#error.refusal : null;
    this.#hooks.end({ code, reason, bye: bye ?? null, refusal, retryAfterMs: this.#socket.retryAfterMs ?? null });
  }

  #detach() {
    this.#ended = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The client
// ---------------------------------------------------------------------------------------------------------------------

/** What the close codes mean for the session, and whether to come back; any other code is a connection that was lost. */
const CLOSES = new Map([
  [1000, { resumable: false, reconnect: false }],
  [1002, { resumable: false, reconnect: false }],
  [1003, { resumable: false, reconnect: false }],
  [1007, { resumable: false, reconnect: false }],
  [1009, { resumable: false, reconnect: false }],
  [1011, { resumable: true, reconnect: true }],
  [1012, { resumable: false, reconnect: true }],
  [1013, { resumable: true, reconnect: true }],
  [4000, { resumable: false, reconnect: false }],
  [4001, { resumable: false, reconnect: false }],
  [4003, { resumable: false, reconnect: false }],
  [4008, { resumable: true, reconnect: true }],
  [4009, { resumable: false, reconnect: false }],
  [4029, { resumable: true, reconnect: true }],
]);
const LOST = { resumable: true, reconnect: true };
const NOT_AUTHENTICATED = 4001;

/** Waits after lost connections double from the one to the other. */
const BACKOFF_MS_MIN = 1_000;
const BACKOFF_MS_MAX = 30_000;
/** They are spread by so much to both sides; waits that the server names, only upwards and by less. */
const BACKOFF_SPREAD = 0.25;
const TOLD_SPREAD = 0.03;
/** Who was online for less does not begin with the shortest wait again. */
const STABLE_MS = 10_000;
const LEAVE_WAIT_MS = 3_000;
/** Messages of a world that is not entered yet: far more than come before `entered`. */
const EARLY_MAX = 100;

/**
 * A player's client: keeps the session across connections, the picture, the clock, and the commands under way.
 */
export class Client {
  #options;
  #now;
  #random;
  /** @type {Map<string, Set<(body: any, message: Message | null) => void>>} */
  #handlers = new Map();
  #commands;
  /** @type {Credentials} */
  #credentials = {};
  /** @type {{ token: string, untilMs: number | null } | null} */
  #resume = null;
  #seen = 0;
  /** @type {Link | null} */
  #link = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Whether the server named the time of the next attempt. */
  #told = false;
  /** Ends the watch for signs that waiting is not worth it any more. */
  #waiting = new AbortController();
  #renewed = false;
  /** Whether the next attempt needs another token than the last: it was refused, and no other could be had yet. */
  #renewNext = false;
  #leaving = false;
  #onlineSinceMs = 0;
  /** @type {{ resolve: (welcome: Welcome) => void, reject: (refusal: Refusal) => void } | null} */
  #connecting = null;
  /** @type {{ world_number: number, tick_ms: number } | null} */
  #dilation = null;
  /** Cells of a world that the ship has not entered yet. */
  #early = /** @type {{ body: CellsBody, nowMs: number }[]} */ ([]);

  /** @type {State} */
  state = { phase: 'idle', attempt: 0, retryAtMs: null, code: null, reason: '', reconnect: false, refusal: null };
  /** Round trip of heartbeats in ms, the median of the last five; null before the second: the first one is taken while the page is still being built. */
  latencyMs = /** @type {number | null} */ (null);
  /** @type {Welcome | null} */
  welcome = null;
  /** The player's id and name, and whether the account can still be claimed; from the first welcome on. */
  player = /** @type {string | null} */ (null);
  name = /** @type {string | null} */ (null);
  guest = false;
  /** Tokens of a guest that was made just now: keep them, they are the only way back, and see `useToken` for longer losses. */
  account = /** @type {Welcome['account']} */ (null);
  /** @type {World | null} */
  world = null;
  picture = new Picture();

  /** @param {ClientOptions} [options] */
  constructor(options = {}) {
    this.#options = { encoding: /** @type {Encoding} */ ('json'), socket: defaultSocket, ...options };
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.clock = new TickClock({ now: this.#now });
    this.#commands = new Commands({
      send: ({ type, body, id }) => this.#link?.send(type, body, id),
      changed: () => this.#emit('pending', this.pending),
      settled: (command, answer, refusal) => this.#emit('settled', { command: asPending(command), answer, refusal }),
    }, options.pending ?? []);
  }

  /**
   * Connects, and from then on comes back by itself. Resolves with the first welcome, however many attempts it takes; rejects when the
   * server does not want this client, when no WebSocket can be opened to such an address, or when `close` was called. `state` tells
   * meanwhile how it stands.
   * @param {Credentials} credentials
   * @returns {Promise<Welcome>}
   */
  connect(credentials) {
    const refusal = new Refusal('not_connected', 'another connection was asked for');
    this.#commands.newLogin(refusal);
    this.#stop(refusal);
    this.#credentials = { ...credentials };
    this.#resume = credentials.resume ? { token: credentials.resume.token, untilMs: null } : null;
    this.#seen = credentials.resume?.seen ?? 0;
    this.#renewed = this.#renewNext = this.#leaving = false;
    return new Promise((resolve, reject) => {
      this.#connecting = { resolve, reject };
      this.#setState({ attempt: 0, code: null, reason: '', refusal: null });
      this.#attempt(false);
    });
  }

  /** Leaves the game for good: the ship leaves space at once, nothing can be resumed. */
  leave() {
    if (this.state.phase !== 'online' || !this.#link) return this.close();
    this.#leaving = true;
    this.#resume = null;
    this.#link.send('leave', {});
    this.#timer = setTimeout(() => this.close(), LEAVE_WAIT_MS);
  }

  /** Cuts the connection. The session can be resumed as long as its window lasts: see `resumption`. */
  close() {
    const refusal = new Refusal('not_connected', 'the client was closed');
    this.#stop(refusal);
    this.#commands.closed(refusal);
    this.#setState({ phase: 'closed', retryAtMs: null, code: null, reason: 'closed here', reconnect: false, refusal: null });
  }

  /** Does not wait any longer for the next attempt, unless the server named its time. Returns whether it tries now. */
  retryNow() {
    if (this.state.phase !== 'waiting' || this.#told) return false;
    clearTimeout(this.#timer);
    this.#attempt(this.#renewNext);
    return true;
  }

  /**
   * Where access tokens come from, from now on: a guest who has claimed the account, or whose tokens are kept fresh.
   * @param {Credentials['token']} token
   */
  useToken(token) {
    this.#credentials = { token };
  }

  /**
   * What goes on with this session on another page, for `connect({ resume, token })`; null when there is nothing to resume. A secret.
   * @returns {{ token: string, seen: number } | null}
   */
  get resumption() {
    return this.#resume && { token: this.#resume.token, seen: this.#seen };
  }

  /**
   * Economic commands that are not decided yet, by id, oldest first.
   * @returns {Map<number, PendingCommand>}
   */
  get pending() {
    return this.#commands.pending();
  }

  /**
   * The same, for keeping as JSON over a reload of the page: give it to the next client's `pending`. Save it whenever `pending` is
   * told, which is before a command is sent; then not even a crash of the page makes one take effect twice.
   * @returns {PendingCommand[]}
   */
  savePending() {
    return this.#commands.saved();
  }

  /** The own ship in the picture; undefined while it is not in view. */
  get ship() {
    return this.world ? this.picture.ships.get(this.world.ship) : undefined;
  }

  /** The grid of the world that the ship is in. */
  get grid() {
    return this.world && new Grid(this.world);
  }

  /**
   * Calls the handler with the body of each message of this type, or with the client's own events.
   * @template {string} K
   * @param {K} type
   * @param {(body: K extends keyof Events ? Events[K] : any, message: Message | null) => void} handler
   * @returns {() => void} stops it
   */
  on(type, handler) {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => void handlers.delete(handler);
  }

  /**
   * Gives a command. Resolves with the body of `ok`, rejects with a Refusal. Given while there is no connection for a moment, it is sent
   * with the next one. Economic commands are repeated with the same id until they are decided, over any number of connections; while the
   * client is closed they wait for the next `connect` of the same player, except those that were given before the first welcome: whose they
   * are nobody knows. Questions and flight fail as `connection_lost` when the session is lost for good.
   * @param {string} type
   * @param {Record<string, any>} [body]
   * @returns {Promise<any>}
   */
  command(type, body = {}) {
    if (this.state.phase === 'idle' || this.state.phase === 'closed') {
      return Promise.reject(new Refusal('not_connected', 'the client is not connected'));
    }
    return this.#commands.give(type, body);
  }

  // Connecting and coming back

  /** @param {boolean} renew whether the last token was refused */
  async #attempt(renew) {
    this.#waiting.abort();
    this.#setState({ phase: 'connecting', attempt: this.state.attempt + 1, retryAtMs: null, reconnect: true });
    const ticket = (this.#ticket = {});
    this.#renewNext = renew;
    let hello;
    try {
      hello = await this.#hello(renew);
    } catch (error) {
      if (this.#ticket === ticket) this.#noToken(error);
      return;
    }
    if (this.#ticket !== ticket) return;
    this.#renewNext = false;
    this.#open(hello);
  }

  /** Stands for the attempt under way; another object when it is not wanted any more. */
  #ticket = {};

  /** @param {any} hello */
  #open(hello) {
    const { encoding, socket, url } = this.#options;
    let opened;
    try {
      opened = socket(socketUrl(url), [SUBPROTOCOLS[encoding]]);
    } catch (error) {
      // No WebSocket here, or not with this address: another attempt would end alike.
      const refusal = new Refusal('not_connected', String(error));
      return this.#finish({ code: 1006, reason: refusal.message, bye: null, refusal, retryAfterMs: null });
    }
    /** @type {Link} */
    const link = new Link(opened, { encoding, now: this.#now, hello }, {
      message: (message) => this.#link === link && this.#message(message),
      end: (end) => this.#link === link && this.#ended(end),
      seen: () => this.#seen,
      latency: (ms, samples) => this.#setLatency(ms, samples),
    });
    this.#link = link;
  }

  /** @param {boolean} renew */
  async #hello(renew) {
    const { token, guest } = this.#credentials;
    const access = typeof token === 'function' ? await token(renew) : token;
    const hasWindow = this.#resume && (this.#resume.untilMs === null || this.#now() < this.#resume.untilMs);
    const resume = this.#resume && (hasWindow || !access) ? { token: this.#resume.token, seen: this.#seen } : undefined;
    if (!access && !resume && !guest) throw new Refusal('not_authenticated', 'there is nothing to come back with');
    return { token: access, guest: access || resume ? undefined : guest, resume, client: this.#options.name };
  }

  /**
   * No access token could be had: the log-in is over, or whoever gives them cannot be reached.
   * @param {unknown} error
   */
  #noToken(error) {
    const { code: why = 'connection_lost', message = String(error), retryAfterMs = null } = /** @type {Partial<Refusal>} */ (error ?? {});
    const refusal = error instanceof Refusal ? error : new Refusal(why, message, retryAfterMs);
    const isOver = refusal.code === 'not_authenticated' || refusal.code === 'banned';
    const code = isOver ? NOT_AUTHENTICATED : 1006;
    if (isOver) this.#renewed = true;
    this.#ended({ code, reason: refusal.message, bye: null, refusal, retryAfterMs: null });
  }

  /** @param {End} end */
  #ended(end) {
    const rule = (end.code !== 1000 || end.bye || this.#leaving ? CLOSES.get(end.code) : undefined) ?? LOST;
    const reconnect = (end.bye ? end.bye.reconnect : rule.reconnect) && !this.#leaving;
    this.#link = null;
    clearTimeout(this.#timer);
    this.#commands.disconnected();
    if (!rule.resumable) this.#resume = null;
    if (this.state.phase === 'online') this.#wasOnline();
    if (end.code === NOT_AUTHENTICATED && this.#mayRenew()) return void this.#attempt(true);
    if (reconnect) this.#waitForNext(end);
    else this.#finish(end);
  }

  /** The session's window begins; after a while online, waits begin with the shortest again. */
  #wasOnline() {
    if (this.#resume && this.welcome) this.#resume.untilMs = this.#now() + this.welcome.resume_window_ms;
    if (this.#now() - this.#onlineSinceMs >= STABLE_MS) this.state = { ...this.state, attempt: 0 };
  }

  /** A refused token is renewed once, where it can be. */
  #mayRenew() {
    const may = typeof this.#credentials.token === 'function' && !this.#renewed;
    this.#renewed = true;
    return may;
  }

  /** @param {End} end */
  #waitForNext(end) {
    const { bye, refusal, retryAfterMs } = end;
    const told = Math.max(bye?.retry_after_ms ?? 0, refusal?.retryAfterMs ?? 0, retryAfterMs ?? 0);
    this.#told = told > 0;
    const waitMs = this.#told ? told * (1 + TOLD_SPREAD * this.#random()) : this.#backoffMs();
    this.#timer = setTimeout(() => this.#attempt(this.#renewNext), waitMs);
    this.#waiting = new AbortController();
    whenReachable(this.#waiting.signal, () => this.retryNow());
    this.#setState({ ...whyEnded(end), phase: 'waiting', retryAtMs: Date.now() + waitMs, reconnect: true });
  }

  #backoffMs() {
    const doublings = Math.min(Math.max(this.state.attempt - 1, 0), 10);
    const waitMs = Math.min(BACKOFF_MS_MIN * 2 ** doublings, BACKOFF_MS_MAX);
    return waitMs * (1 - BACKOFF_SPREAD + 2 * BACKOFF_SPREAD * this.#random());
  }

  /** @param {End} end */
  #finish(end) {
    const refusal = end.refusal ?? new Refusal('connection_lost', end.reason || `closed with ${end.code}`);
    this.#stop(refusal);
    this.#commands.closed(refusal);
    this.#setState({ ...whyEnded(end), phase: 'closed', retryAtMs: null, reconnect: false });
  }

  /**
   * Ends whatever is under way.
   * @param {Refusal} refusal
   */
  #stop(refusal) {
    this.#ticket = {};
    this.#waiting.abort();
    clearTimeout(this.#timer);
    this.#link?.close();
    this.#link = null;
    this.#commands.disconnected();
    this.#connecting?.reject(refusal);
    this.#connecting = null;
  }

  // Messages

  /** @param {Message} message */
  #message(message) {
    const { type, body, number } = message;
    if (number !== null) {
      if (number <= this.#seen) return; // Sent again, and handled before.
      this.#seen = number;
    }
    switch (type) {
      case 'welcome': return this.#welcomed(body, message);
      case 'cells': return this.#cells(body);
      case 'ok': return this.#commands.succeeded(/** @type {number} */ (message.id), body);
      case 'error': if (message.id !== null) return this.#commands.refused(message.id, Refusal.of(body)); break;
      case 'entered': this.#entered(body); break;
      case 'dilation': this.#slowed(body); break;
      case 'heartbeat': this.#heartbeat(body.tick); break;
      case 'notification': if (body.notice?.renamed) this.name = body.notice.renamed.name; break;
      default:
    }
    this.#emit(type, body, message);
  }

  /**
   * @param {Welcome} welcome
   * @param {Message} message
   */
  #welcomed(welcome, message) {
    if (!welcome.resumed) this.#seen = 0;
    if (welcome.account) this.#becomeGuest(welcome.account);
    this.welcome = welcome;
    this.player = welcome.player;
    this.name = welcome.name;
    this.guest = welcome.guest;
    this.#resume = { token: welcome.resume_token, untilMs: null };
    this.#renewed = false;
    this.#onlineSinceMs = this.#now();
    this.#dilation = null;
    this.clock.setFullPace(1000 / welcome.tick_hz);
    this.#enter(welcome.world);
    this.clock.observe(welcome.world.tick);
    this.#link?.live(welcome.heartbeat_ms);
    this.#connecting?.resolve(welcome);
    this.#connecting = null;
    const link = this.#link;
    // Before anybody hears of it, so that what handlers give belongs to this session and goes out at once.
    this.#commands.welcomed(welcome.player, welcome.resumed);
    // Unless a handler has closed the client, or connected it anew.
    if (this.#link === link) this.#setState({ phase: 'online', retryAtMs: null, code: null, reason: '', reconnect: true, refusal: null });
    if (this.#link === link) this.#emit('welcome', welcome, message);
  }

  /**
   * A guest comes back with tokens, never as another guest.
   * @param {{ access_token: string, refresh_token: string }} account
   */
  #becomeGuest(account) {
    this.account = account;
    this.#credentials = { token: account.access_token };
  }

  /** @param {Entered} entered */
  #entered(entered) {
    if (this.#dilation?.world_number !== entered.world_number) this.#dilation = null;
    this.#enter(entered);
  }

  /** @param {Entered} entered */
  #enter(entered) {
    const { tick_hz: tickHz, cell_units: cellUnits, interest_radius_units: interestRadiusUnits } = /** @type {Welcome} */ (this.welcome);
    // One that was missed and is sent again tells of a tick that is over; the clock knows better, unless the world is another one.
    if (this.world?.number !== entered.world_number) {
      this.picture.begin(entered.world_number);
      this.clock.reset();
      this.clock.observe(entered.tick);
    }
    this.world = {
      key: entered.world, number: entered.world_number, sizeUnits: entered.size_units, ship: entered.ship,
      tickHz, cellUnits, interestRadiusUnits, position: entered.position, tick: entered.tick,
    };
    this.#pace();
    for (const { body, nowMs } of this.#early.splice(0)) if (body[0] === entered.world_number) this.#see(body, nowMs);
  }

  /**
   * So that picture, clock and `world` are always of the same world, cells of another one wait for its `entered`.
   * @param {CellsBody} body
   */
  #cells(body) {
    if (body[0] === this.world?.number) return this.#see(body, this.#now());
    this.#early.push({ body, nowMs: this.#now() });
    if (this.#early.length > EARLY_MAX) this.#early.shift();
  }

  /**
   * @param {CellsBody} body
   * @param {number} nowMs when it came
   */
  #see(body, nowMs) {
    const changes = this.picture.apply(body);
    this.clock.observe(body[1], nowMs);
    this.#emit('cells', { tick: body[1], changes });
  }

  /** @param {number} tick */
  #heartbeat(tick) {
    // It may be of the world that the ship is on its way to.
    this.clock.observe(tick, this.#now(), false);
    this.#commands.missedCame();
  }

  /** @param {{ world_number: number, tick_ms: number }} dilation */
  #slowed(dilation) {
    this.#dilation = dilation;
    this.#pace();
  }

  #pace() {
    if (!this.world) return;
    const fullMs = 1000 / this.world.tickHz;
    const told = this.#dilation?.world_number === this.world.number ? this.#dilation.tick_ms : fullMs;
    // The server tells whole milliseconds.
    this.clock.setPace(told === Math.round(fullMs) ? fullMs : told);
  }

  /**
   * @param {number} ms
   * @param {number} samples
   */
  #setLatency(ms, samples) {
    if (samples > 1) this.latencyMs = ms;
    this.clock.setLead(ms / 2);
  }

  // Events

  /** @param {Partial<State>} change */
  #setState(change) {
    const before = this.state;
    const isNew = Object.entries(change).some(([key, value]) => before[/** @type {keyof State} */ (key)] !== value);
    this.state = { ...before, ...change };
    if (isNew) this.#emit('state', this.state);
  }

  /**
   * A handler that fails is the page's mistake: it is reported as such, and the others are called all the same.
   * @param {string} type
   * @param {any} body
   * @param {Message | null} [message]
   */
  #emit(type, body, message = null) {
    for (const handler of [...(this.#handlers.get(type) ?? [])]) {
      try {
        handler(body, message);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/**
 * @param {End} end
 * @returns {Partial<State>}
 */
const whyEnded = ({ code, reason, refusal }) => ({ code, reason: refusal?.message || reason, refusal });

/**
 * In browsers: when the network is back, or the page comes to the foreground, where timers are not slowed down any more.
 * @param {AbortSignal} signal ends it
 * @param {() => void} then
 */
function whenReachable(signal, then) {
  globalThis.addEventListener?.('online', then, { signal });
  const page = globalThis.document;
  page?.addEventListener('visibilitychange', () => page.hidden || then(), { signal });
}

/** @type {SocketFactory} */
const defaultSocket = (url, protocols) => {
  if (typeof WebSocket === 'undefined') throw new Error('there is no WebSocket here: give the option `socket`');
  return new WebSocket(url, protocols);
};

/**
 * The address of `/ws`, of the page's own host when none is given.
 * @param {string | undefined} url
 */
function socketUrl(url) {
  const given = new URL(url ?? '/ws', globalThis.location?.href);
  given.protocol = given.protocol.replace('http', 'ws');
  return given.href;
}

// ---------------------------------------------------------------------------------------------------------------------
// HTTP
// ---------------------------------------------------------------------------------------------------------------------

const REQUEST_MS_MAX = 20_000;
const REFRESH_TRIES = 3;

/** @typedef {{ player: string, name: string, access_token: string, refresh_token: string, expires_in: number }} Tokens */

/** The HTTP API: accounts, the catalogue, and the economy's questions. Everything rejects with a Refusal. */
export class Api {
  #base;
  #fetch;
  /** @type {{ etag: string, catalog: any } | null} */
  #catalog = null;

  /**
   * @param {string} [baseUrl] of the server; the page's own when left out
   * @param {{ fetch?: typeof fetch }} [options]
   */
  constructor(baseUrl = '', { fetch: ask = (...args) => fetch(...args) } = {}) {
    this.#base = baseUrl.replace(/\/$/, '');
    this.#fetch = ask;
  }

  /**
   * @param {string} name
   * @param {string} password
   * @returns {Promise<Tokens>}
   */
  register(name, password) {
    return this.#post('auth/register', { name, password });
  }

  /**
   * @param {string} name
   * @param {string} password
   * @returns {Promise<Tokens>}
   */
  login(name, password) {
    return this.#post('auth/login', { name, password });
  }

  /**
   * New tokens. When the answer is lost the same is asked again, which the server answers alike.
   * @param {string} refreshToken
   * @returns {Promise<Tokens>}
   */
  async refresh(refreshToken) {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#post('auth/refresh', { refresh_token: refreshToken });
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'connection_lost' || tries >= REFRESH_TRIES) throw error;
      }
    }
  }

  /**
   * Ends the log-in.
   * @param {string} refreshToken
   * @returns {Promise<void>}
   */
  logout(refreshToken) {
    return this.#post('auth/logout', { refresh_token: refreshToken });
  }

  /**
   * Gives a guest a name and a password.
   * @param {string} name
   * @param {string} password
   * @param {string} accessToken the guest's
   * @returns {Promise<Tokens>}
   */
  claim(name, password, accessToken) {
    return this.#post('auth/claim', { name, password }, accessToken);
  }

  /**
   * The catalogue: sectors, hubs, items, ships, … Asked again it is only transferred when it has changed.
   * @returns {Promise<any>}
   */
  async catalog() {
    /** @type {Record<string, string>} */
    const headers = this.#catalog ? { 'If-None-Match': this.#catalog.etag } : {};
    const response = await this.#request('/api/v1/catalog', { headers });
    if (response.status === 304 && this.#catalog) return this.#catalog.catalog;
    const catalog = await bodyOf(response);
    this.#catalog = { etag: response.headers.get('ETag') ?? '', catalog };
    return catalog;
  }

  /**
   * Asks a question over HTTP.
   * @param {string} path below `/api/v1/`, or from the host on when it begins with a slash
   * @param {Record<string, string | number | boolean | null | undefined>} [params] those without a value are left out
   * @param {string | null} [token] an access token, where the question needs one
   * @returns {Promise<any>}
   */
  async get(path, params = {}, token = null) {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(params)) if (value !== null && value !== undefined) query.set(key, String(value));
    const text = query.toString();
    return bodyOf(await this.#request(absolute(path) + (text && `?${text}`), { headers: bearer(token) }));
  }

  /**
   * Gives an economic command over HTTP. Repeat it with the same id until it is decided.
   * @param {string} type
   * @param {Record<string, any>} body
   * @param {number} id
   * @param {string} token
   * @returns {Promise<any>}
   */
  command(type, body, id, token) {
    return this.#post('commands', [type, body, id], token);
  }

  /**
   * @param {string} path
   * @param {any} body
   * @param {string | null} [token]
   */
  async #post(path, body, token = null) {
    const headers = { 'Content-Type': 'application/json', ...bearer(token) };
    return bodyOf(await this.#request(absolute(path), { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   */
  async #request(path, init) {
    try {
      return await this.#fetch(this.#base + path, { ...init, signal: AbortSignal.timeout(REQUEST_MS_MAX) });
    } catch (error) {
      throw new Refusal('connection_lost', `the server does not answer: ${error}`);
    }
  }
}

/** @param {string} path */
const absolute = (path) => (path.startsWith('/') ? path : `/api/v1/${path}`);

/**
 * @param {string | null} token
 * @returns {Record<string, string>}
 */
const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

/** @param {Response} response */
async function bodyOf(response) {
  if (response.status === 204) return undefined;
  let body;
  try {
    body = await response.json();
  } catch {
    if (response.ok) throw new Refusal('connection_lost', 'the answer was cut off');
  }
  if (response.ok) return body;
  const { code = `http_${response.status}`, detail, title, retry_after_ms: told, type: _, ...details } = body ?? {};
  const retryAfterMs = told ?? retryAfterOf(response);
  throw new Refusal(code, detail ?? title ?? `the server answered ${response.status}`, retryAfterMs, { ...details, status: response.status });
}

/** @param {Response} response */
function retryAfterOf(response) {
  const seconds = Number(response.headers.get('Retry-After') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

// ---------------------------------------------------------------------------------------------------------------------
// A simulator of bad networks
// ---------------------------------------------------------------------------------------------------------------------

/**
 * How bad.
 * @typedef {object} Conditions
 * @property {number} latencyMs added to each message, in each direction
 * @property {number} jitterPercent by how much of the latency a message's own one is more or less at most
 * @property {number} lossOfConnectionEveryMs how long a connection lives on average; 0: as long as it likes
 */

/**
 * Makes connections as bad as told. Messages keep their order, as TCP keeps it; a lost connection ends without a close frame, and what was on
 * its way is lost. With the same seed and the same traffic it does the same.
 */
export class NetworkConditions {
  #random;
  #open;
  #refusedUntilMs = 0;
  /** @type {Set<SimulatedSocket>} */
  #sockets = new Set();
  /** @type {Conditions} */
  #conditions = { latencyMs: 0, jitterPercent: 0, lossOfConnectionEveryMs: 0 };

  /** @param {Partial<Conditions> & { seed?: number, socket?: SocketFactory }} [options] `socket` opens the real ones */
  constructor({ seed = 1, socket = defaultSocket, ...conditions } = {}) {
    this.#random = seededRandom(seed);
    this.#open = socket;
    this.set(conditions);
    /**
     * For the client's option `socket`.
     * @type {SocketFactory}
     */
    this.socket = (url, protocols) => this.#connect(url, protocols);
  }

  get conditions() {
    return { ...this.#conditions };
  }

  /** @param {Partial<Conditions>} conditions what is left out stays as it is */
  set(conditions) {
    this.#conditions = { ...this.#conditions, ...conditions };
    for (const socket of this.#sockets) socket.planLoss(this.#lifeMs());
  }

  /**
   * Loses all connections that there are.
   * @param {{ silent?: boolean }} [how] silent: the client is not told either, and must find out by itself
   */
  drop({ silent = false } = {}) {
    for (const socket of [...this.#sockets]) socket.lose(silent);
  }

  /**
   * New connections fail for so long.
   * @param {number} ms 0: not any more
   */
  refuse(ms) {
    this.#refusedUntilMs = performance.now() + ms;
  }

  /**
   * @param {string} url
   * @param {string[]} protocols
   */
  #connect(url, protocols) {
    const isRefused = performance.now() < this.#refusedUntilMs;
    const socket = new SimulatedSocket(isRefused ? null : this.#open(url, protocols), {
      delayMs: () => this.#delayMs(),
      gone: () => void this.#sockets.delete(socket),
    });
    this.#sockets.add(socket);
    socket.planLoss(this.#lifeMs());
    return socket;
  }

  #delayMs() {
    const { latencyMs, jitterPercent } = this.#conditions;
    return latencyMs * (1 + (jitterPercent / 100) * (2 * this.#random() - 1));
  }

  #lifeMs() {
    const { lossOfConnectionEveryMs: mean } = this.#conditions;
    return mean > 0 ? mean * (0.5 + this.#random()) : null;
  }
}

/** A queue that hands things out later, in the order in which they came. */
class DelayLine {
  /** @type {{ atMs: number, act: () => void }[]} */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {number} delayMs
   * @param {() => void} act
   */
  after(delayMs, act) {
    this.#waiting.push({ atMs: performance.now() + delayMs, act });
    if (this.#waiting.length === 1) this.#arm();
  }

  clear() {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #arm() {
    const [first] = this.#waiting;
    if (first) this.#timer = setTimeout(() => this.#deliver(), Math.max(0, first.atMs - performance.now()));
  }

  #deliver() {
    const nowMs = performance.now();
    const line = this.#waiting;
    while (line.length > 0 && line[0].atMs <= nowMs && line === this.#waiting) line.shift()?.act();
    if (line === this.#waiting) this.#arm();
  }
}

/** A WebSocket with a bad network before it. */
class SimulatedSocket {
  #real;
  #hooks;
  #outward = new DelayLine();
  #inward = new DelayLine();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #loss;
  #isOver = false;
  binaryType = 'arraybuffer';
  /** @type {SocketLike['onopen']} */
  onopen = null;
  /** @type {SocketLike['onmessage']} */
  onmessage = null;
  /** @type {SocketLike['onclose']} */
  onclose = null;
  /** @type {SocketLike['onerror']} */
  onerror = null;

  /**
   * @param {SocketLike | null} real null: the connection is refused
   * @param {{ delayMs: () => number, gone: () => void }} hooks
   */
  constructor(real, hooks) {
    this.#real = real;
    this.#hooks = hooks;
    if (real) this.#listen(real);
    else setTimeout(() => this.lose(false), hooks.delayMs());
  }

  get retryAfterMs() {
    return this.#real?.retryAfterMs;
  }

  /** @param {SocketLike} real */
  #listen(real) {
    real.binaryType = 'arraybuffer';
    real.onopen = (event) => this.#later(() => this.onopen?.(event));
    real.onmessage = ({ data }) => this.#later(() => this.onmessage?.({ data }));
    real.onclose = ({ code, reason }) => this.#later(() => this.#over({ code, reason }));
    real.onerror = (event) => this.#later(() => this.onerror?.(event));
  }

  /** @param {any} data */
  send(data) {
    if (!this.#isOver) this.#outward.after(this.#hooks.delayMs(), () => this.#real?.send(data));
  }

  /**
   * @param {number} [code]
   * @param {string} [reason]
   */
  close(code, reason) {
    if (this.#isOver) return;
    const real = this.#real;
    this.#outward.after(this.#hooks.delayMs(), () => real?.close(code, reason));
    this.#end();
  }

  /**
   * @param {number | null} lifeMs
   */
  planLoss(lifeMs) {
    clearTimeout(this.#loss);
    if (lifeMs !== null && !this.#isOver) this.#loss = setTimeout(() => this.lose(false), lifeMs);
  }

  /**
   * Nothing goes through any more, in neither direction. The real connection stays open without being read, for a close would tell
   * the server; it ends when the server finds it silent.
   * @param {boolean} silent
   */
  lose(silent) {
    if (this.#isOver) return;
    this.#outward.clear();
    const real = this.#real;
    if (real) real.onopen = real.onmessage = real.onclose = null;
    if (real) real.onerror = () => {};
    if (silent) return this.#end();
    this.#over({ code: 1006, reason: 'the simulated network lost the connection' });
  }

  /** @param {() => void} act */
  #later(act) {
    if (!this.#isOver) this.#inward.after(this.#hooks.delayMs(), act);
  }

  /** @param {{ code: number, reason: string }} event */
  #over(event) {
    if (this.#isOver) return;
    this.#end();
    this.onclose?.(event);
  }

  #end() {
    this.#isOver = true;
    clearTimeout(this.#loss);
    this.#inward.clear();
    this.#hooks.gone();
  }
}

/**
 * Numbers from 0 to less than 1, the same ones for the same seed (mulberry32).
 * @param {number} seed a whole number
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
