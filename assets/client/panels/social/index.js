// The panels of what players do together, in their order, and what of them goes on while no panel is open.

export const social = [];

export function startSocial() {
  return () => {};
}
