// Values as people read them.

// Made once: each takes longer to make than to use.
const IN_FULL = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const FOUR_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

export function formatNumber(value) {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return IN_FULL.format(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e15)) return value.toExponential(2);
  if (size >= 1000) return IN_FULL.format(value);
  return FOUR_DIGITS.format(value);
}

export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-6) return `${Number((seconds * 1e9).toPrecision(3))} ns`;
  if (size < 1e-3) return `${Number((seconds * 1e6).toPrecision(3))} µs`;
  if (size < 1) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  if (size < 60) return `${Number(seconds.toFixed(size < 10 ? 1 : 0))} s`;
  if (size < 3600) return inTwoUnits(seconds, [60, 'min'], [1, 's']);
  if (size < 86400) return inTwoUnits(seconds, [3600, 'h'], [60, 'min']);
  return inTwoUnits(seconds, [86400, 'd'], [3600, 'h']);
}

function inTwoUnits(seconds, [large, largeName], [small, smallName]) {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ''}`;
}

// A time of the server, which is in UTC even without a suffix.
export function parseTime(text) {
  if (typeof text === 'number') return new Date(text * 1000);
  if (!text) return null;
  const hasZone = /(Z|[+-]\d\d:\d\d)$/.test(text);
  const time = new Date(hasZone ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? null : time;
}

export function formatAgo(time, now) {
  const seconds = (now - time.getTime()) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `${formatDuration(seconds)} ago` : `in ${formatDuration(-seconds)}`;
}

export function formatExact(time) {
  return time.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

export function formatBytes(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

// A text with `code` between backticks, as [text, code, text, ..]; one that does not end is text.
export function codeParts(text) {
  const parts = text.split('`');
  if (parts.length % 2 === 1) return parts;
  const last = parts.pop();
  return [...parts.slice(0, -1), `${parts.at(-1)}\`${last}`];
}

// A text for a shell, in single quotes where it needs them.
export function shellQuoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
