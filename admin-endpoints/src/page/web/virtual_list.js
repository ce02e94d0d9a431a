// A list of rows of one height, of which only the visible ones are in the document.
import { html, useEffect, useRef, useState } from './vendor/preact_htm.js';

const MARGIN_ROWS = 10;

// Rows are twice as high where a name has a line of its own; `style.css` has the same numbers.
const NARROW = matchMedia('(max-width: 800px)');
const ROW_HEIGHT = 34;
const NARROW_ROW_HEIGHT = 58;

function useRowHeight() {
  const [isNarrow, setIsNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const update = () => setIsNarrow(NARROW.matches);
    NARROW.addEventListener('change', update);
    return () => NARROW.removeEventListener('change', update);
  }, []);
  return isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
}

export function VirtualList({ items, render, label, height = '60vh' }) {
  const box = useRef();
  const rowHeight = useRowHeight();
  const [range, setRange] = useState({ first: 0, count: 40 });
  function update() {
    if (!box.current) return; // an event of a list that is gone
    const { scrollTop, clientHeight } = box.current;
    const first = Math.max(0, Math.floor(scrollTop / rowHeight) - MARGIN_ROWS);
    const count = Math.ceil(clientHeight / rowHeight) + 2 * MARGIN_ROWS;
    setRange((before) => (before.first === first && before.count === count ? before : { first, count }));
  }
  useEffect(() => {
    update();
    const observer = new ResizeObserver(update);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [rowHeight]);
  const first = Math.min(range.first, Math.max(0, items.length - range.count));
  const shown = items.slice(first, first + range.count);
  return html`<div class="virtual" ref=${box} onScroll=${update} tabindex="0" role="group" aria-label=${label}
    style=${{ maxHeight: height }}>
    <div style=${{ height: `${items.length * rowHeight}px`, position: 'relative' }}>
      <div role="list" style=${{ position: 'absolute', top: `${first * rowHeight}px`, left: 0, right: 0 }}>
        ${shown.map((item, at) => render(item, first + at))}
      </div>
    </div>
  </div>`;
}
