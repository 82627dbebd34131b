import {drawing} from './dom.js';

const WIDTH = 240;
const HEIGHT = 60;
const EDGE = 4;

/**
 * The course of a loss as a picture: what it was before the first epoch, then after each, and a mark at the state that was kept.
 *
 * @param {string} label for those who do not see it
 * @param {{lossBefore: number, lossAfter: number, curve: number[]}} training
 */
export function curve(label, {lossBefore, lossAfter, curve: epochs}) {
  const losses = [lossBefore, ...epochs];
  const highest = Math.max(...losses);
  const span = highest - Math.min(...losses) || 1;
  const x = index => EDGE + (WIDTH - 2 * EDGE) * index / Math.max(1, losses.length - 1);
  const y = loss => EDGE + (HEIGHT - 2 * EDGE) * (highest - loss) / span;
  const kept = losses.indexOf(lossAfter);
  return drawing('svg', {class: 'curve', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img',
    'aria-label': `${label}: ${losses.map(loss => loss.toPrecision(4)).join(', ')}`},
  drawing('polyline', {points: losses.map((loss, index) => `${x(index).toFixed(1)},${y(loss).toFixed(1)}`).join(' ')}),
  kept < 0 ? null : drawing('circle', {cx: x(kept).toFixed(1), cy: y(lossAfter).toFixed(1), r: 3}));
}
