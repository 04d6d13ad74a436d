// The drawn picture against a simulated bad line: what is drawn never jumps, and comes back to the truth soon.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrawClock, FADE_MS, GLIDE_MS, Stage, TELEPORT_STEPS, courseX, courseY } from '../../../../assets/client/view/smoothing.js';

const TICK_MS = 50;
const FRAME_MS = 1000 / 60;
const SPEED = 110 * 256 * (TICK_MS / 1000);

/** The same random numbers each time. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const flight = (from, angle, departs, ticks) => ({
  from, to: [Math.round(from[0] + Math.cos(angle) * SPEED * ticks), Math.round(from[1] + Math.sin(angle) * SPEED * ticks)], departs, arrives: departs + ticks,
});

const picture = (course) => ({ ships: new Map(course ? [[1, { id: 1, kind: 'courier', name: 'Ada', course }]] : []), objects: new Map() });

/** A ship that turns sharply now and then, the fastest of the catalogue: its courses with the time at which the page hears of each. */
function turns(seed, count, latencyMs, jitter) {
  const draw = random(seed);
  const courses = [];
  let course = flight([256000, 256000], 0, 100, 400);
  let heard = 0;
  for (let index = 0; index < count; index += 1) {
    heard = Math.max(heard, course.departs * TICK_MS + latencyMs * (1 + jitter * (2 * draw() - 1)));
    courses.push({ course, heardAt: heard });
    const at = course.departs + 10 + Math.floor(draw() * 30);
    const place = [Math.round(courseX(course, at)), Math.round(courseY(course, at))];
    course = flight(place, draw() * 2 * Math.PI, at, 400);
  }
  return courses;
}

/** Plays the courses to a stage at 60 frames a second; `seen(track, now, heard)` after each frame. */
function play(courses, seen) {
  const clock = new DrawClock();
  const stage = new Stage();
  const end = courses.at(-1).heardAt + 1000;
  let next = 0;
  for (let now = courses[0].heardAt; now < end; now += FRAME_MS) {
    const tick = now / TICK_MS;
    const drawn = clock.advance(tick, TICK_MS, now);
    while (next < courses.length && courses[next].heardAt <= now) {
      stage.sync(picture(courses[next].course), clock);
      next += 1;
    }
    stage.advance(drawn, now);
    seen(stage.ships.get(1), now, next, drawn);
  }
}

function largestStep(courses) {
  let before = null;
  let largest = 0;
  play(courses, (track) => {
    if (before) largest = Math.max(largest, Math.hypot(track.x - before[0], track.y - before[1]));
    before = [track.x, track.y];
  });
  return largest;
}

const STEP = (SPEED * FRAME_MS) / TICK_MS;

test('on a good line a ship moves by its own speed alone', () => {
  assert.ok(largestStep(turns(7, 60, 20, 0)) < STEP * 1.1);
});

test('at 150 ms and 5 % jitter no frame moves a ship by more than its speed and an eighth of the largest error', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    // Drawn after DELAY_MAX at most, heard after 158 ms at most: an error of twice the speed for the time between them, before the delay has settled.
    const error = 2 * SPEED * (158 / TICK_MS);
    assert.ok(largestStep(turns(seed, 80, 150, 0.05)) < STEP * 1.1 + error / 8);
  }
});

test('once the delay has settled at 150 ms, turns are drawn where they were flown', () => {
  const courses = turns(11, 200, 150, 0.05);
  let worst = 0;
  play(courses, (track, now, next, drawn) => {
    if (next < 100 || next >= courses.length) return;
    const truth = [...courses].reverse().find(({ course }) => course.departs <= drawn).course;
    worst = Math.max(worst, Math.hypot(track.x - courseX(truth, drawn), track.y - courseY(truth, drawn)));
  });
  assert.ok(worst < SPEED / 2, `off by ${worst / 256} units`);
});

