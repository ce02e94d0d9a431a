// The text format of Prometheus, version 0.0.4.

const SUFFIXES = { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] };

// Returns a map of families: name to { name, type, help, samples: [{ name, labels, value }] }.
// `labels` is the text between the braces, which identifies a series.
export function parseMetrics(text) {
  const families = new Map();
  let family = null;
  const familyOf = (name) => {
    let found = families.get(name);
    if (!found) {
      found = { name, type: 'untyped', help: '', samples: [] };
      families.set(name, found);
    }
    return found;
  };
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.startsWith('# HELP ')) {
      const space = line.indexOf(' ', 7);
      family = familyOf(space < 0 ? line.slice(7) : line.slice(7, space));
      if (space > 0) family.help = line.slice(space + 1).replace(/\\(\\|n)/g, (_, it) => (it === 'n' ? '\n' : '\\'));
    } else if (line.startsWith('# TYPE ')) {
      const space = line.indexOf(' ', 7);
      family = familyOf(line.slice(7, space));
      family.type = line.slice(space + 1);
    } else if (line && !line.startsWith('#')) {
      const sample = parseSample(line);
      if (!sample) continue;
      if (!family || !belongs(sample.name, family)) family = familyOf(sample.name);
      family.samples.push(sample);
    }
  }
  return families;
}

function belongs(name, family) {
  if (name === family.name) return true;
  const suffixes = SUFFIXES[family.type] ?? [];
  return suffixes.some((suffix) => name === family.name + suffix);
}

function parseSample(line) {
  const brace = line.indexOf('{');
  const space = line.indexOf(' ');
  if (brace < 0 || (space >= 0 && space < brace)) {
    return { name: line.slice(0, space), labels: '', value: parseValue(line.slice(space + 1)) };
  }
  const close = endOfLabels(line, brace);
  if (close < 0) return null;
  return {
    name: line.slice(0, brace),
    labels: line.slice(brace + 1, close),
    value: parseValue(line.slice(close + 2)),
  };
}

// A brace in a quoted value does not end the labels.
function endOfLabels(line, from) {
  let isQuoted = false;
  for (let at = from; at < line.length; at += 1) {
    const character = line[at];
    if (character === '\\' && isQuoted) at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === '}' && !isQuoted) return at;
  }
  return -1;
}

function parseValue(text) {
  const value = text.split(' ', 1)[0];
  if (value === '+Inf') return Infinity;
  if (value === '-Inf') return -Infinity;
  return Number(value);
}

// The labels of a bucket without `le`, and its bound.
export function splitBucket(labels) {
  const found = /(^|,)le="([^"]*)"/.exec(labels);
  if (!found) return null;
  const rest = (labels.slice(0, found.index) + labels.slice(found.index + found[0].length)).replace(/^,/, '');
  return { labels: rest, bound: parseValue(found[2]) };
}

// A quantile of cumulative buckets [{ bound, count }], as Prometheus' histogram_quantile has it.
export function quantile(buckets, fraction) {
  const sorted = [...buckets].sort((a, b) => a.bound - b.bound);
  const total = sorted.at(-1)?.count ?? 0;
  if (!(total > 0)) return null;
  const rank = fraction * total;
  let [lower, before] = [0, 0];
  for (const { bound, count } of sorted) {
    if (count >= rank) {
      if (!Number.isFinite(bound)) return lower;
      return lower + (bound - lower) * ((rank - before) / Math.max(count - before, 1e-12));
    }
    [lower, before] = [bound, count];
  }
  return lower;
}
