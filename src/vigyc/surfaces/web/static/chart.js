// From series of numbers over time to a chart that follows the size of its place and the colours of the page.
import { h } from "./dom.js";

let loading = null;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = h("script", { src: new URL("./vendor/uPlot.iife.min.js", import.meta.url).href });
    script.addEventListener("load", () => resolve(window.uPlot));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A chart of `lines`, [name, colour, {bars, unit}]; `set([times, ...values])` draws them. Times are seconds.
 * The place has a text for those who cannot see it. */
export function chart(label, lines, { height = 150, unit = (value) => value } = {}) {
  const place = h("div", { class: "chart", role: "img", "aria-label": label });
  let plot = null;
  let data = null;
  let closed = false;

  const axis = (more) => ({ stroke: colour("faint"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif", ...more });
  const build = async () => {
    const Plot = await library();
    if (closed || !place.clientWidth) return;
    plot?.destroy();
    const series = lines.map(([name, hue, { bars = false, fill = false } = {}]) => ({
      label: name, stroke: colour(hue), width: bars ? 0 : 1.5, fill: bars ? colour(hue) : fill ? `${colour(hue)}1f` : undefined, points: { show: false },
      paths: bars ? Plot.paths.bars({ size: [0.8, 14] }) : undefined, value: (_, value) => (value === null || value === undefined ? "–" : unit(value)),
    }));
    plot = new Plot({
      width: place.clientWidth, height, series: [{ value: (_, value) => (value ? new Date(value * 1000).toLocaleTimeString([], { hour12: false }) : "–") }, ...series],
      axes: [axis({ space: 70, size: 28, values: (_, splits) => splits.map((at) => new Date(at * 1000).toLocaleTimeString([], { hour12: false })) }), axis({ size: 56, values: (_, splits) => splits.map(unit) })],
      scales: { y: { range: (_, low, high) => [0, Math.max(high ?? 0, 1e-9) * 1.1 || 1] } },
      cursor: { points: { size: 6 }, drag: { x: false, y: false } }, legend: { live: true },
    }, data ?? [[], ...lines.map(() => [])], place);
  };
  const sized = new ResizeObserver(() => { if (plot) plot.setSize({ width: place.clientWidth, height }); else if (place.clientWidth) build(); });
  const themed = () => { if (plot) build(); };
  sized.observe(place);
  addEventListener("vigyc-theme", themed);
  return {
    node: place,
    set(given) { data = given; plot?.setData(given); },
    close() { closed = true; sized.disconnect(); removeEventListener("vigyc-theme", themed); plot?.destroy(); },
  };
}