test('a course heard late melts into the true one within the glide', () => {
  const stage = new Stage();
  const first = flight([256000, 256000], 0, 100, 200);
  const turned = flight([Math.round(courseX(first, 110)), 256000], Math.PI, 110, 200);
  stage.sync(picture(first));
  stage.advance(112, 1000);
  const before = { ...stage.ships.get(1) };
  stage.sync(picture(turned));
  stage.advance(112 + FRAME_MS / TICK_MS, 1000 + FRAME_MS);
  const track = stage.ships.get(1);
  assert.ok(Math.hypot(track.x - before.x, track.y - before.y) < STEP * 1.5, 'begins where it was shown');
  for (let now = FRAME_MS; now <= GLIDE_MS + 2 * FRAME_MS; now += FRAME_MS) stage.advance(112 + now / TICK_MS, 1000 + now);
  assert.equal(track.x, courseX(turned, track.tick));
  assert.equal(track.y, courseY(turned, track.tick));
});

test('what was moved far away fades in there and does not race across the screen', () => {
  const stage = new Stage();
  const course = flight([256000, 256000], 0, 100, 200);
  stage.sync(picture(course));
  for (let now = 0; now <= FADE_MS + FRAME_MS; now += FRAME_MS) stage.advance(100 + now / TICK_MS, now);
  const track = stage.ships.get(1);
  assert.equal(track.alpha, 1);
  stage.sync(picture(flight([256000 + 2 * TELEPORT_STEPS, 256000], 0, 101, 200)));
  stage.advance(106, 300);
  assert.ok(track.alpha < 0.2);
  assert.equal(track.x, courseX(track.course, 106));
});

test('a course that begins later than what is drawn waits for its tick', () => {
  const stage = new Stage();
  const first = flight([256000, 256000], 0, 100, 200);
  stage.sync(picture(first));
  stage.advance(102, 0);
  stage.sync(picture(flight([Math.round(courseX(first, 110)), 256000], Math.PI / 2, 110, 200)));
  stage.advance(109, 16);
  const track = stage.ships.get(1);
  assert.equal(track.y, 256000);
  stage.advance(111, 32);
  assert.ok(track.y > 256000);
});

test('what leaves fades out on its course, and comes back without a jump', () => {
  const stage = new Stage();
  const course = flight([256000, 256000], 0, 100, 200);
  stage.sync(picture(course));
  for (let now = 0; now <= 400; now += FRAME_MS) stage.advance(100 + now / TICK_MS, now);
  stage.sync(picture(null));
  stage.advance(109, 500);
  const track = stage.ships.get(1);
  assert.ok(track.gone && track.alpha > 0 && track.alpha < 1);
  assert.equal(track.x, courseX(course, 109));
  stage.sync(picture(course));
  assert.equal(stage.ships.get(1), track);
  stage.sync(picture(null));
  stage.advance(120, 500 + FADE_MS + 1);
  assert.equal(stage.ships.size, 0);
});

test('with reduced motion things are there or not', () => {
  const stage = new Stage();
  stage.sync({ ships: new Map(), objects: new Map([[5, { id: 5, kind: 'ice_chunk', at: [1, 2] }]]) });
  stage.advance(1, 0, true);
  assert.equal(stage.objects.get(5).alpha, 1);
  stage.sync(picture(null));
  stage.advance(2, 16, true);
  assert.equal(stage.objects.size, 0);
});

test('after a pause of the page nothing glides from where it was long ago', () => {
  const stage = new Stage();
  const first = flight([256000, 256000], 0, 100, 2000);
  stage.sync(picture(first));
  stage.advance(100, 0);
  const turned = flight([Math.round(courseX(first, 110)), 256000], Math.PI, 110, 2000);
  stage.sync(picture(turned));
  stage.advance(120, 5000);
  assert.equal(stage.ships.get(1).x, courseX(turned, 120));
});

test('the drawn tick never goes back in a world, grows by about real time, and follows into another world', () => {
  const clock = new DrawClock();
  const draw = random(3);
  let before = clock.advance(1000, TICK_MS, 0);
  for (let now = FRAME_MS; now < 5000; now += FRAME_MS) {
    clock.observe(clock.heard - draw() * 6);
    const tick = clock.advance(1000 + now / TICK_MS, TICK_MS, now);
    assert.ok(tick >= before && tick - before < (FRAME_MS / TICK_MS) * 1.05);
    before = tick;
  }
  assert.ok(clock.advance(5, TICK_MS, 5100) < 5);
});
