// The last values of a series as a line.
import { html } from './vendor/preact_htm.js';

const WIDTH = 120;
const HEIGHT = 24;

export function Sparkline({ values, label }) {
  const known = values.filter(Number.isFinite);
  if (known.length < 2) return html`<span class="sparkline empty" aria-hidden="true"></span>`;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const x = (at) => (at / (values.length - 1)) * WIDTH;
  const y = (value) => (high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4));
  const points = values
    .map((value, at) => (Number.isFinite(value) ? `${x(at).toFixed(1)},${y(value).toFixed(1)}` : null))
    .filter(Boolean)
    .join(' ');
  return html`<svg class="sparkline" viewBox="0 0 ${WIDTH} ${HEIGHT}" width=${WIDTH} height=${HEIGHT} role="img" aria-label=${label}>
    <polyline points=${points} fill="none" stroke="currentColor" stroke-width="1.5" /></svg>`;
}

// The last values of many series, each in a ring of its own; the oldest series are dropped beyond the limit.
export class SeriesHistory {
  constructor(length, maxSeries) {
    this.length = length;
    this.maxSeries = maxSeries;
    this.series = new Map();
    this.turn = 0;
  }

  begin() {
    this.turn += 1;
  }

  add(key, value) {
    let ring = this.series.get(key);
    if (!ring) {
      if (this.series.size >= this.maxSeries) return;
      ring = { values: new Float64Array(this.length).fill(NaN), turn: this.turn };
      this.series.set(key, ring);
    }
    ring.values.copyWithin(0, 1);
    ring.values[this.length - 1] = value;
    ring.turn = this.turn;
  }

  // Series that are not there any more.
  end() {
    for (const [key, ring] of this.series) {
      if (ring.turn !== this.turn) this.series.delete(key);
    }
  }

  values(key) {
    const ring = this.series.get(key);
    if (!ring) return [];
    const values = [...ring.values];
    const start = values.findIndex((value) => !Number.isNaN(value));
    return start < 0 ? [] : values.slice(start);
  }
}
