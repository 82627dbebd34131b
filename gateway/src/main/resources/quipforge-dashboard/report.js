import {element, table} from './dom.js';
import {bytes, duration, figure} from './format.js';

/** The figures of a finished job. */
export function figures(report) {
  const {original, quantized, specialTokens} = report.perplexity ?? {};
  const entries = [
    ['Perplexity, original → quantized', report.perplexity && `${figure(original, 2)} → ${figure(quantized, 2)}`],
    ['Special tokens before each window', specialTokens],
    ['KL divergence, mean', report.klDivergence && `${figure(report.klDivergence.mean, 4)} nats`],
    ['Same first choice', report.topAgreement !== undefined && `${figure(report.topAgreement * 100, 1)} %`],
    ['Size, original → quantized', `${bytes(report.bytes.original)} → ${bytes(report.bytes.quantized)}`],
    ['Linears; embedding, head and norms', `${bytes(report.bytes.linears)}; ${bytes(report.bytes.others)}`],
    ['Bits per weight of the linears', figure(report.bitsPerWeight, 3)],
    ['Bits per parameter of the whole', figure(report.bitsPerParameter, 3)],
    ['Proxy loss, mean', figure(report.proxyLoss.mean, 5)],
    ['Encoded', report.encodeWeightsPerSecond && `${Math.round(report.encodeWeightsPerSecond).toLocaleString()} weights/s`],
    ['Time', duration(report.seconds.total)],
  ];
  return element('section', {'aria-label': 'Report'},
    element('h2', {}, 'Report'),
    element('dl', {class: 'figures'}, entries.filter(([, value]) => value).map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value)))),
    element('details', {}, element('summary', {}, report.experts ? 'Each linear that all tokens go through' : 'Each linear'), linears(report.proxyLoss.linears)));
}

function linears(all) {
  const columns = [
    {name: 'Linear'}, {name: 'Weights', number: true}, {name: 'Bits per weight', number: true},
    {name: 'Proxy loss', number: true}, {name: 'μ of W', number: true}, {name: 'μ of H', number: true},
  ];
  return table('Each linear: size, proxy loss, incoherence before and after the transforms', columns, all.map(linear => element('tr', {},
    element('td', {}, element('code', {}, linear.name)),
    element('td', {class: 'number'}, linear.weights.toLocaleString()),
    element('td', {class: 'number'}, figure(linear.bits / linear.weights, 3)),
    element('td', {class: 'number'}, linear.kept ? `kept: ${linear.kept}` : figure(linear.proxyLoss, 5)),
    element('td', {class: 'number'}, mu(linear.incoherence.weights)),
    element('td', {class: 'number'}, mu(linear.incoherence.hessian)))));
}

/** Incoherence before and after the transforms. */
function mu(measured) {
  return measured ? `${figure(measured.before, 1)} → ${figure(measured.after, 1)}` : '–';
}
