// Lines of a channel put together: each once, oldest first, however they came. Pure.

export function merge(lines, added) {
  const bySeq = new Map([...lines, ...added].map((line) => [line.seq, line]));
  return [...bySeq.values()].sort((left, right) => left.seq - right.seq);
}
