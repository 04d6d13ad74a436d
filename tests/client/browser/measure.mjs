// Not a test: measures the page in a browser beside a server that somebody has filled with bots (README.md, "The page"). GAME_URL is the server, SECONDS how
// long (60), WIDTH the window's, SOFTWARE=1 draws without a GPU. Prints a line of JSON every ten seconds and one at the end.
//
//   fps, frameMs (the page's own drawing code per frame), gapMs: as view.stats() tells; taskMs: main-thread time per frame with everything, layout, paint and
//   network included; heapMb: JavaScript's, after a collection; ships, objects: in sight

import { open } from './lib/measuring.mjs';

const { SECONDS = '60', WIDTH = '1280' } = process.env;
const EVERY_MS = 10_000;

const { browser, page, session } = await open(Number(WIDTH));
const metrics = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
const stats = () => page.evaluate(() => globalThis.orrery.view.stats());
const round = (value) => Math.round(value * 100) / 100;
const samples = [];
let [before, drawn] = [await metrics(), await stats()];
for (const end = Date.now() + Number(SECONDS) * 1000; Date.now() < end;) {
  await page.waitForTimeout(EVERY_MS);
  const [now, seen] = [await metrics(), await stats()];
  const frames = Math.max(1, seen.frames - drawn.frames);
  const seconds = now.Timestamp - before.Timestamp;
  await session.send('HeapProfiler.collectGarbage');
  const heap = (await metrics()).JSHeapUsedSize / 2 ** 20;
  const sample = {
    fps: round(frames / seconds), taskMs: round(((now.TaskDuration - before.TaskDuration) * 1000) / frames), scriptMs: round(((now.ScriptDuration - before.ScriptDuration) * 1000) / frames),
    frameMs: seen.frameMs, gapMs: seen.gapMs, heapMb: round(heap), ships: seen.ships, objects: seen.objects, drawn: seen.drawn,
  };
  samples.push(sample);
  console.log(JSON.stringify(sample));
  [before, drawn] = [await metrics(), await stats()];
}
const middle = (key) => samples.map((sample) => sample[key]).sort((a, b) => a - b)[Math.floor(samples.length / 2)];
console.log(JSON.stringify({ median: { fps: middle('fps'), taskMs: middle('taskMs'), scriptMs: middle('scriptMs'), ships: middle('ships') }, heapMb: { first: samples[0].heapMb, last: samples.at(-1).heapMb } }));
await browser.close();
