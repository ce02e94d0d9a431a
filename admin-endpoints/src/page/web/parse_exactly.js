// JSON with integers that a number of JavaScript cannot have, beyond 2^53.

const MAY_BE_LARGE = /\d{16}/;

// Such integers become values that `JSON.stringify` writes as they were read. An object of a browser without them has a
// `note` that says so.
export function parseExactly(text) {
  if (!MAY_BE_LARGE.test(text)) return JSON.parse(text);
  let isRounded = false;
  const value = JSON.parse(text, (_, it, context) => {
    if (!Number.isInteger(it) || Number.isSafeInteger(it)) return it;
    if (context?.source && JSON.rawJSON) return JSON.rawJSON(context.source);
    isRounded = true;
    return it;
  });
  return isRounded ? { ...value, rounded: 'this browser rounds integers beyond 2^53' } : value;
}
