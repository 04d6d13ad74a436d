// How fast the picture is drawn: frames per second, and how long the page worked on each. Keeps the last few seconds; allocates nothing per frame.
//
//   meter.frame(startedMs, endedMs, drawn); meter.stats() → {fps, frameMs: {p50, p95, max}, gapMs: {p50, p95, max}, drawn, frames}
//   fps is that of the last second or so; frameMs the time spent in the page's own code per frame; gapMs between the beginnings of two frames

const KEPT = 300;
const SECOND_MS = 1000;

export class Meter {
  constructor() {
    this.starts = new Float64Array(KEPT);
    this.works = new Float32Array(KEPT);
    this.gaps = new Float32Array(KEPT);
    this.frames = 0;
    this.drawn = 0;
    this.last = Number.NaN;
  }

  frame(started, ended, drawn) {
    const at = this.frames % KEPT;
    this.starts[at] = started;
    this.works[at] = ended - started;
    this.gaps[at] = Number.isNaN(this.last) ? 0 : started - this.last;
    this.last = started;
    this.drawn = drawn;
    this.frames += 1;
  }

  stats() {
    const kept = Math.min(this.frames, KEPT);
    const since = this.last - SECOND_MS;
    let recent = 0;
    let oldest = this.last;
    for (let at = 0; at < kept; at += 1) {
      if (this.starts[at] < since) continue;
      recent += 1;
      oldest = Math.min(oldest, this.starts[at]);
    }
    const fps = recent > 1 ? ((recent - 1) * SECOND_MS) / (this.last - oldest) : 0;
    return { fps, frameMs: spread(this.works.slice(0, kept)), gapMs: spread(this.gaps.slice(0, kept)), drawn: this.drawn, frames: this.frames };
  }
}

function spread(values) {
  values.sort();
  const part = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50: part(0.5), p95: part(0.95), max: part(1) };
}
