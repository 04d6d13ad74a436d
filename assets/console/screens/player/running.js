// Running totals of a player's ledger rows. Pure.
//
//   const totals = runningTotals('player:…', {credits, goods});     what the player held after the first row that will come
//   rows.map(totals)          rows newest first → {...row, delta, balance}: what it added or took, and what there was of it afterwards

export function runningTotals(account, holdings) {
  const held = new Map([[null, holdings.credits ?? 0], ...Object.entries(holdings.goods ?? {})]);
  return (row) => {
    const delta = (row.to === account ? row.amount : 0) - (row.from === account ? row.amount : 0);
    const balance = held.get(row.item) ?? 0;
    held.set(row.item, balance - delta);
    return { ...row, delta, balance };
  };
}
